"""Facts about adjustments to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.adjustments import domain
from loyalty.adjustments.domain import Adjustment, AdjustmentState
from loyalty.encoding import id_or_none, moment_or_none
from rapport.loyalty.events.v1 import adjustment_events_pb2 as events
from rapport.loyalty.v1 import adjustment_pb2


def _requested(fact: domain.AdjustmentRequested) -> events.AdjustmentRequested:
    return events.AdjustmentRequested(
        **_common(fact.adjustment),
        reason=fact.adjustment.reason,
        waits_until=moment_or_none(fact.adjustment.waits_until),
    )


def _made(fact: domain.AdjustmentApplied) -> events.AdjustmentApplied:
    return events.AdjustmentApplied(
        **_common(fact.adjustment),
        transaction_id=str(fact.adjustment.transaction_id),
        approved_by=fact.adjustment.decided_by,
    )


def _rejected(fact: domain.AdjustmentRejected) -> events.AdjustmentRejected:
    return events.AdjustmentRejected(
        **_common(fact.adjustment), reason=fact.adjustment.decision_reason
    )


def _lapsed(fact: domain.AdjustmentLapsed) -> events.AdjustmentLapsed:
    withdrawn = fact.adjustment.state is AdjustmentState.WITHDRAWN
    return events.AdjustmentLapsed(**_common(fact.adjustment), withdrawn=withdrawn)


def _common(given: Adjustment) -> dict[str, Any]:
    return {
        "adjustment_id": str(given.id),
        "adjustment": adjustment_pb2.Adjustment(
            member_id=str(given.member_id),
            program_id=str(given.program_id),
            person_id=id_or_none(given.person_id),
            expires_at=moment_or_none(given.expires_at),
            points=given.points,
            asked_by=given.asked_by,
        ),
    }


ADJUSTMENT_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.AdjustmentRequested: _requested,
    domain.AdjustmentApplied: _made,
    domain.AdjustmentRejected: _rejected,
    domain.AdjustmentLapsed: _lapsed,
}
