"""Facts about how points move to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.encoding import id_or_none, moment, moment_or_none
from loyalty.ledger import domain
from rapport.loyalty.events.v1 import points_events_pb2 as events
from rapport.loyalty.v1 import points_pb2


def _common(given: domain.Movement, points: int) -> dict[str, Any]:
    """The fields that all these facts have."""
    posting = given.posting
    return {
        "member_id": str(posting.member_id),
        "program_id": str(given.program_id),
        "person_id": id_or_none(given.person_id),
        "points": points,
        "movement": points_pb2.PointsMovement(
            transaction_id=str(posting.id),
            cause=points_pb2.PointsCause(
                kind=posting.cause.kind, key=posting.cause.key, reference=posting.cause.reference
            ),
            at=moment(posting.at),
            balance=points_pb2.PointsBalance(
                pending=given.pending, available=given.available, reserved=given.reserved
            ),
        ),
    }


def _earned(fact: domain.PointsEarned) -> events.PointsEarned:
    return events.PointsEarned(
        **_common(fact.movement, fact.movement.posting.points),
        counts_from=moment_or_none(fact.counts_from),
        expires_at=moment_or_none(fact.expires_at),
    )


def _released(fact: domain.PointsReleased) -> events.PointsReleased:
    return events.PointsReleased(**_common(fact.movement, fact.movement.posting.points))


def _reserved(fact: domain.PointsReserved) -> events.PointsReserved:
    return events.PointsReserved(**_common(fact.movement, fact.movement.posting.points))


def _cancelled(fact: domain.PointsReservationCancelled) -> events.PointsReservationCancelled:
    posting = fact.movement.posting
    free = posting.points - posting.expired
    return events.PointsReservationCancelled(
        **_common(fact.movement, free), expired=posting.expired
    )


def _redeemed(fact: domain.PointsRedeemed) -> events.PointsRedeemed:
    return events.PointsRedeemed(**_common(fact.movement, fact.movement.posting.points))


def _restored(fact: domain.PointsRestored) -> events.PointsRestored:
    posting = fact.movement.posting
    free = posting.points - posting.expired
    return events.PointsRestored(**_common(fact.movement, free), expired=posting.expired)


def _reversed(fact: domain.PointsReversed) -> events.PointsReversed:
    posting = fact.movement.posting
    taken = posting.points - posting.short
    return events.PointsReversed(**_common(fact.movement, taken), written_off=posting.short)


def _expired(fact: domain.PointsExpired) -> events.PointsExpired:
    return events.PointsExpired(**_common(fact.movement, fact.movement.posting.points))


def _moved(fact: domain.PointsMoved) -> events.PointsMoved:
    return events.PointsMoved(
        **_common(fact.movement, fact.movement.posting.points),
        other_member_id=str(fact.other_member_id),
    )


POINTS_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.PointsEarned: _earned,
    domain.PointsReleased: _released,
    domain.PointsReserved: _reserved,
    domain.PointsReservationCancelled: _cancelled,
    domain.PointsRedeemed: _redeemed,
    domain.PointsRestored: _restored,
    domain.PointsReversed: _reversed,
    domain.PointsExpired: _expired,
    domain.PointsMoved: _moved,
}
