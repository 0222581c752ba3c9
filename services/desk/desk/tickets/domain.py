"""What a ticket is, how it stands, and what may happen to one (DE-1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Invalid
from desk.ticket_facts.domain import (
    SETTLED,
    Channel,
    ConversationWentOn,
    LinkKind,
    Priority,
    Status,
    TicketAssigned,
    TicketChanged,
    TicketClosed,
    TicketHeader,
    TicketLinked,
    TicketMerged,
    TicketOpened,
    TicketReopened,
    TicketResolved,
    TicketSplit,
    TicketStatusChanged,
    TicketType,
    TicketUnlinked,
)

MOST_TAGS = 50
MOST_EXTERNAL_IDS = 20
MANUAL = "manual"
Value = str | bool | None
"""A value of a custom field; a number or a date is kept as its text."""


@dataclass(frozen=True, slots=True)
class ExternalId:
    """What another system calls it."""

    system: str
    id: str


@dataclass(frozen=True, slots=True)
class TicketDetails:
    """Everything about a ticket that somebody may enter; where it goes is said by the rest.

    `requester_address` is the e-mail address of whoever is not known as a person yet.
    """

    subject: str = ""
    person_id: UUID | None = None
    company_id: UUID | None = None
    requester_address: str = ""
    type: TicketType = TicketType.QUESTION
    priority: Priority = Priority.NORMAL
    product_sku: str = ""
    asset_id: UUID | None = None
    tags: tuple[str, ...] = ()
    custom_fields: Mapping[str, Value] = field(default_factory=dict)
    language: str = ""
    channel: Channel = Channel.API
    external_ids: tuple[ExternalId, ...] = ()
    problem_id: UUID | None = None


CHANGEABLE = tuple(
    one.name for one in fields(TicketDetails) if one.name not in ("channel", "external_ids")
)
"""What may change once it is open."""


@dataclass(frozen=True, slots=True)
class Noted:
    """An entry of its history: which fields differ, each with what it was and what it is."""

    version: int
    what: str
    changes: Mapping[str, tuple[Any, Any]]
    at: datetime


@dataclass(kw_only=True)
class Ticket(Aggregate):
    """A concern of a customer, and who looks after it.

    `number` counts a tenant's tickets; with the `prefix` of its time it is what people call it by.
    `team_id` is the team of the queue when it went in. `waiting_since` is when the customer began to
    wait for an answer; None while nobody waits. `noted` is what its history is still to be told.
    """

    number: int
    prefix: str
    subject: str
    person_id: UUID | None = None
    company_id: UUID | None = None
    requester_address: str = ""
    type: TicketType = TicketType.QUESTION
    priority: Priority = Priority.NORMAL
    status: Status = Status.NEW
    queue_id: UUID | None = None
    team_id: UUID | None = None
    assignee_id: UUID | None = None
    product_sku: str = ""
    asset_id: UUID | None = None
    tags: tuple[str, ...] = ()
    custom_fields: Mapping[str, Value] = field(default_factory=dict)
    language: str = ""
    channel: Channel = Channel.API
    external_ids: tuple[ExternalId, ...] = ()
    problem_id: UUID | None = None
    merged_into_id: UUID | None = None
    opened_at: datetime
    updated_at: datetime
    first_responded_at: datetime | None = None
    last_customer_message_at: datetime | None = None
    last_reply_at: datetime | None = None
    waiting_since: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    reopened: int = 0
    solved_by_article_id: UUID | None = None
    noted: list[Noted] = field(default_factory=list, repr=False, compare=False)

    @property
    def shown_number(self) -> str:
        """What people call it by, such as `T-1042`."""
        return f"{self.prefix}-{self.number}"

    @property
    def is_settled(self) -> bool:
        """Whether nobody needs to do anything about it."""
        return self.status in SETTLED

    @property
    def header(self) -> TicketHeader:
        """What facts say of it now."""
        same = {one.name: one.name for one in fields(TicketHeader)}
        same |= {"ticket_id": "id", "number": "shown_number"}
        return TicketHeader(**{name: getattr(self, own) for name, own in same.items()})

    def open(self, opened_by: UUID | None, follow_up_of: UUID | None = None) -> None:
        """Come into being. Raises `Invalid` without a subject."""
        _require_subject(self.subject)
        self.record(TicketOpened(self.header, opened_by, follow_up_of))
        self._note("opened", {}, self.opened_at)

    def change(
        self, changes: Mapping[str, Any], now: datetime, *, also_closed: bool = False
    ) -> bool:
        """Take over what `changes` mentions of `CHANGEABLE`; tells whether anything differs.

        Custom fields are changed one by one, and go with None. Raises `Invalid` without a subject or
        with too many tags, `Conflict` for one that is closed, unless `also_closed` says that it is learnt and not changed.
        """
        before = {name: getattr(self, name) for name in changes}
        after = dict(changes)
        if "tags" in after:
            after["tags"] = tuple(sorted(set(after["tags"])))
            _require_room(self.tags, after["tags"])
        if "custom_fields" in after:
            merged = {**self.custom_fields, **after["custom_fields"]}
            after["custom_fields"] = {k: v for k, v in merged.items() if v is not None}
        differing = {name: value for name, value in after.items() if value != before[name]}
        if not differing:
            return False
        if not also_closed:
            self.require_not_closed()
        _require_subject(differing.get("subject", self.subject))
        was_priority, was_type = self.priority, self.type
        for name, value in differing.items():
            setattr(self, name, value)
        self.updated_at = now
        told = _told({name: (before[name], value) for name, value in differing.items()})
        self.record(
            TicketChanged(
                self.header,
                tuple(sorted(told)),
                was_priority if "priority" in differing else None,
                was_type if "type" in differing else None,
                now,
            )
        )
        self._note("changed", told, now)
        return True

    def assign(
        self,
        queue_id: UUID | None,
        team_id: UUID | None,
        assignee_id: UUID | None,
        cause: str,
        now: datetime,
    ) -> bool:
        """Put it into a queue, or into somebody's hands; tells whether anything differs.

        Raises `Conflict` for one that is closed.
        """
        was = (self.queue_id, self.team_id, self.assignee_id)
        if was == (queue_id, team_id, assignee_id):
            return False
        self.require_not_closed()
        self.queue_id, self.team_id, self.assignee_id = queue_id, team_id, assignee_id
        self.updated_at = now
        self.record(TicketAssigned(self.header, was[0], was[2], cause, now))
        pairs = {"queue_id": (was[0], queue_id), "assignee_id": (was[2], assignee_id)}
        changes = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        self._note(f"assigned:{cause}", changes, now)
        return True

    def set_status(self, status: Status, cause: str, now: datetime) -> bool:
        """Have it stand otherwise, short of resolved or closed; tells whether anything differs.

        What was resolved is reopened. Raises `Invalid` for `new` again, `Conflict` for a closed one.
        """
        if status is self.status:
            return False
        self.require_not_closed()
        if status is Status.NEW:
            raise Invalid.at("/status", "status_new", "What was looked at is not new any more.")
        if status in SETTLED:
            raise Invalid.at("/status", "status_settled", "Resolving and closing have own verbs.")
        was_resolved = self.status is Status.RESOLVED
        if was_resolved:
            self.reopened, self.resolved_at = self.reopened + 1, None
            self.solved_by_article_id = None
        self._stand(status, cause, now)
        if was_resolved:
            self.record(TicketReopened(self.header, cause, now))
        return True

    def resolve(self, actor: str, article_id: UUID | None, cause: str, now: datetime) -> bool:
        """Settle it; tells whether it was not. Raises `Conflict` for one that is closed."""
        if self.status is Status.RESOLVED:
            return False
        self.require_not_closed()
        self.resolved_at, self.solved_by_article_id, self.waiting_since = now, article_id, None
        self._stand(Status.RESOLVED, cause, now)
        self.record(TicketResolved(self.header, actor, article_id, now))
        return True

    def reopen(self, cause: str, now: datetime) -> None:
        """Go on with what was resolved. Raises `Conflict` for one that is not."""
        if self.status is not Status.RESOLVED:
            self.require_not_closed()
            raise Conflict("The ticket is not resolved.", code="ticket_not_resolved")
        self.set_status(Status.OPEN, cause, now)

    def close(self, cause: str, now: datetime) -> bool:
        """Put it away for good; tells whether it was not. Raises `Conflict` for one that is unresolved."""
        if self.status is Status.CLOSED:
            return False
        if self.status is not Status.RESOLVED:
            message = "Resolve the ticket first: what is closed counts as settled."
            raise Conflict(message, code="ticket_not_resolved")
        self._close(cause, now)
        return True

    def merge_into(self, target: Ticket, now: datetime) -> None:
        """Go into another ticket. Raises `Conflict` where either is closed, or both are one."""
        if target.id == self.id:
            raise Conflict("A ticket cannot go into itself.", code="ticket_merged_into_itself")
        self.require_not_closed()
        target.require_not_closed()
        target.take_in(self, now)
        self.merged_into_id, self.waiting_since = target.id, None
        self._close("merge", now)
        self.record(TicketMerged(self.header, target.id, now))

    def take_in(self, source: Ticket, now: datetime) -> None:
        """Be the one that another went into: who waited for an answer there waits for it here.

        What somebody still had to do something about is not settled by going into what was.
        """
        waits = [one for one in (self.waiting_since, source.waiting_since) if one is not None]
        heard = (self.last_customer_message_at, source.last_customer_message_at)
        self.waiting_since = min(waits, default=None)
        self.last_customer_message_at = max(filter(None, heard), default=None)
        self.updated_at = now
        self._note("took_in", {"other_id": (None, source.id)}, now)
        if self.status is Status.RESOLVED and not source.is_settled:
            self.set_status(Status.OPEN, "merge", now)
        else:
            self.record(ConversationWentOn())

    def follow_anew(self, now: datetime) -> None:
        """Be followed by others than before."""
        self.updated_at = now
        self.record(TicketChanged(self.header, ("followers",), None, None, now))
        self._note("changed", {"followers": (None, None)}, now)

    def customer_wrote(self, now: datetime) -> None:
        """Hear the customer: whoever waits for an answer, or was thought to be content, has the word.

        Raises `Conflict` for one that is closed: what comes then is a ticket of its own.
        """
        self.require_not_closed()
        self.last_customer_message_at, self.updated_at = now, now
        if self.waiting_since is None:
            self.waiting_since = now
        if self.status in (Status.WAITING_FOR_CUSTOMER, Status.RESOLVED):
            self.set_status(Status.OPEN, "customer", now)
        else:
            self.record(ConversationWentOn())

    def answered(self, now: datetime, *, automatic: bool = False, opens: bool = True) -> bool:
        """Note a public reply; tells whether it is a person's first. Raises `Conflict` when closed.

        What no person wrote answers nothing: the customer goes on waiting. A new ticket is open then,
        unless the reply says how it stands from now on.
        """
        self.require_not_closed()
        self.updated_at = now
        if automatic:
            self.record(ConversationWentOn())
            return False
        first = self.first_responded_at is None
        self.first_responded_at = self.first_responded_at or now
        self.last_reply_at, self.waiting_since = now, None
        if self.status is Status.NEW and opens:
            self.set_status(Status.OPEN, "reply", now)
        else:
            self.record(ConversationWentOn())
        return first

    def noted_something(self, now: datetime) -> None:
        """Note that colleagues have something to read."""
        self.updated_at = now
        self.record(ConversationWentOn())

    def link(self, link_id: UUID, other_id: UUID, kind: LinkKind, now: datetime) -> None:
        """Be something to another ticket. Raises `Conflict` for itself."""
        if other_id == self.id:
            raise Conflict("A ticket cannot be linked to itself.", code="ticket_linked_to_itself")
        self.record(TicketLinked(self.header, link_id, other_id, kind, now))
        self._note(f"linked:{kind}", {"other_id": (None, other_id)}, now)

    def unlink(self, link_id: UUID, other_id: UUID, kind: LinkKind, now: datetime) -> None:
        """Be nothing to another ticket any more."""
        self.record(TicketUnlinked(self.header, link_id, other_id, kind, now))
        self._note(f"unlinked:{kind}", {"other_id": (other_id, None)}, now)

    def split_off(self, new_ticket_id: UUID, message_ids: tuple[UUID, ...], now: datetime) -> None:
        """Give a part of the conversation to a ticket of its own."""
        self.updated_at = now
        self.record(TicketSplit(self.header, new_ticket_id, message_ids, now))
        self._note("split", {"other_id": (None, new_ticket_id)}, now)

    def require_not_closed(self) -> None:
        """Raises `Conflict` for one that is closed."""
        if self.status is Status.CLOSED:
            raise Conflict("The ticket is closed.", code="ticket_closed")

    def _close(self, cause: str, now: datetime) -> None:
        self.closed_at = now
        self._stand(Status.CLOSED, cause, now)
        self.record(TicketClosed(self.header, cause, now))

    def _stand(self, status: Status, cause: str, now: datetime) -> None:
        before, self.status, self.updated_at = self.status, status, now
        self.record(TicketStatusChanged(self.header, before, cause, now))
        self._note(f"status:{cause}", {"status": (before, status)}, now)

    def _note(self, what: str, changes: Mapping[str, tuple[Any, Any]], at: datetime) -> None:
        self.noted.append(Noted(self.version, what, changes, at))


def _told(differing: Mapping[str, tuple[Any, Any]]) -> Mapping[str, tuple[Any, Any]]:
    """The differences as history and facts tell them: custom fields one by one."""
    told = {name: pair for name, pair in differing.items() if name != "custom_fields"}
    before, after = differing.get("custom_fields", ({}, {}))
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            told[f"custom_fields.{key}"] = (before.get(key), after.get(key))
    return told


def _require_subject(subject: str) -> None:
    if not subject.strip():
        raise Invalid.at("/subject", "subject_missing", "A subject is needed.")


def _require_room(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    if len(after) > max(MOST_TAGS, len(before)):
        message = f"A ticket has at most {MOST_TAGS} tags: take others away first."
        raise Invalid.at("/tags", "too_many", message)
