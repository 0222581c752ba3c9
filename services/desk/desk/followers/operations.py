"""Who follows tickets; each function is one transaction, or part of one."""

from __future__ import annotations

from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from desk.followers.storage import (
    MOST_FOLLOWERS,
    Follower,
    drop_follower,
    followers_of,
    keep_follower,
)
from desk.people.named import current_or_none
from desk.ticket_facts.domain import Happening, Moment
from desk.tickets.domain import Ticket
from desk.tickets.operations import changed
from desk.transaction import DeskTx


def add_follower(tx: DeskTx, ticket_id: UUID, person_id: UUID | None, address: str) -> Follower:
    """Have a person or an address follow a ticket, once however often it is said.

    Raises `NotFound`, `Invalid` for nobody, `Conflict` for a closed one and beyond the most.
    """
    ticket = tx.tickets.get(ticket_id)
    ticket.require_not_closed()
    if person_id is None and not address:
        raise Invalid.at("/person_id", "follower_missing", "Name a person or an address.")
    person_id = current_or_none(tx, person_id)
    known = _found(tx, ticket_id, person_id, address)
    if known is not None:
        return known
    follow(tx, ticket, person_id, address)
    found = _found(tx, ticket_id, person_id, address)
    if found is None:
        raise RuntimeError("who was kept is not there")
    return found


def remove_follower(tx: DeskTx, ticket_id: UUID, follower_id: UUID) -> None:
    """Have somebody follow a ticket no more. Raises `NotFound`, `Conflict` for a closed one."""
    ticket = tx.tickets.get(ticket_id)
    ticket.require_not_closed()
    if not drop_follower(tx, ticket_id, follower_id):
        raise NotFound.of("follower", follower_id)
    _told(tx, ticket)


def follow(tx: DeskTx, ticket: Ticket, person_id: UUID | None, address: str) -> None:
    """The same for part of something else; whoever asked by the ticket follows it anyway.

    Nothing happens for nobody, nor for who follows it already.
    """
    asks = person_id is not None and person_id == ticket.person_id
    if asks or (address and address == ticket.requester_address):
        return
    is_nobody = person_id is None and not address
    if is_nobody or _found(tx, ticket.id, person_id, address) is not None:
        return
    if len(followers_of(tx, ticket.id)) >= MOST_FOLLOWERS:
        message = f"A ticket has at most {MOST_FOLLOWERS} followers."
        raise Conflict(message, code="too_many_followers")
    keep_follower(tx, ticket.id, person_id, address)
    _told(tx, ticket)


def _told(tx: DeskTx, ticket: Ticket) -> None:
    before, now = ticket.status, tx.clock.now()
    ticket.follow_anew(now)
    changed(tx, ticket, Moment(Happening.CHANGED, now, before))


def _found(tx: DeskTx, ticket_id: UUID, person_id: UUID | None, address: str) -> Follower | None:
    for one in followers_of(tx, ticket_id):
        if (one.person_id, one.address) == (person_id, address):
            return one
    return None
