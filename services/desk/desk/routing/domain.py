"""What was decided about where a ticket goes, to whom, and how soon it is looked at (DE-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact, Money
from desk.agents.domain import Skill
from desk.ticket_facts.domain import Priority, TicketHeader


class Purpose(StrEnum):
    """What is to be decided.

    `route`: queue, priority and agent, of what is new. `assign`: an agent in the queue that it is in.
    `appraise`: anew, since something is known of the customer now. `pull`: an agent took it.
    `refill`: an agent had become free.
    """

    ROUTE = "route"
    ASSIGN = "assign"
    APPRAISE = "appraise"
    PULL = "pull"
    REFILL = "refill"


BY_ROUTING = frozenset(("routing", "refill", "pull", "agent_away"))
"""The causes of assignments after which routing has nothing left to do."""


class NoAgent(StrEnum):
    """Why nobody has a ticket after it was decided."""

    NO_QUEUE = "no_queue"
    MANUAL_QUEUE = "manual_queue"
    NOBODY_FREE = "nobody_free"


@dataclass(frozen=True, slots=True)
class Considered:
    """A rule that was tried, if it took the ticket, and why its condition could not be judged."""

    routing_rule_id: UUID
    taken: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """An agent who did not get it, and why: `away`, `full`, `lacks_skill` and the like."""

    agent_id: UUID
    because: str


@dataclass(frozen=True, slots=True)
class Need:
    """What a ticket needs of who takes care of it: skills, and a language; empty is any."""

    skills: tuple[Skill, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What other services have said of the customer; `missing` names those that gave no answer."""

    tier: str = ""
    value: Money | None = None
    owner_id: UUID | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ticket is, with whom, and how soon somebody should look at it."""

    queue_id: UUID | None
    assignee_id: UUID | None
    priority: Priority


@dataclass(frozen=True, slots=True)
class TicketRouted(Fact):
    """It was decided where a ticket goes, to whom, or how soon it is looked at."""

    ticket: TicketHeader
    decision: RoutingDecision


@dataclass(kw_only=True)
class RoutingDecision(Aggregate):
    """One decision, with all that it was made from; it never changes."""

    ticket_id: UUID
    purpose: Purpose
    routing_rule_id: UUID | None
    before: Place
    after: Place
    reason: NoAgent | None
    heard: Heard
    need: Need
    considered: tuple[Considered, ...]
    skipped: tuple[Skipped, ...]
    decided_at: datetime

    def tell(self, ticket: TicketHeader) -> None:
        """Say what was decided; `ticket` is as it stands after it."""
        self.record(TicketRouted(ticket, self))
