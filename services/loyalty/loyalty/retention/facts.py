"""Facts about retention to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.encoding import moment, money_or_none
from loyalty.retention import domain
from rapport.loyalty.events.v1 import retention_events_pb2 as events


def _changed(fact: domain.RetentionDefinitionChanged) -> events.RetentionDefinitionChanged:
    return events.RetentionDefinitionChanged(
        drift_factor=f"{fact.drift_factor:f}", lapse_factor=f"{fact.lapse_factor:f}"
    )


def _drifting(fact: domain.MemberDrifted) -> events.MemberDrifted:
    return events.MemberDrifted(**_away(fact))


def _lapsed(fact: domain.MemberLapsed) -> events.MemberLapsed:
    return events.MemberLapsed(
        **_away(fact),
        timing=fact.timing,
        order_reason=fact.order_reason,
        turnover=money_or_none(fact.turnover),
    )


def _away(fact: domain.MemberDrifted | domain.MemberLapsed) -> dict[str, Any]:
    return {
        "person_id": str(fact.person_id),
        "since": moment(fact.since),
        "last_bought_at": moment(fact.last_bought_at),
        "category": fact.category,
        "cycle_days": fact.cycle_days,
        "value_band": fact.value_band or "",
    }


def _returned(fact: domain.MemberReturned) -> events.MemberReturned:
    return events.MemberReturned(
        person_id=str(fact.person_id),
        returned_at=moment(fact.returned_at),
        from_state=fact.from_state,
    )


def _reason(fact: domain.LossReasonEntered) -> events.LossReasonEntered:
    return events.LossReasonEntered(person_id=str(fact.person_id), reason=fact.reason)


RETENTION_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.RetentionDefinitionChanged: _changed,
    domain.MemberDrifted: _drifting,
    domain.MemberLapsed: _lapsed,
    domain.MemberReturned: _returned,
    domain.LossReasonEntered: _reason,
}
