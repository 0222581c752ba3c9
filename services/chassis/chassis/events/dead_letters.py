"""Puts a fact that a consumer gave up on where people find it, with the reason."""

from __future__ import annotations

import re
from datetime import datetime

from nats.errors import Error as NatsError

from chassis.events.broker import BrokerUnreachable, Connection, message_size
from chassis.events.delivery import Delivery
from chassis.events.names import dead_subject
from chassis.personal import blanked

_LONGEST_REASON = 500
_HEADER = re.compile(r"(?!nats-|replay-)[a-z0-9-]+", re.IGNORECASE)


def dead_letter_headers(
    delivery: Delivery, consumer: str, reason: str, now: datetime
) -> dict[str, str]:
    """The fact's own headers, without orders to the broker, and what happened to it."""
    return {
        **{key: value for key, value in delivery.headers.items() if _HEADER.fullmatch(key)},
        # Not the fact's own: each consumer that gives up on it has its own dead letter.
        "Nats-Msg-Id": f"{consumer}:{delivery.stream}:{delivery.sequence}",
        "dead-consumer": consumer,
        "dead-reason": " ".join(reason.split())[:_LONGEST_REASON],
        "dead-at": now.isoformat(),
        "dead-from": delivery.origin,
        "dead-attempts": str(delivery.attempt),
    }


async def write_dead_letter(
    connection: Connection | None, service: str, delivery: Delivery, headers: dict[str, str]
) -> None:
    """Store the dead letter; raises `BrokerUnreachable` unless the broker has acknowledged it.

    A fact so large that nothing can be added to it is stored without its content, which is at
    the place that `dead-from` names. So is what is personal in a fact: a dead letter then has
    nothing that would have to be looked for when somebody is erased.
    """
    if connection is None:
        raise BrokerUnreachable("there is no connection to the broker")
    subject, payload = dead_subject(service, delivery.subject), delivery.payload
    kept = blanked(delivery.headers.get("ce-type", ""), payload)
    if kept != payload:
        payload, headers = kept, {**headers, "dead-content": "without what is personal"}
    if message_size(payload, headers) > connection.client.max_payload:
        payload, headers = b"", {**headers, "dead-content": "too large, left where it was"}
    try:
        await connection.client.jetstream().publish(subject, payload, timeout=5, headers=headers)
    except NatsError as error:
        raise BrokerUnreachable(f"no dead letter could be stored on {subject}: {error}") from error
