"""Makes one ticket of two, and two of one; each function is one transaction (DE-12)."""

from __future__ import annotations

from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound, Violation
from desk.followers.operations import follow
from desk.followers.storage import followers_of
from desk.ticket_facts.domain import Happening, LinkKind, Moment
from desk.ticket_links.storage import keep_link
from desk.tickets.domain import Ticket, TicketDetails
from desk.tickets.operations import changed, open_ticket, queue_in_use
from desk.tickets.queries import has_incidents
from desk.transaction import DeskTx


def merge_tickets(tx: DeskTx, ticket_id: UUID, into_id: UUID) -> Ticket:
    """Have a ticket go into another one, with its conversation and who follows it; gives the other.

    Where that was resolved, and this one was not, it is reopened.
    Raises `NotFound`, `Invalid` for a target that is not within reach, `Conflict` where either is
    closed, both are one, or the one that goes is a problem that incidents hang on.
    """
    # Both at once and in the order of their ids, so that two who merge them the other way round take turns.
    found = {one.id: one for one in tx.tickets.get_many([ticket_id, into_id])}
    source, target = found.get(ticket_id), found.get(into_id)
    if source is None:
        raise NotFound.of("ticket", ticket_id)
    if target is None:
        message = f"There is no ticket {into_id}."
        raise Invalid.at("/into_id", "ticket_unknown", message)
    if has_incidents(tx, ticket_id):
        message = "Incidents hang on the ticket: have them hang on the other one first."
        raise Conflict(message, code="ticket_has_incidents")
    now, before = tx.clock.now(), (source.status, target.status)
    source.merge_into(target, now)
    tx.messages.move(source.id, target.id)
    follow(tx, target, source.person_id, "" if source.person_id else source.requester_address)
    for one in followers_of(tx, source.id):
        follow(tx, target, one.person_id, one.address)
    changed(tx, source, Moment(Happening.MERGED, now, before[0]))
    changed(tx, target, Moment(Happening.TOOK_IN, now, before[1]))
    return target


def split_ticket(
    tx: DeskTx, ticket_id: UUID, message_ids: tuple[UUID, ...], subject: str
) -> Ticket:
    """Open a ticket of its own for some messages of another one; gives the new ticket.

    Raises `NotFound`, `Invalid` for messages that it does not have, `Conflict` for a closed one.
    """
    ticket = tx.tickets.get(ticket_id)
    ticket.require_not_closed()
    ids = tuple(dict.fromkeys(message_ids))
    there = tx.messages.of_ticket(ids, ticket_id)
    wrong = tuple(
        Violation(f"/message_ids/{place}", "message_unknown", f"It has no message {one}.")
        for place, one in enumerate(message_ids)
        if one not in there
    )
    if wrong:
        raise Invalid("Not all of these are messages of the ticket.", violations=wrong)
    opened = open_ticket(
        tx,
        _details_of(ticket, subject),
        queue_id=queue_in_use(tx, ticket.queue_id),
        assignee_id=ticket.assignee_id,
        keep_assignee=True,
    )
    keep_link(tx, opened, ticket.id, LinkKind.SPLIT_FROM)
    tx.messages.hand_over(ids, ticket.id, opened.id)
    ticket.split_off(opened.id, ids, tx.clock.now())
    return opened


def _details_of(ticket: Ticket, subject: str) -> TicketDetails:
    return TicketDetails(
        subject=subject,
        person_id=ticket.person_id,
        company_id=ticket.company_id,
        requester_address=ticket.requester_address,
        type=ticket.type,
        priority=ticket.priority,
        product_sku=ticket.product_sku,
        asset_id=ticket.asset_id,
        tags=ticket.tags,
        language=ticket.language,
        channel=ticket.channel,
    )
