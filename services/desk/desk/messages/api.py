"""Conversations over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.messages import operations, queries
from desk.messages.domain import Message
from desk.messages.models import (
    CustomerMessageIn,
    MessageOut,
    NoteIn,
    ReplyIn,
    received_in,
    said_in,
    shown,
)
from desk.transaction import DeskTx

READ = "desk.tickets.read"
WRITE = "desk.tickets.write"
_PREFIX = "/v1/desk/tickets"

messages = Routes(f"{_PREFIX}/<uuid:ticket_id>", tag="tickets")


@messages.get("/messages", permission=READ, listing=queries.MESSAGES, returns=MessageOut)
def list_messages(call: Call[DeskTx], listing: Listing, ticket_id: UUID) -> Reply:
    """List what was said about a ticket, as it went unless asked otherwise."""
    return Reply(call.read(queries.list_messages, listing, ticket_id))


@messages.get("/messages/<uuid:ticket_message_id>", permission=READ, returns=MessageOut)
def get_message(call: Call[DeskTx], ticket_id: UUID, ticket_message_id: UUID) -> Reply:
    """Get a message of a ticket."""
    message = call.read(queries.get_message, ticket_id, ticket_message_id)
    return Reply(message, version=message["version"])


@messages.post(
    "/messages", permission=WRITE, body=ReplyIn, returns=MessageOut, status=201, problems=(409,)
)
def reply_to_customer(call: Call[DeskTx], body: ReplyIn, ticket_id: UUID) -> Response:
    """Answer the customer, and have the ticket stand otherwise if that is said."""
    said = said_in(body)
    return call.run(
        lambda tx: operations.reply(
            tx, ticket_id, said, status=body.status, article_id=body.article_id
        ),
        _said,
    )


@messages.post(
    "/notes", permission=WRITE, body=NoteIn, returns=MessageOut, status=201, problems=(409,)
)
def add_note(call: Call[DeskTx], body: NoteIn, ticket_id: UUID) -> Response:
    """Note something that the customer does not see, and mention who is to read it."""
    said = said_in(body)
    return call.run(lambda tx: operations.note(tx, ticket_id, said), _said)


@messages.post(
    "/customer-messages",
    permission=WRITE,
    body=CustomerMessageIn,
    returns=MessageOut,
    status=201,
    problems=(409,),
)
def receive_message(call: Call[DeskTx], body: CustomerMessageIn, ticket_id: UUID) -> Response:
    """Note what the customer has said, by an app, in a chat or on the telephone.

    To a closed ticket it opens another that follows it up: the answer's `ticket_id` says which.
    """
    received = received_in(body)
    return call.run(lambda tx: operations.receive_message(tx, ticket_id, received), _said)


def _said(_tx: DeskTx, message: Message) -> Reply:
    location = f"{_PREFIX}/{message.ticket_id}/messages/{message.id}"
    return Reply.created(location, shown(message), message.version)
