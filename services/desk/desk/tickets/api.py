"""Tickets over REST."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from flask import Response

from chassis.domain import DomainError, Invalid
from chassis.http.batch import BATCH_BODY, BatchOut, Done, Outcome, answer_batch, each_apart
from chassis.http.body import validate
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.messages.adding import Received
from desk.tickets import operations, queries
from desk.tickets.domain import ExternalId, Ticket
from desk.tickets.models import (
    AssignmentIn,
    ChangeOut,
    ExternalIdIn,
    KnownTicketIn,
    ResolutionIn,
    StatusIn,
    TicketIn,
    TicketOut,
    TicketPatch,
    TicketsBatchIn,
    changes_of,
    details_in,
    shown,
)
from desk.transaction import DeskTx

READ = "desk.tickets.read"
WRITE = "desk.tickets.write"

tickets = Routes("/v1/desk/tickets", tag="tickets")


@tickets.get("", permission=READ, listing=queries.TICKETS, returns=TicketOut)
def list_tickets(call: Call[DeskTx], listing: Listing) -> Reply:
    """List tickets, the latest first unless asked otherwise."""
    return Reply(call.read(queries.list_tickets, listing))


@tickets.post("", permission=WRITE, body=TicketIn, returns=TicketOut, status=201, problems=(409,))
def open_ticket(call: Call[DeskTx], body: TicketIn) -> Response:
    """Open a ticket, with what the customer has said; a user who names no queue looks after it."""
    return call.run(lambda tx: _open(tx, body), _opened)


@tickets.post(
    "/batch", permission=WRITE, body=TicketsBatchIn, body_limit=BATCH_BODY, returns=BatchOut
)
def open_tickets(call: Call[DeskTx], body: TicketsBatchIn) -> Response:
    """Open up to 1,000 tickets, each answered in its place; with `atomic` all or none."""
    return answer_batch(call, body, TicketIn, _open_each)


@tickets.get("/<uuid:ticket_id>", permission=READ, returns=TicketOut)
def get_ticket(call: Call[DeskTx], ticket_id: UUID) -> Reply:
    """Get a ticket."""
    ticket = call.read(queries.get_ticket, ticket_id)
    return Reply(ticket, version=ticket["version"])


@tickets.get(
    "/by-external-id/<system>/<path:external_id>",
    permission=READ,
    returns=TicketOut,
    problems=(422,),
)
def get_ticket_by_external_id(call: Call[DeskTx], system: str, external_id: str) -> Reply:
    """Get a ticket by what another system calls it."""
    ticket = call.read(queries.get_ticket_by_external_id, _key(system, external_id))
    return Reply(ticket, version=ticket["version"])


@tickets.put(
    "/by-external-id/<system>/<path:external_id>",
    permission=WRITE,
    body=KnownTicketIn,
    returns=TicketOut,
    conditional=True,
    problems=(409,),
)
def open_ticket_once(
    call: Call[DeskTx], body: KnownTicketIn, system: str, external_id: str
) -> Response:
    """Open the ticket with this external id, or change what is mentioned of the one that has it.

    201 with `Location` for a new one. Of one that is there, neither its channel nor where it is changes.
    """
    key = _key(system, external_id)

    def once(tx: DeskTx) -> tuple[Ticket, bool]:
        known = operations.known_as(tx, key, changes_of(body))
        return (known, False) if known is not None else (_open(tx, body, key), True)

    def reply(tx: DeskTx, done: tuple[Ticket, bool]) -> Reply:
        return _opened(tx, done[0]) if done[1] else _shown(tx, done[0])

    return call.run(once, reply)


@tickets.patch(
    "/<uuid:ticket_id>", permission=WRITE, body=TicketPatch, returns=TicketOut, problems=(409,)
)
def change_ticket(call: Call[DeskTx], body: TicketPatch, ticket_id: UUID) -> Response:
    """Change what is mentioned of a ticket; how it stands and where it is have calls of their own."""
    changes = changes_of(body)
    return call.run(lambda tx: operations.change_ticket(tx, ticket_id, changes), _shown)


@tickets.post(
    "/<uuid:ticket_id>/assign",
    permission=WRITE,
    body=AssignmentIn,
    returns=TicketOut,
    conditional=True,
    problems=(409,),
)
def assign_ticket(call: Call[DeskTx], body: AssignmentIn, ticket_id: UUID) -> Response:
    """Put a ticket into a queue, into somebody's hands, or both."""
    places: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    return call.run(lambda tx: operations.assign_ticket(tx, ticket_id, **places), _shown)


