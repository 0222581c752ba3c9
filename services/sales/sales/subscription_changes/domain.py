"""What happens to subscriptions: what is planned, what time does, and what is told of it (SA-12)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from chassis.domain import Fact, Money
from sales.recurring_revenue.domain import Movement, SubscriptionLine
from sales.subscription_terms.domain import SubscriptionTerms


class SubscriptionStatus(StrEnum):
    """Whether it runs. One whose first day is still to come runs already."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class SubscriptionDetails:
    """Whose it is, and where it came from."""

    name: str
    person_id: UUID | None = None
    company_id: UUID | None = None
    owner_id: UUID | None = None
    order_id: UUID | None = None
    opportunity_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """What is subscribed to from a later day on."""

    effective_on: date
    lines: tuple[SubscriptionLine, ...]


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Why it ends, by the key of a reason; with its term, unless a day is named."""

    reason: str
    note: str
    on: date
    ends_on: date | None = None
    notice_waived: bool = False


class StepKind(StrEnum):
    """What time does to a subscription."""

    RESUME = "resume"
    CHANGE = "change"
    REMIND = "remind"
    END = "end"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that time does, with the day on which it does so."""

    day: date
    kind: StepKind


@dataclass(frozen=True, slots=True)
class Standing:
    """What facts say of a subscription: whose it is, its term, and what it brings."""

    subscription_id: UUID
    details: SubscriptionDetails
    term_starts_on: date
    ends_on: date
    mrr: Money
    arr: Money


@dataclass(frozen=True, slots=True)
class SubscriptionStarted(Fact):
    """A customer has subscribed."""

    standing: Standing
    movement: Movement


@dataclass(frozen=True, slots=True)
class SubscriptionChanged(Fact):
    """Something about it is different, or is about to be."""

    standing: Standing
    changed_fields: tuple[str, ...]
    movement: Movement | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionPaused(Fact):
    """It rests."""

    standing: Standing
    movement: Movement
    resumes_on: date | None


@dataclass(frozen=True, slots=True)
class SubscriptionResumed(Fact):
    """It goes on."""

    standing: Standing
    movement: Movement


@dataclass(frozen=True, slots=True)
class SubscriptionCancelled(Fact):
    """It will end."""

    standing: Standing
    cancellation: Cancellation


@dataclass(frozen=True, slots=True)
class SubscriptionCancellationWithdrawn(Fact):
    """It will not end after all."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class SubscriptionRenewalReminderReached(Fact):
    """The end of its term is near."""

    standing: Standing
    days_left: int
    renews_by_itself: bool
    renewal_opportunity_id: UUID | None


@dataclass(frozen=True, slots=True)
class SubscriptionRenewed(Fact):
    """It has a further term."""

    standing: Standing
    by_itself: bool


@dataclass(frozen=True, slots=True)
class SubscriptionEnded(Fact):
    """It is over."""

    standing: Standing
    movement: Movement
    reason: str


@dataclass(frozen=True, slots=True)
class SubscriptionReactivated(Fact):
    """It goes on after it was over."""

    standing: Standing
    movement: Movement


T = TypeVar("T", SubscriptionDetails, SubscriptionTerms)


def differing(old: T, new: T) -> list[str]:
    """The names of what is different between two of a kind."""
    names = [one.name for one in fields(old)]
    return [name for name in names if getattr(old, name) != getattr(new, name)]
