"""Merging and splitting tickets over REST."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from flask import Response
from pydantic import Field

from chassis.http.body import Body
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from desk.ticket_merges import operations
from desk.tickets.api import WRITE
from desk.tickets.domain import Ticket
from desk.tickets.models import Subject, TicketOut, shown
from desk.transaction import DeskTx

_PREFIX = "/v1/desk/tickets"
MOST_SPLIT = 200

ticket_merges = Routes(f"{_PREFIX}/<uuid:ticket_id>", tag="tickets")


class MergeIn(Body):
    """The ticket that another one goes into."""

    into_id: UUID


class SplitIn(Body):
    """The messages that a ticket of its own is opened for, and what that is about."""

    subject: Subject
    message_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MOST_SPLIT)]


@ticket_merges.post(
    "/merge",
    permission=WRITE,
    body=MergeIn,
    returns=TicketOut,
    conditional=True,
    problems=(409,),
)
def merge_tickets(call: Call[DeskTx], body: MergeIn, ticket_id: UUID) -> Response:
    """Have a ticket go into another one, which is answered; it cannot be undone.

    Its conversation is part of the other's, in the order of time; who asked by it follows the other;
    the ticket itself is closed.
    """
    return call.run(
        lambda tx: operations.merge_tickets(tx, ticket_id, body.into_id),
        lambda _tx, one: Reply(shown(one), version=one.version),
    )


@ticket_merges.post(
    "/split", permission=WRITE, body=SplitIn, returns=TicketOut, status=201, problems=(409,)
)
def split_ticket(call: Call[DeskTx], body: SplitIn, ticket_id: UUID) -> Response:
    """Open a ticket of its own for some messages of another one; both are linked."""

    def reply(_tx: DeskTx, one: Ticket) -> Reply:
        return Reply.created(f"{_PREFIX}/{one.id}", shown(one), one.version)

    return call.run(
        lambda tx: operations.split_ticket(tx, ticket_id, body.message_ids, body.subject), reply
    )
