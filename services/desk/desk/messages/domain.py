"""What is said about a ticket: by the customer, to the customer, and among colleagues (DE-2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid
from desk.ticket_facts.domain import Channel, TicketHeader

MOST_MENTIONS = 20
MOST_ATTACHMENTS = 50
LONGEST_TEXT = 100_000


class MessageKind(StrEnum):
    """Who says it to whom."""

    CUSTOMER = "customer"
    REPLY = "reply"
    NOTE = "note"


class Direction(StrEnum):
    """Who called whom."""

    NONE = ""
    INBOUND = "inbound"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who on the customer's side has said something, as far as it is known."""

    person_id: UUID | None = None
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A telephone call that a message tells of."""

    direction: Direction = Direction.NONE
    duration_seconds: int | None = None


NOBODY = Sender()
NO_CALL = Call()


@dataclass(frozen=True, slots=True)
class CustomerMessageReceived(Fact):
    """The customer has said something; `first` when it opened the ticket."""

    message: Message
    ticket: TicketHeader
    first: bool


@dataclass(frozen=True, slots=True)
class PublicReplySent(Fact):
    """The customer was answered; `first` when it is a person's first answer."""

    message: Message
    ticket: TicketHeader
    first: bool


@dataclass(frozen=True, slots=True)
class InternalNoteAdded(Fact):
    """Somebody has noted something that the customer does not see."""

    message: Message
    ticket: TicketHeader


@dataclass(kw_only=True)
class Message(Aggregate):
    """Something that was said about a ticket; it never changes.

    `origin_ticket_id` is the ticket that it was said to, where that one was merged, split or closed.
    `author` is who acted, `user:…`, `client:…` or `service:…`, and `author_id` the user if it was one.
    `external_id` is what its sender's system calls it: the same one to the same ticket by the same
    channel is the same message. `html` is safe already. `automatic` is what no person wrote.
    """

    ticket_id: UUID
    origin_ticket_id: UUID
    kind: MessageKind
    channel: Channel
    author: str
    author_id: UUID | None = None
    sender: Sender = NOBODY
    language: str = ""
    text: str = ""
    html: str = ""
    automatic: bool = False
    mentions: tuple[UUID, ...] = ()
    attachment_ids: tuple[UUID, ...] = ()
    external_id: str | None = None
    call: Call = NO_CALL
    said_at: datetime

    def say(self, ticket: TicketHeader, *, first: bool = False) -> None:
        """Be said. Raises `Invalid` for nothing at all."""
        is_call = self.call.direction is not Direction.NONE
        if not self.text.strip() and not self.attachment_ids and not is_call:
            raise Invalid.at("/text", "text_missing", "A message says something.")
        if self.kind is MessageKind.CUSTOMER:
            self.record(CustomerMessageReceived(self, ticket, first))
        elif self.kind is MessageKind.REPLY:
            self.record(PublicReplySent(self, ticket, first))
        else:
            self.record(InternalNoteAdded(self, ticket))
