"""Adds messages to a ticket's conversation; what follows for the ticket is its operations' matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from desk.attachments.operations import attach
from desk.messages.domain import NO_CALL, NOBODY, Call, Message, MessageKind, Sender
from desk.people.named import current_or_none
from desk.ticket_facts.domain import Channel
from desk.tickets.domain import Ticket
from desk.transaction import DeskTx


@dataclass(frozen=True, slots=True)
class Received:
    """Something that the customer's side has said; by the ticket's channel unless one is named."""

    text: str
    html: str = ""
    channel: Channel | None = None
    sender: Sender = NOBODY
    language: str = ""
    external_id: str | None = None
    attachment_ids: tuple[UUID, ...] = ()
    call: Call = NO_CALL
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Something that the desk says: to the customer, or among colleagues."""

    text: str
    html: str = ""
    channel: Channel | None = None
    language: str = ""
    external_id: str | None = None
    attachment_ids: tuple[UUID, ...] = ()
    mentions: tuple[UUID, ...] = ()
    call: Call = NO_CALL
    automatic: bool = False


def add_received(
    tx: DeskTx,
    ticket: Ticket,
    received: Received,
    now: datetime,
    *,
    first: bool = False,
    origin_id: UUID | None = None,
) -> Message:
    """Add what the customer's side has said to a ticket; `origin_id` is the one that it was said to.

    Who has said it is the ticket's person unless somebody is named. Raises `Invalid` for nothing.
    """
    sender = received.sender
    if sender == NOBODY:
        sender = Sender(ticket.person_id, "", ticket.requester_address)
    sender = Sender(current_or_none(tx, sender.person_id), sender.name, sender.address)
    message = Message(
        id=tx.ids.new(),
        ticket_id=ticket.id,
        origin_ticket_id=origin_id or ticket.id,
        kind=MessageKind.CUSTOMER,
        channel=received.channel or ticket.channel,
        author=tx.caller.actor,
        sender=sender,
        language=received.language or ticket.language,
        text=received.text,
        html=received.html,
        attachment_ids=received.attachment_ids,
        external_id=received.external_id,
        call=received.call,
        said_at=received.said_at or now,
    )
    message.say(ticket.header, first=first)
    tx.messages.add(message)
    attach(tx, message.attachment_ids, ticket_id=ticket.id, message_id=message.id)
    return message


def add_said(
    tx: DeskTx,
    ticket: Ticket,
    kind: MessageKind,
    said: Said,
    now: datetime,
    *,
    first: bool = False,
) -> Message:
    """Add a reply or a note to a ticket. Raises `Invalid` for nothing."""
    message = Message(
        id=tx.ids.new(),
        ticket_id=ticket.id,
        origin_ticket_id=ticket.id,
        kind=kind,
        channel=said.channel or _answered_by(ticket),
        author=tx.caller.actor,
        author_id=tx.caller.user_id,
        language=said.language or ticket.language,
        text=said.text,
        html=said.html,
        automatic=said.automatic,
        mentions=tuple(sorted(set(said.mentions))),
        attachment_ids=said.attachment_ids,
        external_id=said.external_id,
        call=said.call,
        said_at=now,
    )
    message.say(ticket.header, first=first)
    tx.messages.add(message)
    attach(tx, message.attachment_ids, ticket_id=ticket.id, message_id=message.id)
    return message


def _answered_by(ticket: Ticket) -> Channel:
    """By what a ticket is answered: forms by mail, all else by what it came in."""
    return Channel.EMAIL if ticket.channel is Channel.WEB_FORM else ticket.channel
