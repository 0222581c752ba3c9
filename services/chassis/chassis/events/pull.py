"""Asks the broker for messages of a durable consumer, always for as many as there is room for."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable

from nats.aio.msg import Msg

from chassis.events.backoff import Backoff, pause
from chassis.events.broker import Connection

log = logging.getLogger("chassis.events")

_EXPIRES_SECONDS = 5.0
_GRACE_SECONDS = 2.0
_NOTHING_CAME = ("404", "408")
_NOBODY_THERE = "503"


class Pull:
    """Fetches from one consumer over one connection.

    A durable consumer is only used here: making and changing it is provisioning. `deliver` takes
    each message, `room` says how many more may come.
    """

    def __init__(
        self,
        connection: Connection,
        stream: str,
        durable: str,
        deliver: Callable[[Msg], None],
        room: Callable[[], int],
    ) -> None:
        self._client = connection.client
        self._lost = connection.lost
        self._durable = durable
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._deliver = deliver
        self._room = room
        self._inbox = self._client.new_inbox()
        self._asked = 0
        self._open: dict[int, tuple[int, float]] = {}
        self._changed = asyncio.Event()
        self._refusal: str | None = None
        self._backoff = Backoff(0.2, 5.0)
        self.is_served = True
        connection.on_lost.append(self._changed.set)

    def room_changed(self) -> None:
        """There may be room for more messages."""
        self._changed.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch until told to stop, or until the connection is lost."""
        subscription = await self._client.subscribe(f"{self._inbox}.*", cb=self._arrived)
        while not (stop.is_set() or self._lost.is_set()):
            self._changed.clear()
            if self._refusal is not None:
                await self._wait_after_refusal(stop)
                continue
            await self._ask()
            await pause(self._changed, _EXPIRES_SECONDS + _GRACE_SECONDS)
        if not self._lost.is_set():
            # What is on its way still arrives, and can be handed back.
            await subscription.drain()  # type: ignore[no-untyped-call]

    async def _wait_after_refusal(self, stop: asyncio.Event) -> None:
        self.is_served = False
        delay = self._backoff.next_delay()
        log.warning("%s gets no messages: %s", self._durable, self._refusal)
        self._refusal = None
        await pause(stop, delay)
        self._changed.set()

    async def _ask(self) -> None:
        """Ask for as much as there is room for, in few and large portions."""
        now = asyncio.get_running_loop().time()
        # A request whose end was never told is one of a broker that has forgotten it.
        self._open = {n: (left, until) for n, (left, until) in self._open.items() if until > now}
        coming = sum(left for left, _ in self._open.values())
        room = self._room()
        wanted = room - coming
        if wanted <= 0 or (coming and wanted < room // 2):
            return
        self._asked += 1
        self._open[self._asked] = (wanted, now + _EXPIRES_SECONDS + _GRACE_SECONDS)
        request = {"batch": wanted, "expires": int(_EXPIRES_SECONDS * 1e9)}
        await self._client.publish(
            self._next, json.dumps(request).encode(), f"{self._inbox}.{self._asked}"
        )

    async def _arrived(self, message: Msg) -> None:
        status = (message.headers or {}).get("Status")
        if status is None or message.reply:
            self._count_one()
            self._served()
            self._deliver(message)
        else:
            self._open.pop(int(message.subject.rpartition(".")[2]), None)
            if status in _NOTHING_CAME:
                self._served()
            elif status == _NOBODY_THERE:
                self._refusal = "the consumer does not exist: run the command provision"
            else:
                self._refusal = f"{status} {(message.headers or {}).get('Description', '')}"
        self._changed.set()

    def _served(self) -> None:
        self.is_served = True
        self._backoff.reset()

    def _count_one(self) -> None:
        """The broker serves requests in their order, so one of the oldest has been answered."""
        for number, (left, until) in self._open.items():
            if left > 1:
                self._open[number] = (left - 1, until)
            else:
                del self._open[number]
            return
