"""Messages as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from desk.messages.adding import Received, Said
from desk.messages.domain import (
    LONGEST_TEXT,
    MOST_ATTACHMENTS,
    MOST_MENTIONS,
    Call,
    Direction,
    Message,
    MessageKind,
    Sender,
)
from desk.names import Language
from desk.ticket_facts.domain import Channel, Status
from desk.tickets.models import Address

Words = Annotated[str, Field(max_length=LONGEST_TEXT)]
ClientId = Annotated[str, Field(min_length=1, max_length=200)]
Attachments = Annotated[tuple[UUID, ...], Field(max_length=MOST_ATTACHMENTS)]


class MessageFields(Body):
    """What is said. The same `client_message_id` to a ticket by the same channel is the same message.

    `attachment_ids` are files that the caller has sent before.
    """

    text: Words = ""
    channel: Channel | None = None
    language: Language | Annotated[str, Field(max_length=0)] = ""
    client_message_id: ClientId | None = None
    attachment_ids: Attachments = ()


class ReplyIn(MessageFields):
    """An answer to the customer; the ticket stands as `status` says from then on.

    Without a channel it goes out by the one that the ticket came in by, for a form by e-mail.
    `article_id` is what solved the ticket, where it is resolved. `automatic` is what no person wrote.
    """

    status: Status | None = None
    article_id: UUID | None = None
    automatic: bool = False


class CallIn(Body):
    """A telephone call: who called whom, and for how long."""

    direction: Literal[Direction.INBOUND, Direction.OUTBOUND]
    duration_seconds: Annotated[int, Field(ge=0, le=86_400)] | None = None


class NoteIn(MessageFields):
    """Something that the customer does not see; `call` is the telephone call that it is about."""

    mentions: Annotated[tuple[UUID, ...], Field(max_length=MOST_MENTIONS)] = ()
    call: CallIn | None = None


class SenderIn(Body):
    """Who has said it, where that is not who the ticket is of."""

    person_id: UUID | None = None
    name: Annotated[str, Field(max_length=200)] = ""
    address: Address = ""


class CustomerMessageIn(MessageFields):
    """Something that the customer's side has said: by an app, in a chat, or on the telephone."""

    sender: SenderIn | None = None
    call: CallIn | None = None


class SenderOut(BaseModel):
    """Who on the customer's side has said something, as far as it is known."""

    person_id: UUID | None
    name: str
    address: str


class CallOut(BaseModel):
    """A telephone call."""

    direction: Direction
    duration_seconds: int | None


class MessageOut(BaseModel):
    """A message. `html` is safe to be shown as it is; empty where there is only text.

    `origin_ticket_id` is the ticket that it was said to. `author` is who acted, and `author_id` the user
    if it was one. `sender` is set for what the customer's side has said, `call` for telephone calls.
    """

    id: UUID
    version: int
    ticket_id: UUID
    origin_ticket_id: UUID
    kind: MessageKind
    channel: Channel
    author: str
    author_id: UUID | None
    sender: SenderOut | None
    language: str
    text: str
    html: str
    automatic: bool
    mentions: list[UUID]
    attachment_ids: list[UUID]
    client_message_id: str | None
    call: CallOut | None
    said_at: datetime


def said_in(body: ReplyIn | NoteIn) -> Said:
    """What the desk says."""
    return Said(
        text=body.text,
        channel=body.channel,
        language=body.language,
        external_id=body.client_message_id,
        attachment_ids=tuple(dict.fromkeys(body.attachment_ids)),
        mentions=body.mentions if isinstance(body, NoteIn) else (),
        call=_call_in(body.call) if isinstance(body, NoteIn) else Call(),
        automatic=isinstance(body, ReplyIn) and body.automatic,
    )


def received_in(body: CustomerMessageIn) -> Received:
    """What the customer's side has said."""
    sender = body.sender or SenderIn()
    return Received(
        text=body.text,
        channel=body.channel,
        sender=Sender(sender.person_id, sender.name, sender.address),
        language=body.language,
        external_id=body.client_message_id,
        attachment_ids=tuple(dict.fromkeys(body.attachment_ids)),
        call=_call_in(body.call),
    )


def shown(one: Message) -> dict[str, Any]:
    """A message as the API shows one, without reading it back."""
    special = ("sender", "call", "client_message_id")
    own = {name: getattr(one, name) for name in MessageOut.model_fields if name not in special}
    sender, call = one.sender, one.call
    is_customers = one.kind is MessageKind.CUSTOMER
    return {
        **own,
        "mentions": list(one.mentions),
        "attachment_ids": list(one.attachment_ids),
        "client_message_id": one.external_id,
        "sender": {"person_id": sender.person_id, "name": sender.name, "address": sender.address}
        if is_customers
        else None,
        "call": None
        if call.direction is Direction.NONE
        else {"direction": call.direction, "duration_seconds": call.duration_seconds},
    }


def _call_in(given: CallIn | None) -> Call:
    return Call() if given is None else Call(given.direction, given.duration_seconds)
