"""The words for tickets, and what is told when something happens to one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Fact, Unpublished


class TicketType(StrEnum):
    """What kind of concern it is."""

    QUESTION = "question"
    INCIDENT = "incident"
    REQUEST = "request"
    RETURN = "return"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    PROBLEM = "problem"


class Priority(StrEnum):
    """How soon somebody should look at it."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Status(StrEnum):
    """How it stands."""

    NEW = "new"
    OPEN = "open"
    WAITING_FOR_CUSTOMER = "waiting_for_customer"
    WAITING_FOR_THIRD_PARTY = "waiting_for_third_party"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"


SETTLED = frozenset((Status.RESOLVED, Status.CLOSED))


class Channel(StrEnum):
    """By what something comes in or goes out."""

    EMAIL = "email"
    WEB_FORM = "web_form"
    CHAT = "chat"
    PHONE = "phone"
    API = "api"


class LinkKind(StrEnum):
    """What one ticket is to another; incidents name their problem by themselves."""

    RELATED = "related"
    DUPLICATE_OF = "duplicate_of"
    FOLLOW_UP_OF = "follow_up_of"
    SPLIT_FROM = "split_from"


class Happening(StrEnum):
    """What happened to a ticket, for the clocks that run on it."""

    OPENED = "opened"
    CHANGED = "changed"
    ASSIGNED = "assigned"
    STATUS = "status"
    CUSTOMER_MESSAGE = "customer_message"
    REPLY = "reply"
    AUTOMATIC_REPLY = "automatic_reply"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"
    MERGED = "merged"
    TOOK_IN = "took_in"


@dataclass(frozen=True, slots=True)
class Moment:
    """What happened to a ticket, when, and how it stood before."""

    what: Happening
    at: datetime
    status_before: Status


@dataclass(frozen=True, slots=True)
class TicketHeader:
    """What every fact says of its ticket: whose it is, and how it stands after what happened."""

    ticket_id: UUID
    number: str
    person_id: UUID | None
    company_id: UUID | None
    type: TicketType
    priority: Priority
    status: Status
    queue_id: UUID | None
    team_id: UUID | None
    assignee_id: UUID | None
    channel: Channel
    language: str
    product_sku: str
    asset_id: UUID | None
    tags: tuple[str, ...]
    opened_at: datetime
    problem_id: UUID | None
    reopened: int


@dataclass(frozen=True, slots=True)
class TicketOpened(Fact):
    """A customer's concern is known."""

    ticket: TicketHeader
    opened_by: UUID | None
    follow_up_of: UUID | None


@dataclass(frozen=True, slots=True)
class TicketChanged(Fact):
    """Something about it is different: not its status, nor whose it is."""

    ticket: TicketHeader
    changed_fields: tuple[str, ...]
    previous_priority: Priority | None
    previous_type: TicketType | None
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketAssigned(Fact):
    """It was put into another queue, or somebody else looks after it."""

    ticket: TicketHeader
    from_queue_id: UUID | None
    from_assignee_id: UUID | None
    cause: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketStatusChanged(Fact):
    """It stands otherwise than before."""

    ticket: TicketHeader
    from_status: Status
    cause: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketResolved(Fact):
    """The concern is settled, as the desk sees it."""

    ticket: TicketHeader
    actor: str
    article_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketReopened(Fact):
    """What was resolved is not settled after all."""

    ticket: TicketHeader
    cause: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketClosed(Fact):
    """It is closed for good."""

    ticket: TicketHeader
    cause: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketMerged(Fact):
    """It went into another ticket."""

    ticket: TicketHeader
    into_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketSplit(Fact):
    """A part of its conversation is a ticket of its own now."""

    ticket: TicketHeader
    new_ticket_id: UUID
    message_ids: tuple[UUID, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketLinked(Fact):
    """Another ticket is something to it."""

    ticket: TicketHeader
    link_id: UUID
    other_id: UUID
    kind: LinkKind
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketUnlinked(Fact):
    """Another ticket is nothing to it any more."""

    ticket: TicketHeader
    link_id: UUID
    other_id: UUID
    kind: LinkKind
    at: datetime


@dataclass(frozen=True, slots=True)
class ConversationWentOn(Unpublished):
    """Somebody has said something, which a fact of the message tells: only its times differ."""
