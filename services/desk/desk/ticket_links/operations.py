"""Links tickets, and parts them; each function is one transaction."""

from __future__ import annotations

from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from desk.ticket_facts.domain import LinkKind
from desk.ticket_links.storage import (
    LINK_ONCE,
    MOST_LINKS,
    Link,
    drop_link,
    keep_link,
    links_between,
    links_of,
)
from desk.transaction import DeskTx


def link_tickets(tx: DeskTx, ticket_id: UUID, other_id: UUID, kind: LinkKind) -> Link:
    """Have a ticket be something to another one.

    Raises `NotFound`, `Invalid` for another that is not within reach, `Conflict` for itself, for what
    is linked so already, and beyond the most.
    """
    # Both at once and in the order of their ids: two who link them at once take turns.
    found = {one.id: one for one in tx.tickets.get_many([ticket_id, other_id])}
    ticket = found.get(ticket_id)
    if ticket is None:
        raise NotFound.of("ticket", ticket_id)
    if other_id not in found:
        message = f"There is no ticket {other_id}."
        raise Invalid.at("/other_id", "ticket_unknown", message)
    known = links_between(tx, ticket_id, other_id)
    if any(one.kind is kind and (kind is LinkKind.RELATED or one.outgoing) for one in known):
        raise Conflict("The tickets are linked so already.", code="link_exists")
    for one in (ticket_id, other_id):
        if len(links_of(tx, one)) >= MOST_LINKS:
            message = f"A ticket has at most {MOST_LINKS} links."
            raise Conflict(message, code="too_many_links")
    tx.try_again_on(LINK_ONCE)
    link_id = keep_link(tx, ticket, other_id, kind)
    return next(one for one in links_of(tx, ticket_id) if one.id == link_id)


def unlink_tickets(tx: DeskTx, ticket_id: UUID, link_id: UUID) -> None:
    """Take a link away, from whichever end. Raises `NotFound`, `Conflict` for what stays for good."""
    tx.tickets.get(ticket_id)
    link = next((one for one in links_of(tx, ticket_id) if one.id == link_id), None)
    if link is None:
        raise NotFound.of("link", link_id)
    if link.kind in (LinkKind.FOLLOW_UP_OF, LinkKind.SPLIT_FROM):
        message = "Where a ticket came from does not change."
        raise Conflict(message, code="link_for_good")
    holder_id, other_id = (
        (ticket_id, link.other_id) if link.outgoing else (link.other_id, ticket_id)
    )
    holder = tx.tickets.whosever(holder_id)
    if holder is None:
        raise NotFound.of("ticket", holder_id)
    drop_link(tx, link_id)
    holder.unlink(link_id, other_id, link.kind, tx.clock.now())
