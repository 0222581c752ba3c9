"""Has the bus tell facts again, which it may do at any time: consumers have to be right all the same."""

from __future__ import annotations

from uuid import uuid4

import psycopg
from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg

from chassis.embedded.processes import wait_until
from chassis.events.names import consumer_name, stream_name
from tests.at_broker import manage, speak_as

from .world import World

_UNPUBLISHED = "SELECT EXISTS (SELECT FROM outbox WHERE published_at IS NULL)"


def tell_again(world: World, producer: str, subject: str) -> None:
    """Publish the last fact of a type twice more, with its own id, as after a redelivery."""

    async def look(js: JetStreamContext) -> RawStreamMsg:
        return await js.get_last_msg(stream_name(producer), subject)

    last = manage(world.platform, look)

    async def publish(js: JetStreamContext) -> None:
        for _ in range(2):
            # Else the broker itself would know it as the same.
            headers = {**(last.headers or {}), "Nats-Msg-Id": str(uuid4())}
            await js.publish(subject, last.data or b"", headers=headers)

    speak_as(world.platform, producer, publish)


def has_heard(world: World, consumer: str, producer: str, seconds: float) -> bool:
    """Whether a service has done all that a producer has stored to tell so far, within so many seconds."""

    async def left(js: JetStreamContext) -> int:
        info = await js.consumer_info(stream_name(producer), consumer_name(consumer, producer))
        return (info.num_pending or 0) + (info.num_ack_pending or 0)

    database = world.platform.postgres.admin_dsn(producer)
    with psycopg.connect(database, autocommit=True) as connection:

        def is_done() -> bool:
            # In this order: what leaves the outbox meanwhile is before the consumer then.
            waits = connection.execute(_UNPUBLISHED).fetchone()
            return waits == (False,) and not manage(world.platform, left)

        return wait_until(is_done, seconds)