@tickets.post(
    "/<uuid:ticket_id>/status",
    permission=WRITE,
    body=StatusIn,
    returns=TicketOut,
    conditional=True,
    problems=(409,),
)
def set_ticket_status(call: Call[DeskTx], body: StatusIn, ticket_id: UUID) -> Response:
    """Have a ticket stand otherwise."""
    return call.run(lambda tx: operations.set_status(tx, ticket_id, body.status), _shown)


@tickets.post(
    "/<uuid:ticket_id>/resolve",
    permission=WRITE,
    body=ResolutionIn,
    returns=TicketOut,
    conditional=True,
    problems=(409,),
)
def resolve_ticket(call: Call[DeskTx], body: ResolutionIn, ticket_id: UUID) -> Response:
    """Settle a ticket; it closes after some days unless the customer writes again."""
    article_id = body.article_id
    return call.run(
        lambda tx: operations.resolve_ticket(tx, ticket_id, article_id=article_id), _shown
    )


@tickets.post(
    "/<uuid:ticket_id>/reopen",
    permission=WRITE,
    returns=TicketOut,
    conditional=True,
    problems=(409,),
)
def reopen_ticket(call: Call[DeskTx], ticket_id: UUID) -> Response:
    """Go on with what was resolved."""
    return call.run(lambda tx: operations.reopen_ticket(tx, ticket_id), _shown)


@tickets.post(
    "/<uuid:ticket_id>/close",
    permission=WRITE,
    returns=TicketOut,
    conditional=True,
    problems=(409,),
)
def close_ticket(call: Call[DeskTx], ticket_id: UUID) -> Response:
    """Put a resolved ticket away for good: what comes after is a ticket of its own."""
    return call.run(lambda tx: operations.close_ticket(tx, ticket_id), _shown)


@tickets.get(
    "/<uuid:ticket_id>/history", permission=READ, listing=queries.CHANGES, returns=ChangeOut
)
def list_ticket_history(call: Call[DeskTx], listing: Listing, ticket_id: UUID) -> Reply:
    """List what happened to a ticket, by whom and when, the oldest first unless asked otherwise."""
    return Reply(call.read(queries.list_history, listing, ticket_id))


def _open(tx: DeskTx, body: KnownTicketIn, key: ExternalId | None = None) -> Ticket:
    message = None if body.message is None else Received(body.message.text)
    return operations.open_ticket(
        tx,
        details_in(body, key),
        message,
        queue_id=body.queue_id,
        assignee_id=body.assignee_id,
    )


def _open_each(tx: DeskTx, items: Sequence[TicketIn | DomainError]) -> list[Outcome]:
    def one(item: TicketIn) -> Done:
        ticket = _open(tx, item)
        return Done(201, {"id": ticket.id, "version": ticket.version})

    return each_apart(tx, items, one)


def _opened(_tx: DeskTx, ticket: Ticket) -> Reply:
    return Reply.created(f"{tickets.prefix}/{ticket.id}", shown(ticket), ticket.version)


def _shown(_tx: DeskTx, ticket: Ticket) -> Reply:
    return Reply(shown(ticket), version=ticket.version)


def _key(system: str, external_id: str) -> ExternalId:
    """The external id that a path names. Raises a 422 problem for one that none can be."""
    for pointer, text in (("system", system), ("external_id", external_id)):
        if "\x00" in text:
            raise Invalid.at(pointer, "contains_nul", "It contains the character U+0000.")
    given = validate(ExternalIdIn, orjson.dumps({"system": system, "id": external_id}))
    return ExternalId(given.system, given.id)
