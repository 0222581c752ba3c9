"""What an agent has promised to a customer: to be in touch by a time (DE-4).

A promise is kept by what comes before its time; at the very instant it is broken. What is broken can
still be kept, late. Closing a ticket ends no promise: whoever gave it still has to keep it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid
from desk.ticket_facts.domain import TicketHeader

MOST_OPEN = 20
"""How many promises a ticket may have that were neither kept nor withdrawn."""
FARTHEST = timedelta(days=366)
"""How far ahead one may promise."""


class PromiseStatus(StrEnum):
    """How a promise stands."""

    OPEN = "open"
    BROKEN = "broken"
    KEPT = "kept"
    WITHDRAWN = "withdrawn"


PENDING = frozenset((PromiseStatus.OPEN, PromiseStatus.BROKEN))


class ContactBy(StrEnum):
    """By what the customer is to hear from the desk."""

    PHONE = "phone"
    EMAIL = "email"
    CHAT = "chat"
    ANY = "any"


class KeptBy(StrEnum):
    """What has kept a promise."""

    MANUAL = "manual"
    REPLY = "reply"
    PHONE_NOTE = "phone_note"


@dataclass(frozen=True, slots=True)
class PromiseTold:
    """What facts say of a promise."""

    promise_id: UUID
    due_at: datetime
    contact_by: ContactBy
    user_id: UUID | None
    status: PromiseStatus
    rescheduled: int


@dataclass(frozen=True, slots=True)
class PromiseFact(Fact):
    """Something that happened to a promise; `at` is when."""

    ticket: TicketHeader
    promise: PromiseTold
    at: datetime


@dataclass(frozen=True, slots=True)
class PromiseMade(PromiseFact):
    """A customer was promised to hear from the desk."""


@dataclass(frozen=True, slots=True)
class PromiseRescheduled(PromiseFact):
    """A promise is for another time."""

    previous_due_at: datetime


@dataclass(frozen=True, slots=True)
class PromiseReminded(PromiseFact):
    """The time promised draws near."""


@dataclass(frozen=True, slots=True)
class PromiseKept(PromiseFact):
    """The customer has heard from the desk."""

    late: bool
    kept_by: KeptBy


@dataclass(frozen=True, slots=True)
class PromiseBroken(PromiseFact):
    """The time promised has come, and the customer has not heard."""


@dataclass(frozen=True, slots=True)
class PromiseWithdrawn(PromiseFact):
    """The customer need not be contacted any more."""


@dataclass(frozen=True, slots=True)
class PromiseMoved(PromiseFact):
    """A promise is about another ticket."""

    from_ticket_id: UUID


@dataclass(frozen=True, slots=True)
class Promised:
    """What was promised: by when, by what, and who has to keep it.

    `remind_minutes` before it there is a reminder. With `kept_by_reply` a public reply keeps it, and
    a note of a call as well. The note is the agent's own.
    """

    due_at: datetime
    contact_by: ContactBy = ContactBy.ANY
    note: str = ""
    user_id: UUID | None = None
    remind_minutes: int | None = 15
    kept_by_reply: bool = True


@dataclass(frozen=True, slots=True)
class Rescheduling:
    """A time that was promised before, and why it is another one now."""

    from_due_at: datetime
    to_due_at: datetime
    reason: str
    at: datetime
    by: str


@dataclass(kw_only=True)
class Promise(Aggregate):
    """A promise. `moves` are those that are still to be kept; the rest is stored already.

    `origin_ticket_id` is the ticket that it was made by, where that was merged into another since.
    """

    ticket_id: UUID
    promised: Promised
    made_by: str
    made_at: datetime
    status: PromiseStatus = PromiseStatus.OPEN
    queue_id: UUID | None = None
    reminded_at: datetime | None = None
    broken_at: datetime | None = None
    kept_at: datetime | None = None
    kept_by: KeptBy | None = None
    withdrawn_at: datetime | None = None
    rescheduled: int = 0
    origin_ticket_id: UUID | None = None
    moves: list[Rescheduling] = field(default_factory=list, repr=False, compare=False)

    @property
    def due_at(self) -> datetime:
        """By when it has to be kept."""
        return self.promised.due_at

    @property
    def remind_at(self) -> datetime | None:
        """When there is a reminder; None when there is none, or was one."""
        minutes = self.promised.remind_minutes
        if minutes is None or self.reminded_at is not None:
            return None
        return self.due_at - timedelta(minutes=minutes)

    @property
    def next_at(self) -> datetime | None:
        """When it reminds or breaks next; None while it does neither."""
        if self.status is not PromiseStatus.OPEN:
            return None
        return self.due_at if self.remind_at is None else min(self.remind_at, self.due_at)

    @property
    def settled_at(self) -> datetime | None:
        """When it was known whether it is kept in time."""
        return self.broken_at or self.kept_at

    def make(self, ticket: TicketHeader) -> None:
        """Come into being. Raises `Invalid` for a time that has passed, or is too far away."""
        _require_ahead(self.due_at, self.made_at)
        self.record(PromiseMade(ticket, self._told, self.made_at))

    def pass_time(self, ticket: TicketHeader, now: datetime) -> None:
        """Remind or break if the time for it has come; neither happens twice for one time promised."""
        if self.status is not PromiseStatus.OPEN:
            return
        if now >= self.due_at:
            self.status, self.broken_at = PromiseStatus.BROKEN, self.due_at
            self.record(PromiseBroken(ticket, self._told, self.due_at))
        elif self.remind_at is not None and now >= self.remind_at:
            self.reminded_at = now
            self.record(PromiseReminded(ticket, self._told, now))

    def keep(self, ticket: TicketHeader, kept_by: KeptBy, now: datetime) -> None:
        """Note that the customer has heard. Raises `Conflict` for one that was kept or withdrawn."""
        self._require_pending()
        self.pass_time(ticket, now)
        late = self.broken_at is not None
        self.status, self.kept_at, self.kept_by = PromiseStatus.KEPT, now, kept_by
        self.record(PromiseKept(ticket, self._told, now, late, kept_by))

    def reschedule(
        self, ticket: TicketHeader, to_due_at: datetime, reason: str, by: str, now: datetime
    ) -> None:
        """Be for another time, as the customer wishes; reminded anew.

        Raises `Invalid` for a time that has passed, `Conflict` for one that is not open: what was
        broken stays so.
        """
        self.pass_time(ticket, now)
        if self.status is not PromiseStatus.OPEN:
            message = f"The promise is {self.status}: its time stays as it is."
            raise Conflict(message, code="promise_not_open")
        _require_ahead(to_due_at, now)
        if to_due_at == self.due_at:
            return
        before = self.due_at
        self.promised = replace(self.promised, due_at=to_due_at)
        self.rescheduled, self.reminded_at = self.rescheduled + 1, None
        self.moves.append(Rescheduling(before, to_due_at, reason, now, by))
        self.record(PromiseRescheduled(ticket, self._told, now, before))

    def hand_over(self, user_id: UUID | None) -> None:
        """Be another user's to keep: whoever had to may not sign in any more."""
        self.promised = replace(self.promised, user_id=user_id)

    def withdraw(self, ticket: TicketHeader, now: datetime) -> None:
        """Have nothing be promised any more; what was broken before stays broken.

        Raises `Conflict` for one that is not open.
        """
        self.pass_time(ticket, now)
        if self.status is PromiseStatus.WITHDRAWN:
            return
        if self.status is not PromiseStatus.OPEN:
            message = f"The promise is {self.status}: it can be withdrawn no more."
            raise Conflict(message, code="promise_not_open")
        self.status, self.withdrawn_at = PromiseStatus.WITHDRAWN, now
        self.record(PromiseWithdrawn(ticket, self._told, now))

    def move_to(self, ticket: TicketHeader, now: datetime) -> None:
        """Be about another ticket, into which its own was merged."""
        before, self.ticket_id = self.ticket_id, ticket.ticket_id
        self.origin_ticket_id = self.origin_ticket_id or before
        self.record(PromiseMoved(ticket, self._told, now, before))

    def _require_pending(self) -> None:
        if self.status not in PENDING:
            message = f"The promise is {self.status} already."
            raise Conflict(message, code="promise_settled")

    @property
    def _told(self) -> PromiseTold:
        return PromiseTold(
            promise_id=self.id,
            due_at=self.due_at,
            contact_by=self.promised.contact_by,
            user_id=self.promised.user_id,
            status=self.status,
            rescheduled=self.rescheduled,
        )


def _require_ahead(due_at: datetime, now: datetime) -> None:
    if due_at <= now:
        message = "A promise is for a time to come."
        raise Invalid.at("/due_at", "promise_not_ahead", message)
    if due_at > now + FARTHEST:
        message = f"A promise is for at most {FARTHEST.days} days ahead."
        raise Invalid.at("/due_at", "promise_too_far", message)
