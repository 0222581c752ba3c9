"""Routing settings as the REST face takes and shows them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.money import MoneyIn, worth_in
from desk.names import Key
from desk.routing_settings.domain import (
    LONGEST_PATIENCE,
    MOST_THRESHOLDS,
    MOST_TIERS,
    RoutingPreferences,
    RoutingSettings,
    Threshold,
    WaitingTickets,
)
from desk.routing_settings.storage import document_of
from desk.ticket_facts.domain import Priority

Minutes = Annotated[int, Field(ge=0, le=LONGEST_PATIENCE)]


class ThresholdIn(Body):
    """From where on a customer is valuable: in one of the tiers, or worth so much, as loyalty says.

    Their tickets are looked at with at least the priority `raise_to`. Money of another currency is
    not compared.
    """

    tiers: Annotated[tuple[Key, ...], Field(max_length=MOST_TIERS)] = ()
    least_value: MoneyIn | None = None
    raise_to: Priority


class RoutingSettingsIn(Body):
    """How tickets are routed.

    `waiting_tickets` says if tickets that wait for somebody else stay with an agent who goes. An
    agent's open tickets find others when the agent has been away, or offline, for so many minutes;
    null is never.
    """

    waiting_tickets: WaitingTickets = WaitingTickets.STAY
    away_minutes: Minutes | None = 30
    offline_minutes: Minutes | None = None
    valuable: Annotated[tuple[ThresholdIn, ...], Field(max_length=MOST_THRESHOLDS)] = ()


class RoutingSettingsOut(BaseModel):
    """The settings."""

    version: int
    waiting_tickets: WaitingTickets
    away_minutes: int | None
    offline_minutes: int | None
    valuable: list[ThresholdIn]


def preferences_in(body: RoutingSettingsIn) -> RoutingPreferences:
    """What a body chooses. Raises `Invalid` for money that cannot be."""
    return RoutingPreferences(
        waiting_tickets=body.waiting_tickets,
        away_minutes=body.away_minutes,
        offline_minutes=body.offline_minutes,
        valuable=tuple(_threshold(place, one) for place, one in enumerate(body.valuable)),
    )


def shown(settings: RoutingSettings) -> dict[str, Any]:
    """The settings as the API shows them."""
    chosen = settings.preferences
    return {
        "version": settings.version,
        "waiting_tickets": chosen.waiting_tickets,
        "away_minutes": chosen.away_minutes,
        "offline_minutes": chosen.offline_minutes,
        "valuable": [document_of(one) for one in chosen.valuable],
    }


def _threshold(place: int, body: ThresholdIn) -> Threshold:
    least = body.least_value
    pointer = f"/valuable/{place}/least_value"
    return Threshold(
        raise_to=body.raise_to,
        tiers=body.tiers,
        least_value=None if least is None else worth_in(least, pointer),
    )
