"""Promises over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.promises import operations, queries
from desk.promises.domain import Promise
from desk.promises.models import (
    KeptOut,
    KeptQuery,
    MovesOut,
    PromiseIn,
    PromiseOut,
    RescheduleIn,
    promised_in,
    shown,
)
from desk.transaction import DeskTx

READ = "desk.promises.read"
WRITE = "desk.promises.write"
READ_ATTAINMENT = "desk.attainment.read"

promises = Routes("/v1/desk/promises", tag="promises")
promises_of_ticket = Routes("/v1/desk/tickets/<uuid:ticket_id>/promises", tag="promises")
promises_kept = Routes("/v1/desk/promises-kept", tag="promises")


@promises.get("", permission=READ, listing=queries.PROMISES, returns=PromiseOut)
def list_promises(call: Call[DeskTx], listing: Listing) -> Reply:
    """List promises about tickets within reach: what is due soonest first."""
    return Reply(call.read(queries.list_promises, listing))


@promises_of_ticket.get(
    "", permission=READ, listing=queries.PROMISES_OF_TICKET, returns=PromiseOut, problems=(404,)
)
def list_promises_of_ticket(call: Call[DeskTx], listing: Listing, ticket_id: UUID) -> Reply:
    """List what was promised about a ticket."""
    return Reply(call.read(queries.list_promises_of_ticket, listing, ticket_id))


@promises_of_ticket.post(
    "", permission=WRITE, body=PromiseIn, returns=PromiseOut, status=201, problems=(404, 409)
)
def make_promise(call: Call[DeskTx], body: PromiseIn, ticket_id: UUID) -> Response:
    """Promise the customer of a ticket to be in touch by a time."""
    promised = promised_in(body)

    def reply(_tx: DeskTx, promise: Promise) -> Reply:
        return Reply.created(f"{promises.prefix}/{promise.id}", shown(promise), promise.version)

    return call.run(lambda tx: operations.make_promise(tx, ticket_id, promised), reply)


@promises.get("/<uuid:promise_id>", permission=READ, returns=PromiseOut)
def get_promise(call: Call[DeskTx], promise_id: UUID) -> Reply:
    """Get a promise."""
    promise = call.read(queries.get_promise, promise_id)
    return Reply(promise, version=promise["version"])


@promises.get("/<uuid:promise_id>/moves", permission=READ, returns=MovesOut)
def list_promise_moves(call: Call[DeskTx], promise_id: UUID) -> Reply:
    """List the times that were promised before, and why they were moved."""
    return Reply(call.read(queries.list_moves, promise_id))


@promises.post(
    "/<uuid:promise_id>/keep",
    permission=WRITE,
    returns=PromiseOut,
    conditional=True,
    problems=(409,),
)
def keep_promise(call: Call[DeskTx], promise_id: UUID) -> Response:
    """Note that the customer has heard: in time, or late when the promise was broken."""
    return call.run(lambda tx: operations.keep_promise(tx, promise_id), _shown)


@promises.post(
    "/<uuid:promise_id>/reschedule",
    permission=WRITE,
    body=RescheduleIn,
    returns=PromiseOut,
    conditional=True,
    problems=(409,),
)
def reschedule_promise(call: Call[DeskTx], body: RescheduleIn, promise_id: UUID) -> Response:
    """Have a promise be for another time, as the customer wishes. What was broken stays broken."""
    return call.run(
        lambda tx: operations.reschedule_promise(tx, promise_id, body.due_at, body.reason), _shown
    )


@promises.post(
    "/<uuid:promise_id>/withdraw",
    permission=WRITE,
    returns=PromiseOut,
    conditional=True,
    problems=(409,),
)
def withdraw_promise(call: Call[DeskTx], promise_id: UUID) -> Response:
    """Have nothing be promised any more: the customer needs no call, say."""
    return call.run(lambda tx: operations.withdraw_promise(tx, promise_id), _shown)


@promises_kept.get(
    "", permission=READ_ATTAINMENT, query=KeptQuery, returns=KeptOut, problems=(422,)
)
def get_promises_kept(call: Call[DeskTx], query: KeptQuery) -> Reply:
    """Get how many promises were kept in some days, of tickets within reach."""
    return Reply(call.read(queries.kept, query))


def _shown(_tx: DeskTx, promise: Promise) -> Reply:
    return Reply(shown(promise), version=promise.version)
