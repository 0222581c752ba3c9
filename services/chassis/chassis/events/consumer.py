"""Consumes other services' facts: fetches them, shares them out to workers, settles them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Sequence
from functools import partial
from typing import Any

import httpx
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from chassis.clock import SystemClock
from chassis.domain import Clock
from chassis.events.applier import Applier
from chassis.events.broker import BrokerLogin, BrokerUnreachable, Connection, connected
from chassis.events.dead_letters import dead_letter_headers, write_dead_letter
from chassis.events.delivery import IN_PROGRESS, Delivery
from chassis.events.lag import BrokerState, broker_state
from chassis.events.loop_thread import LoopThread, all_of, together
from chassis.events.names import (
    ACK_WAIT_SECONDS,
    DEAD_STREAM,
    REPLAY_STREAM,
    is_said_by,
    replay_consumer,
    replayed_subject,
    stream_name,
)
from chassis.events.order import Order
from chassis.events.patience import Patience
from chassis.events.pull import Pull
from chassis.events.reactions import Subscription
from chassis.events.sharing import Shares
from chassis.events.worker import Worker
from chassis.settings import ServiceSettings
from chassis.storage.unit_of_work import Operations
from chassis.telemetry.metrics import (
    broker_storage,
    broker_storage_limit,
    consumer_lag,
    stream_limit,
    stream_stored,
)

log = logging.getLogger("chassis.events")

_AT_ONCE = 512
"""How many facts of one stream may be here and unsettled."""
_LAG_SECONDS = 10.0


class ConsumerGroup:
    """All of a service's consumers: one connection, one set of worker threads.

    A fact is acknowledged after its effect is committed, and never otherwise. The connection's
    death is survived: what was finished meanwhile is settled over the next one.
    """

    def __init__(
        self,
        operations: Operations[Any],
        settings: ServiceSettings,
        service: str,
        subscriptions: Sequence[Subscription],
        *,
        threads: int = 4,
        patience: Patience | None = None,
        clock: Clock | None = None,
        keep_alive_seconds: float = ACK_WAIT_SECONDS / 3,
    ) -> None:
        if not subscriptions:
            raise ValueError("a consumer group needs a subscription")
        self._login = BrokerLogin(
            settings.nats_url, settings.nats_user, settings.nats_password.get_secret_value()
        )
        self._monitor_url = settings.nats_monitor_url
        self._service = service
        self._name = f"{service}-consumers"
        self._subscriptions = tuple(subscriptions)
        self._clock = clock or SystemClock()
        self._keep_alive_seconds = keep_alive_seconds
        self._thread = LoopThread(self._name, self._work)
        order = Order()
        self._workers = [
            Worker(
                f"{self._name}-{number}",
                service,
                Applier(operations, service),
                patience or Patience(),
                self._settle,
                self._bury,
                clock=self._clock,
                order=order,
            )
            for number in range(threads)
        ]
        self._shares = Shares(self._workers)
        self._held: dict[str, Delivery] = {}
        self._held_from: Counter[str] = Counter()
        self._settlements: deque[tuple[Delivery, bytes]] = deque()
        self._collecting = False
        self._unsent: deque[tuple[str, bytes]] = deque()
        self._due = asyncio.Event()
        self._connection: Connection | None = None
        self._pulls: dict[str, Pull] = {}
        self._drain_until = 0.0

    def start(self) -> None:
        """Begin; returns at once."""
        for worker in self._workers:
            worker.start()
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Finish what is begun within `timeout` seconds, and hand back what is not."""
        self._drain_until = time.monotonic() + timeout
        for worker in self._workers:
            worker.finish()
        self._thread.stop(timeout + 1)
        for worker in self._workers:
            worker.end(max(0.0, self._drain_until - time.monotonic()))

    def is_healthy(self) -> bool:
        """Whether the broker serves all consumers, and all workers are there."""
        return (
            self._connection is not None
            and self._thread.is_alive()
            and all(worker.is_alive() for worker in self._workers)
            and all(pull.is_served for pull in self._pulls.values())
        )

    # What workers call, from their threads ------------------------------------------------------

    def _settle(self, delivery: Delivery, settlement: bytes) -> None:
        self._settlements.append((delivery, settlement))
        if not self._collecting:  # one call into the loop for all that come until it happens
            self._collecting = True
            self._thread.call(self._collect)

    def _bury(self, delivery: Delivery, reason: str) -> None:
        consumer = delivery.subscription.durable(self._service)
        headers = dead_letter_headers(delivery, consumer, reason, self._clock.now())
        work = write_dead_letter(self._connection, self._service, delivery, headers)
        self._thread.wait_for(work, 10)

    # What happens in the loop -------------------------------------------------------------------

    async def _work(self, stop: asyncio.Event) -> None:
        try:
            async with connected(self._login, self._name) as connection:
                self._connection = connection
                await self._consume(connection, stop)
                if stop.is_set():
                    await self._drain(connection)
        except NatsError as error:
            raise BrokerUnreachable(f"the broker does not answer: {error}") from error
        finally:
            self._connection = None

    async def _consume(self, connection: Connection, stop: asyncio.Event) -> None:
        self._pulls = {
            subscription.stream: self._pull(connection, subscription)
            for subscription in self._subscriptions
        }
        self._pulls[REPLAY_STREAM] = self._pull_replays(connection)
        self._due.set()
        fetching = all_of(*(pull.run(stop) for pull in self._pulls.values()))
        await together(
            fetching,
            self._send_settlements(connection),
            self._keep_alive(connection),
            self._watch_lag(),
            self._stir_pulls(stop),
        )
        if not stop.is_set():
            raise BrokerUnreachable("the connection to the broker was lost")

    async def _stir_pulls(self, stop: asyncio.Event) -> None:
        """Have the pulls see at once that they are to stop, and wait until they have."""
        await stop.wait()
        for pull in self._pulls.values():
            pull.room_changed()
        await asyncio.Event().wait()

    def _pull(self, connection: Connection, subscription: Subscription) -> Pull:
        def deliver(message: Msg) -> None:
            self._share_out(Delivery.of(message, subscription))

        durable = subscription.durable(self._service)
        room = partial(self._room, subscription.stream)
        return Pull(connection, subscription.stream, durable, deliver, room)

    def _pull_replays(self, connection: Connection) -> Pull:
        """What operators have this service do again, of whichever producer."""

        def deliver(message: Msg) -> None:
            subject = replayed_subject(self._service, message.subject)
            for subscription in self._subscriptions:
                if is_said_by(subscription.producer, subject):
                    self._share_out(Delivery.of(message, subscription, self._service))
                    return
            # Another version of the service may listen to it: the broker brings it again.
            log.error("%s is replayed, and nothing here listens to its producer", subject)

        room = partial(self._room, REPLAY_STREAM)
        return Pull(connection, REPLAY_STREAM, replay_consumer(self._service), deliver, room)

    def _share_out(self, delivery: Delivery) -> None:
        again = delivery.reply in self._held
        if not again:
            self._held[delivery.reply] = delivery
            self._held_from[delivery.stream] += 1
        self._shares.share_out(delivery, again=again)

    def _room(self, stream: str) -> int:
        return _AT_ONCE - self._held_from[stream]

    def _collect(self) -> None:
        self._collecting = False
        while self._settlements:
            delivery, settlement = self._settlements.popleft()
            if self._held.pop(delivery.reply, None) is not None:
                self._held_from[delivery.stream] -= 1
                self._shares.settled(delivery)
            self._unsent.append((delivery.reply, settlement))
        self._due.set()

    async def _send_settlements(self, connection: Connection) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            await self._send_all(connection)
            for pull in self._pulls.values():
                pull.room_changed()

    async def _send_all(self, connection: Connection) -> None:
        while self._unsent:
            reply, settlement = self._unsent[0]
            await connection.client.publish(reply, settlement)
            self._unsent.popleft()

    async def _keep_alive(self, connection: Connection) -> None:
        """Have the broker wait for what takes longer, or waits in a queue here."""
        while True:
            await asyncio.sleep(self._keep_alive_seconds)
            for reply in list(self._held):
                await connection.client.publish(reply, IN_PROGRESS)

    async def _drain(self, connection: Connection) -> None:
        """Wait for what the workers have begun; what they have not, they hand back."""
        while self._held and time.monotonic() < self._drain_until:
            self._due.clear()
            try:
                async with asyncio.timeout(self._drain_until - time.monotonic()):
                    await self._due.wait()
            except TimeoutError:
                log.warning("%s: %d facts were not finished", self._name, len(self._held))
            await self._send_all(connection)
        await self._send_all(connection)
        await connection.client.flush()

    async def _watch_lag(self) -> None:
        if self._monitor_url is None:
            await asyncio.Event().wait()
            return
        wanted = {(s.stream, s.durable(self._service)) for s in self._subscriptions}
        async with httpx.AsyncClient(base_url=self._monitor_url, timeout=3) as monitor:
            while True:
                try:
                    self._tell(await broker_state(monitor), wanted)
                except (httpx.HTTPError, ValueError, KeyError) as error:
                    log.debug("the broker's monitoring port does not answer: %s", error)
                await asyncio.sleep(_LAG_SECONDS)

    def _tell(self, state: BrokerState, wanted: set[tuple[str, str]]) -> None:
        broker_storage.set(state.used)
        broker_storage_limit.set(state.limit)
        for lag in state.lags:
            if (lag.stream, lag.consumer) in wanted:
                consumer_lag.labels(lag.consumer).set(lag.pending)
        # Those that this service fills; what others fill, they tell of.
        for stream in state.streams:
            if stream.name in {stream_name(self._service), DEAD_STREAM}:
                stream_stored.labels(stream.name).set(stream.stored)
                stream_limit.labels(stream.name).set(stream.limit)
