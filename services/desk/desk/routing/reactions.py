"""What routing does when something has happened to tickets, users, and tenants."""

from __future__ import annotations

from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from desk.queues.operations import general_queue
from desk.routing.domain import BY_ROUTING, Purpose
from desk.routing.due import look_for_others, refill_agent, want_routing
from desk.ticket_facts.domain import Status
from desk.transaction import DeskTx
from rapport.desk.events.v1.ticket_events_pb2 import (
    TicketAssigned,
    TicketChanged,
    TicketOpened,
    TicketStatusChanged,
)
from rapport.identity.events.v1.tenant_events_pb2 import TenantCreated
from rapport.identity.events.v1.user_events_pb2 import UserActivated, UserDeactivated

_OPEN = (Status.NEW, Status.OPEN)
_WHOSE = frozenset(("company_id", "person_id"))


def on_ticket_opened(tx: DeskTx, fact: TicketOpened, _envelope: Envelope) -> None:
    """Have a new ticket find its queue and its agent."""
    want_routing(tx, UUID(fact.ticket_id), Purpose.ROUTE)


def on_ticket_changed(tx: DeskTx, fact: TicketChanged, _envelope: Envelope) -> None:
    """Have it looked at anew when it is somebody else's concern than was known."""
    if _WHOSE.intersection(fact.changed_fields):
        want_routing(tx, UUID(fact.ticket_id), Purpose.APPRAISE)


def on_ticket_assigned(tx: DeskTx, fact: TicketAssigned, _envelope: Envelope) -> None:
    """Have who has one less get another, and a ticket that nobody has find somebody."""
    ticket, before = fact.ticket, _id(fact.from_assignee_id)
    assignee = _id(ticket.assignee_id)
    if before is not None and before != assignee:
        refill_agent(tx, before)
    queue_id = _id(ticket.queue_id)
    if assignee is None and queue_id is not None and fact.cause not in BY_ROUTING:
        is_back = before is not None and queue_id == _id(fact.from_queue_id)
        want_routing(tx, UUID(fact.ticket_id), Purpose.ASSIGN, before if is_back else None)


def on_ticket_status_changed(tx: DeskTx, fact: TicketStatusChanged, _envelope: Envelope) -> None:
    """Have who has less to do get more, and what is to be done again find somebody who is there."""
    assignee, is_open = _id(fact.ticket.assignee_id), fact.to_status in _OPEN
    if assignee is None:
        if is_open and fact.from_status not in _OPEN and _id(fact.ticket.queue_id) is not None:
            want_routing(tx, UUID(fact.ticket_id), Purpose.ASSIGN)
    elif is_open:
        if fact.from_status not in _OPEN:
            look_for_others(tx, assignee)
    elif fact.from_status in _OPEN:
        refill_agent(tx, assignee)


def on_tenant_created(tx: DeskTx, _fact: TenantCreated, _envelope: Envelope) -> None:
    """Have the tenant start with one queue; it is the tenant's own to change."""
    general_queue(tx)


def on_user_deactivated(tx: DeskTx, fact: UserDeactivated, _envelope: Envelope) -> None:
    """Have others go on with the tickets of who has left."""
    look_for_others(tx, UUID(fact.user_id))


def on_user_activated(tx: DeskTx, fact: UserActivated, _envelope: Envelope) -> None:
    """Hand out to who may sign in again."""
    refill_agent(tx, UUID(fact.user_id))


def follow_tickets(reactions: Reactions) -> Reactions:
    """React to desk's own facts about tickets; gives the same."""
    reactions.on(TicketOpened, on_ticket_opened)
    reactions.on(TicketChanged, on_ticket_changed)
    reactions.on(TicketAssigned, on_ticket_assigned)
    reactions.on(TicketStatusChanged, on_ticket_status_changed)
    return reactions


def follow_users(reactions: Reactions) -> Reactions:
    """React to what identity says of tenants and users; gives the same."""
    reactions.on(TenantCreated, on_tenant_created)
    reactions.on(UserDeactivated, on_user_deactivated)
    reactions.on(UserActivated, on_user_activated)
    return reactions


def _id(text: str) -> UUID | None:
    """An id of a fact, whose text is empty where there is none."""
    return UUID(text) if text else None
