"""What administrators do to queues, and how a tenant comes by its first one."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.domain import Conflict, Invalid
from desk.queues.domain import (
    GENERAL,
    GENERAL_NAME,
    MOST_QUEUES,
    Method,
    Queue,
    QueueDefinition,
)
from desk.routing.due import refill_queue
from desk.transaction import DeskTx

KEY_TAKEN = Conflict("There is a queue with this key already.", code="queue_exists")


def create_queue(tx: DeskTx, key: str, definition: QueueDefinition) -> Queue:
    """Create a queue. Raises `Conflict` for a key that is taken, or when there are too many."""
    if tx.queues.id_of(key) is not None:
        raise KEY_TAKEN
    if tx.queues.count() >= MOST_QUEUES:
        raise Conflict(f"There are {MOST_QUEUES} queues already.", code="too_many_queues")
    now = tx.clock.now()
    queue = Queue(id=tx.ids.new(), key=key, definition=definition, created_at=now, updated_at=now)
    queue.create()
    tx.queues.add(queue)
    return queue


def redefine_queue(
    tx: DeskTx, queue_id: UUID, change: Callable[[QueueDefinition], QueueDefinition]
) -> Queue:
    """Have a queue be something else from now on. Raises `NotFound`.

    Tickets keep the agent whom they have, and their reach the team of when they went in. Those that
    wait are handed out if the queue does that now.
    """
    queue = tx.queues.get(queue_id)
    if queue.redefine(change(queue.definition), tx.clock.now()):
        refill_queue(tx, queue)
    return queue


def archive_queue(tx: DeskTx, queue_id: UUID) -> Queue:
    """Have no more tickets put into a queue. Raises `NotFound`, `Conflict` for the general one."""
    queue = tx.queues.get(queue_id)
    queue.archive(tx.clock.now())
    return queue


def restore_queue(tx: DeskTx, queue_id: UUID) -> Queue:
    """Have tickets put into an archived queue again. Raises `NotFound`."""
    queue = tx.queues.get(queue_id)
    queue.restore(tx.clock.now())
    refill_queue(tx, queue)
    return queue


def general_queue(tx: DeskTx) -> UUID:
    """The queue for what no rule puts elsewhere; made when the tenant has none yet."""
    known = tx.queues.id_of(GENERAL)
    if known is not None:
        return known
    # Of two who make it at once, one does, and the other finds it.
    tx.try_again_on("queues_key_unique")
    definition = QueueDefinition(name=dict(GENERAL_NAME), method=Method.LEAST_LOADED)
    queue = create_queue(tx, GENERAL, definition)
    # Whoever puts a ticket into it looks for its row.
    tx.flush()
    return queue.id


def require_queue(tx: DeskTx, queue_id: UUID, pointer: str = "/queue_id") -> Queue:
    """The queue that tickets may be put into. Raises `Invalid` where there is none."""
    queue = tx.queues.seen(queue_id)
    if queue is None or queue.archived_at is not None:
        raise Invalid.at(pointer, "queue_unknown", f"There is no queue {queue_id} in use.")
    return queue
