"""Facts about opportunities to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import opportunity_events_pb2 as events
from rapport.sales.v1.opportunity_pb2 import OpportunityHeader
from sales.encoding import id_or_none, moment, moment_or_none, money_or_none
from sales.opportunities.domain import (
    OpportunityChanged,
    OpportunityLost,
    OpportunityMoved,
    OpportunityOpened,
    OpportunityReopened,
    OpportunityStageTimeExceeded,
    OpportunityWon,
    Standing,
)


def _opened(fact: OpportunityOpened) -> events.OpportunityOpened:
    standing = fact.standing
    return events.OpportunityOpened(
        opportunity_id=str(standing.opportunity_id),
        person_id=id_or_none(standing.details.person_id),
        opportunity=_header(standing),
        amount=money_or_none(standing.details.amount),
        opened_at=moment(fact.opportunity.opened_at),
    )


def _changed(fact: OpportunityChanged) -> events.OpportunityChanged:
    standing, before = fact.standing, fact.before
    taken = before.owner_id if before.owner_id != standing.details.owner_id else None
    revalued = fact.base_before if fact.base_before != standing.base_amount else None
    return events.OpportunityChanged(
        opportunity_id=str(standing.opportunity_id),
        changed_fields=fact.changed_fields,
        opportunity=_header(standing),
        previous_owner_id=id_or_none(taken),
        previous_base_amount=money_or_none(revalued),
    )


def _moved(fact: OpportunityMoved) -> events.OpportunityMoved:
    return events.OpportunityMoved(
        opportunity_id=str(fact.standing.opportunity_id),
        opportunity=_header(fact.standing),
        from_stage=fact.from_stage,
        entered_at=moment(fact.entered_at),
        moved_at=moment(fact.at),
    )


def _won(fact: OpportunityWon) -> events.OpportunityWon:
    standing = fact.standing
    return events.OpportunityWon(
        opportunity_id=str(standing.opportunity_id),
        person_id=id_or_none(standing.details.person_id),
        opportunity=_header(standing),
        amount=money_or_none(standing.details.amount),
        from_stage=fact.from_stage,
        opened_at=moment(fact.opened_at),
        won_at=moment(fact.at),
    )


def _lost(fact: OpportunityLost) -> events.OpportunityLost:
    standing = fact.standing
    return events.OpportunityLost(
        opportunity_id=str(standing.opportunity_id),
        person_id=id_or_none(standing.details.person_id),
        opportunity=_header(standing),
        amount=money_or_none(standing.details.amount),
        from_stage=fact.from_stage,
        reason=fact.reason,
        opened_at=moment(fact.opened_at),
        lost_at=moment(fact.at),
    )


def _reopened(fact: OpportunityReopened) -> events.OpportunityReopened:
    return events.OpportunityReopened(
        opportunity_id=str(fact.standing.opportunity_id),
        opportunity=_header(fact.standing),
        from_stage=fact.from_stage,
        reopened_at=moment(fact.at),
    )


def _exceeded(fact: OpportunityStageTimeExceeded) -> events.OpportunityStageTimeExceeded:
    return events.OpportunityStageTimeExceeded(
        opportunity_id=str(fact.standing.opportunity_id),
        opportunity=_header(fact.standing),
        entered_at=moment(fact.entered_at),
        max_days=fact.max_days,
    )


def _header(standing: Standing) -> OpportunityHeader:
    details, course = standing.details, standing.course
    expected = details.expected_close_on
    return OpportunityHeader(
        opportunity_id=str(standing.opportunity_id),
        pipeline_id=str(standing.pipeline_id),
        stage=standing.stage,
        probability=standing.probability,
        person_id=id_or_none(details.person_id),
        company_id=id_or_none(details.company_id),
        owner_id=id_or_none(details.owner_id),
        amount=money_or_none(details.amount),
        base_amount=money_or_none(standing.base_amount),
        expected_close_on="" if expected is None else expected.isoformat(),
        forecast_category=standing.forecasts_as,
        state=course.state,
        entry=course.entry.number,
        entered_at=moment(course.entry.at),
        opened_at=moment(course.opened_at),
        closed_at=moment_or_none(course.closed_at),
        loss_reason=course.loss_reason,
        source=details.source,
        channel=details.channel,
        branch=details.branch,
        industry=details.industry,
        product_ids=sorted(map(str, details.product_ids)),
        lead_id=id_or_none(standing.lead_id),
    )


OPPORTUNITY_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    OpportunityOpened: _opened,
    OpportunityChanged: _changed,
    OpportunityMoved: _moved,
    OpportunityWon: _won,
    OpportunityLost: _lost,
    OpportunityReopened: _reopened,
    OpportunityStageTimeExceeded: _exceeded,
}
