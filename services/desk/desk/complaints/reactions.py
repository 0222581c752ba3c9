"""Keeps tickets that are complaints as such, by desk's own facts (DE-11)."""

from __future__ import annotations

from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from desk.complaints.operations import keep_complaint
from desk.ticket_facts.domain import TicketType
from desk.transaction import DeskTx
from rapport.desk.events.v1.ticket_events_pb2 import TicketChanged, TicketOpened


def on_complaint_ticket(tx: DeskTx, fact: TicketOpened | TicketChanged, envelope: Envelope) -> None:
    """Keep a complaint apart: an effect, once for a ticket."""
    if fact.ticket.type == TicketType.COMPLAINT:
        keep_complaint(tx, UUID(fact.ticket_id), envelope.occurred_at)


def keep_complaints(reactions: Reactions) -> Reactions:
    """React to tickets that are complaints; gives the same."""
    reactions.on(TicketOpened, on_complaint_ticket)
    reactions.on(TicketChanged, on_complaint_ticket)
    return reactions
