"""Who counts as a valuable customer, and what becomes of the tickets of who is away (DE-5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from chassis.domain import Aggregate, Fact, Money
from desk.agents.domain import AgentStatus
from desk.ticket_facts.domain import Priority

MOST_THRESHOLDS = 50
MOST_TIERS = 50
LONGEST_PATIENCE = 7 * 24 * 60
"""In minutes."""


class WaitingTickets(StrEnum):
    """What becomes of tickets that wait for somebody else when their agent goes."""

    STAY = "stay"
    GO = "go"


@dataclass(frozen=True, slots=True)
class Threshold:
    """From where on a customer is valuable: one of the tiers, or so much money, and what follows.

    Money of another currency than the customer's is not compared.
    """

    raise_to: Priority
    tiers: tuple[str, ...] = ()
    least_value: Money | None = None

    def is_reached(self, tier: str, value: Money | None) -> bool:
        """Whether a customer of this tier and value is beyond it."""
        if tier and tier in self.tiers:
            return True
        least = self.least_value
        if least is None or value is None or least.currency != value.currency:
            return False
        return value.amount >= least.amount


@dataclass(frozen=True, slots=True)
class RoutingPreferences:
    """What a tenant chooses.

    An agent's tickets find others when the agent has been away, or offline, for so many minutes;
    None is never. Who is absent, archived or may not sign in has none at once.
    """

    waiting_tickets: WaitingTickets = WaitingTickets.STAY
    away_minutes: int | None = 30
    offline_minutes: int | None = None
    valuable: tuple[Threshold, ...] = ()

    def patience(self, status: AgentStatus) -> int | None:
        """After how many minutes in this status an agent's tickets find others; None is never."""
        if status is AgentStatus.AWAY:
            return self.away_minutes
        return self.offline_minutes if status is AgentStatus.OFFLINE else None

    def raised(self, priority: Priority, tier: str, value: Money | None) -> Priority:
        """The priority of a ticket of such a customer: never lower than it was."""
        reached = [one.raise_to for one in self.valuable if one.is_reached(tier, value)]
        return highest([priority, *reached])


@dataclass(frozen=True, slots=True)
class RoutingSettingsChanged(Fact):
    """The tenant has chosen otherwise."""

    preferences: RoutingPreferences


@dataclass(kw_only=True)
class RoutingSettings(Aggregate):
    """The one routing settings of a tenant."""

    preferences: RoutingPreferences = RoutingPreferences()

    def change(self, preferences: RoutingPreferences) -> None:
        """Choose otherwise; nothing happens when nothing differs."""
        if preferences != self.preferences:
            self.preferences = preferences
            self.record(RoutingSettingsChanged(preferences))


def highest(priorities: Iterable[Priority]) -> Priority:
    """The most urgent of priorities."""
    return max(priorities, key=list(Priority).index)
