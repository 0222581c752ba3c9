"""Messages over REST: queue them, read the log, take back, send again."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Response

from chassis.domain import DomainError
from chassis.http.batch import BATCH_BODY, BatchOut, Done, Outcome, answer_batch
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from notifications.messages import operations, queries
from notifications.messages.domain import Message
from notifications.messages.models import (
    MessageDetailsOut,
    MessageIn,
    MessageOut,
    MessagesBatchIn,
    order_of,
)
from notifications.transaction import NotificationsTx

READ = "notifications.messages.read"
WRITE = "notifications.messages.write"

messages = Routes("/v1/notifications/messages", tag="messages")


@messages.get("", permission=READ, listing=queries.MESSAGES, returns=MessageOut)
def list_messages(call: Call[NotificationsTx], listing: Listing) -> Reply:
    """List messages, the latest first unless asked otherwise."""
    return Reply(call.read(queries.list_messages, listing))


@messages.post("", permission=WRITE, body=MessageIn, returns=MessageDetailsOut, status=201)
def queue_message(call: Call[NotificationsTx], body: MessageIn) -> Response:
    """Queue a message; with a `request_id` that was used before it is the message of then."""
    return call.run(lambda tx: operations.queue_message(tx, order_of(tx, body)), _created)


@messages.post(
    "/batch", permission=WRITE, body=MessagesBatchIn, body_limit=BATCH_BODY, returns=BatchOut
)
def queue_messages(call: Call[NotificationsTx], body: MessagesBatchIn) -> Response:
    """Queue up to 1,000 messages; each is answered in its place, with `atomic` all or none."""
    return answer_batch(call, body, MessageIn, _queue_all)


@messages.get("/<uuid:message_id>", permission=READ, returns=MessageDetailsOut)
def get_message(call: Call[NotificationsTx], message_id: UUID) -> Reply:
    """Get a message with its attempts, and its words as long as they are kept."""
    message = call.read(queries.get_message, message_id)
    return Reply(message, version=message["version"])


@messages.post(
    "/<uuid:message_id>/cancel", permission=WRITE, returns=MessageDetailsOut, problems=(409,)
)
def cancel_message(call: Call[NotificationsTx], message_id: UUID) -> Response:
    """Take a message back that is not being sent yet."""
    return call.run(lambda tx: operations.cancel_message(tx, message_id), _shown)


@messages.post(
    "/<uuid:message_id>/resend",
    permission=WRITE,
    returns=MessageDetailsOut,
    status=201,
    problems=(409,),
)
def resend_message(call: Call[NotificationsTx], message_id: UUID) -> Response:
    """Send the same again, as a new message; an uncertain one may then arrive twice."""
    return call.run(lambda tx: operations.resend_message(tx, message_id), _created)


def _created(tx: NotificationsTx, message: Message) -> Reply:
    location = f"{messages.prefix}/{message.id}"
    return Reply.created(location, queries.get_message(tx, message.id), message.version)


def _shown(tx: NotificationsTx, message: Message) -> Reply:
    return Reply(queries.get_message(tx, message.id), version=message.version)


def _queue_all(tx: NotificationsTx, items: Sequence[MessageIn | DomainError]) -> list[Outcome]:
    return [_queue_one(tx, item) for item in items]


def _queue_one(tx: NotificationsTx, item: MessageIn | DomainError) -> Outcome:
    if isinstance(item, DomainError):
        return item
    try:
        message = operations.queue_message(tx, order_of(tx, item))
    except DomainError as error:
        return error
    return Done(201, {"id": message.id, "version": message.version})
