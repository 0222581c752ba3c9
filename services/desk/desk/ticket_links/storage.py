"""How links between tickets are kept: one row each, under the ticket that is something to the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.ticket_facts.domain import LinkKind
from desk.tickets.domain import Ticket

LINK_ONCE = "ticket_links_once"
MOST_LINKS = 200


@dataclass(frozen=True, slots=True)
class Link:
    """A link as one of its tickets sees it: `outgoing` when that one is `kind` to the other."""

    id: UUID
    other_id: UUID
    kind: LinkKind
    outgoing: bool
    linked_at: datetime
    linked_by: str


def links_of(reading: Reading | UnitOfWork, ticket_id: UUID) -> Sequence[Link]:
    """All links of a ticket, the first one first."""
    about = {"tenant_id": reading.caller.tenant_id, "ticket_id": ticket_id}
    rows = reading.fetch_all(_OF_TICKET, about)
    return [Link(**{**row, "kind": LinkKind(row["kind"])}) for row in rows]


def links_between(reading: Reading | UnitOfWork, ticket_id: UUID, other_id: UUID) -> Sequence[Link]:
    """How two tickets are linked, as the first one sees it."""
    return [one for one in links_of(reading, ticket_id) if one.other_id == other_id]


def drop_link(tx: UnitOfWork, link_id: UUID) -> None:
    """Have a link gone."""
    tx.write(_DROP, {"tenant_id": tx.tenant_id, "id": link_id})


def keep_link(tx: UnitOfWork, ticket: Ticket, other_id: UUID, kind: LinkKind) -> UUID:
    """Have a ticket be something to another one; gives the id of the link."""
    link_id, now = tx.ids.new(), tx.clock.now()
    ticket.link(link_id, other_id, kind, now)
    about = {"id": link_id, "ticket_id": ticket.id, "other_id": other_id, "kind": kind}
    said = {"linked_at": now, "linked_by": tx.caller.actor}
    # The rows it refers to come first.
    tx.flush()
    tx.write(_KEEP, {"tenant_id": tx.tenant_id, **about, **said})
    return link_id


def latest_follow_up(reading: Reading | UnitOfWork, ticket_id: UUID) -> UUID | None:
    """The ticket that follows up a closed one, the latest of several; None while there is none."""
    about = {"tenant_id": reading.caller.tenant_id, "ticket_id": ticket_id}
    row = reading.fetch_one(_FOLLOW_UP, about)
    return None if row is None else UUID(str(row["ticket_id"]))


_KEEP = Statement(
    "INSERT INTO ticket_links (tenant_id, id, ticket_id, other_id, kind, linked_at, linked_by)"
    " VALUES (%(tenant_id)s, %(id)s, %(ticket_id)s, %(other_id)s, %(kind)s, %(linked_at)s,"
    " %(linked_by)s)"
)
_FOLLOW_UP = Statement(
    "SELECT ticket_id FROM ticket_links WHERE tenant_id = %(tenant_id)s"
    " AND other_id = %(ticket_id)s AND kind = 'follow_up_of' ORDER BY id DESC LIMIT 1"
)
_OF_TICKET = Statement(
    "SELECT id, other_id, kind, true AS outgoing, linked_at, linked_by FROM ticket_links"
    " WHERE tenant_id = %(tenant_id)s AND ticket_id = %(ticket_id)s"
    " UNION ALL SELECT id, ticket_id, kind, false, linked_at, linked_by FROM ticket_links"
    " WHERE tenant_id = %(tenant_id)s AND other_id = %(ticket_id)s ORDER BY id"
)
_DROP = Statement("DELETE FROM ticket_links WHERE tenant_id = %(tenant_id)s AND id = %(id)s")
