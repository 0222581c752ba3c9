"""Queues over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.queues import operations, queries
from desk.queues.domain import Queue
from desk.queues.models import QueueIn, QueueOut, QueuePatch, changed, definition_in, shown
from desk.transaction import DeskTx

READ = "desk.queues.read"
WRITE = "desk.queues.write"

queues = Routes("/v1/desk/queues", tag="routing")


@queues.get("", permission=READ, listing=queries.QUEUES, returns=QueueOut)
def list_queues(call: Call[DeskTx], listing: Listing) -> Reply:
    """List queues, in their order."""
    return Reply(call.read(queries.list_queues, listing))


@queues.post("", permission=WRITE, body=QueueIn, returns=QueueOut, status=201, problems=(409,))
def create_queue(call: Call[DeskTx], body: QueueIn) -> Response:
    """Create a queue: who serves it, and how its tickets find an agent."""

    def reply(_tx: DeskTx, queue: Queue) -> Reply:
        return Reply.created(f"{queues.prefix}/{queue.id}", shown(queue), queue.version)

    return call.run(lambda tx: operations.create_queue(tx, body.key, definition_in(body)), reply)


@queues.get("/<uuid:queue_id>", permission=READ, returns=QueueOut)
def get_queue(call: Call[DeskTx], queue_id: UUID) -> Reply:
    """Get a queue."""
    queue = call.read(queries.get_queue, queue_id)
    return Reply(queue, version=queue["version"])


@queues.patch("/<uuid:queue_id>", permission=WRITE, body=QueuePatch, returns=QueueOut)
def redefine_queue(call: Call[DeskTx], body: QueuePatch, queue_id: UUID) -> Response:
    """Change a queue for what comes; tickets keep the agent whom they have."""
    return call.run(
        lambda tx: operations.redefine_queue(tx, queue_id, lambda old: changed(old, body)), _shown
    )


@queues.delete("/<uuid:queue_id>", permission=WRITE, problems=(409,))
def archive_queue(call: Call[DeskTx], queue_id: UUID) -> Response:
    """Archive a queue: no more tickets are put into it. The general one cannot be."""
    return call.run(
        lambda tx: operations.archive_queue(tx, queue_id), lambda _tx, _queue: Reply.nothing()
    )


@queues.post("/<uuid:queue_id>/restore", permission=WRITE, returns=QueueOut)
def restore_queue(call: Call[DeskTx], queue_id: UUID) -> Response:
    """Have tickets put into an archived queue again."""
    return call.run(lambda tx: operations.restore_queue(tx, queue_id), _shown)


def _shown(_tx: DeskTx, queue: Queue) -> Reply:
    return Reply(shown(queue), version=queue.version)
