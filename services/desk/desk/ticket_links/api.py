"""Links between tickets over REST."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from chassis.http.body import Body
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.unit_of_work import Reading
from desk.ticket_facts.domain import LinkKind
from desk.ticket_links import operations
from desk.ticket_links.storage import Link, links_of
from desk.tickets.api import READ, WRITE
from desk.tickets.storage import within_reach
from desk.transaction import DeskTx

_PREFIX = "/v1/desk/tickets"

ticket_links = Routes(f"{_PREFIX}/<uuid:ticket_id>/links", tag="tickets")


class LinkIn(Body):
    """What a ticket is to another one. An incident names its problem as `problem_id` instead."""

    other_id: UUID
    kind: Literal[LinkKind.RELATED, LinkKind.DUPLICATE_OF]


class LinkOut(BaseModel):
    """A link. `outgoing` says that the ticket is this to the other one; else the other one is to it."""

    id: UUID
    other_id: UUID
    kind: LinkKind
    outgoing: bool
    linked_at: datetime
    linked_by: str


class LinksOut(BaseModel):
    """All links of a ticket, the first one first."""

    items: list[LinkOut]


@ticket_links.get("", permission=READ, returns=LinksOut)
def list_ticket_links(call: Call[DeskTx], ticket_id: UUID) -> Reply:
    """List what a ticket is to others, and others to it."""
    return Reply(call.read(_links, ticket_id))


@ticket_links.post("", permission=WRITE, body=LinkIn, returns=LinkOut, status=201, problems=(409,))
def link_tickets(call: Call[DeskTx], body: LinkIn, ticket_id: UUID) -> Response:
    """Link a ticket to another one."""

    def reply(_tx: DeskTx, one: Link) -> Reply:
        return Reply.created(f"{_PREFIX}/{ticket_id}/links/{one.id}", asdict(one))

    return call.run(
        lambda tx: operations.link_tickets(tx, ticket_id, body.other_id, body.kind), reply
    )


@ticket_links.delete("/<uuid:ticket_link_id>", permission=WRITE, conditional=False, problems=(409,))
def unlink_tickets(call: Call[DeskTx], ticket_id: UUID, ticket_link_id: UUID) -> Response:
    """Take a link away, from whichever end; where a ticket came from stays."""
    return call.run(
        lambda tx: operations.unlink_tickets(tx, ticket_id, ticket_link_id),
        lambda _tx, _nothing: Reply.nothing(),
    )


def _links(reading: Reading, ticket_id: UUID) -> dict[str, Any]:
    within_reach(reading, ticket_id)
    return {"items": [asdict(one) for one in links_of(reading, ticket_id)]}
