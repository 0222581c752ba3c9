"""Facts about standings to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from loyalty.encoding import id_or_none, moment
from loyalty.tier_standings.domain import (
    TierEndangered,
    TierGranted,
    TierGrantEnded,
    TierLost,
    TierReached,
    TierStanding,
)
from rapport.loyalty.events.v1 import tier_standing_events_pb2 as events


def _reached(fact: TierReached) -> events.TierReached:
    return events.TierReached(
        **_about(fact.standing, fact.person_id),
        tier=fact.after,
        previous_tier=fact.before or "",
        cause=fact.cause,
    )


def _lost(fact: TierLost) -> events.TierLost:
    return events.TierLost(
        **_about(fact.standing, fact.person_id),
        tier=fact.after or "",
        previous_tier=fact.before,
        cause=fact.cause,
    )


def _endangered(fact: TierEndangered) -> events.TierEndangered:
    return events.TierEndangered(
        **_about(fact.standing, fact.person_id), tier=fact.tier, loses_at=moment(fact.loses_at)
    )


def _granted(fact: TierGranted) -> events.TierGranted:
    grant = fact.grant
    return events.TierGranted(
        **_about(fact.standing, fact.person_id),
        tier=grant.tier,
        until=moment(grant.until),
        reason=grant.reason,
    )


def _grant_ended(fact: TierGrantEnded) -> events.TierGrantEnded:
    return events.TierGrantEnded(**_about(fact.standing, fact.person_id), tier=fact.tier)


def _about(standing: TierStanding, person_id: UUID | None) -> dict[str, Any]:
    return {
        "member_id": str(standing.id),
        "program_id": str(standing.program_id),
        "person_id": id_or_none(person_id),
    }


TIER_STANDING_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    TierReached: _reached,
    TierLost: _lost,
    TierEndangered: _endangered,
    TierGranted: _granted,
    TierGrantEnded: _grant_ended,
}
