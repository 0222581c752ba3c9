"""What time rules hear: whatever happens to tickets, and that a calendar is another one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from desk.time_rules.storage import are_there_time_rules
from desk.time_rules.timing import look_at_all, look_at_ticket
from desk.transaction import DeskTx
from rapport.desk.events.v1.business_calendar_events_pb2 import BusinessCalendarChanged
from rapport.desk.events.v1.message_events_pb2 import (
    CustomerMessageReceived,
    InternalNoteAdded,
    PublicReplySent,
)
from rapport.desk.events.v1.ticket_events_pb2 import (
    TicketAssigned,
    TicketChanged,
    TicketOpened,
    TicketStatusChanged,
)

_FACTS = (
    TicketOpened,
    TicketChanged,
    TicketAssigned,
    TicketStatusChanged,
    CustomerMessageReceived,
    PublicReplySent,
    InternalNoteAdded,
)


def on_ticket_fact(tx: DeskTx, fact: Any, _envelope: Envelope) -> None:
    """Have a ticket looked at that is another one now; a second time nothing differs."""
    if are_there_time_rules(tx):
        look_at_ticket(tx, UUID(fact.ticket_id))


def on_calendar_changed(tx: DeskTx, _fact: BusinessCalendarChanged, _envelope: Envelope) -> None:
    """Have all tickets looked at: what was due then may be due at another time."""
    if are_there_time_rules(tx):
        look_at_all(tx)


def time_tickets(reactions: Reactions) -> Reactions:
    """Have time rules hear desk's own facts; gives the same."""
    for kind in _FACTS:
        reactions.on(kind, on_ticket_fact)
    reactions.on(BusinessCalendarChanged, on_calendar_changed)
    return reactions
