"""Facts about queues to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import id_or_none
from desk.queues.domain import Queue, QueueArchived, QueueChanged, QueueCreated, QueueRestored
from rapport.desk.events.v1 import queue_events_pb2 as events


def _described(queue: Queue) -> dict[str, Any]:
    return {
        "queue_id": str(queue.id),
        "key": queue.key,
        "team_id": id_or_none(queue.definition.team_id),
        "method": queue.definition.method,
    }


QUEUE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    QueueCreated: lambda fact: events.QueueCreated(**_described(fact.queue)),
    QueueChanged: lambda fact: events.QueueChanged(**_described(fact.queue)),
    QueueArchived: lambda fact: events.QueueArchived(queue_id=str(fact.queue_id)),
    QueueRestored: lambda fact: events.QueueRestored(queue_id=str(fact.queue_id)),
}
