"""Publishes many messages at once to JetStream and learns of each whether the broker has it.

Messages of one line (an aggregate) go one after the other, each after the acknowledgement of the one
before; when one of them fails, the rest of its line is not sent. Different lines do not wait for
each other, but for the window: how many messages may be on their way at once. The broker writes one
after the other to the disk, so whatever is on its way already stands before what comes later.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from nats.aio.msg import Msg
from nats.errors import ConnectionClosedError
from nats.errors import Error as NatsError

from chassis.events.broker import BrokerUnreachable, Connection, message_size


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to publish; `key` is the publisher's caller's own."""

    key: int
    line: str
    subject: str
    payload: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message was not published; a passing reason lies with the broker, not the message."""

    message: Outgoing
    reason: str
    passing: bool


@dataclass(slots=True)
class Sent:
    """What became of a batch; what is in neither list was not sent, or nobody knows."""

    published: list[int] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    lost: bool = False


class Publisher:
    """One caller's way to the broker; a second batch waits for no other publisher's."""

    def __init__(
        self,
        connection: Connection,
        patience: float = 5.0,
        window: Callable[[], int] | None = None,
    ) -> None:
        """`patience` is how many seconds pass without any answer before a batch is given up.

        `window` is asked how many messages may be on their way at once; any number without it.
        """
        self._connection = connection
        self._client = connection.client
        self._patience = patience
        self._window = window
        self._inbox = self._client.new_inbox()
        self._tokens = itertools.count(1)
        self._waiting: dict[str, Outgoing] = {}
        self._lines: dict[str, deque[Outgoing]] = {}
        self._not_begun: deque[deque[Outgoing]] = deque()
        self._sent = Sent()
        self._answers = 0
        self._over = asyncio.Event()

    async def open(self) -> None:
        """Have the broker's answers arrive; once, before the first batch."""
        await self._client.subscribe(f"{self._inbox}.*", cb=self._answered)
        self._connection.on_lost.append(self._lost)
        self._connection.refusals.append(self._refused)

    async def publish(self, messages: Sequence[Outgoing]) -> Sent:
        """Publish a batch and wait until the broker has answered for all of it."""
        self._sent = Sent(lost=self._connection.lost.is_set())
        self._waiting, self._lines = {}, {}
        for message in messages:
            self._lines.setdefault(message.line, deque()).append(message)
        self._not_begun = deque(self._lines.values())
        while not self._is_over():
            answers = self._answers
            self._over.clear()
            await self._begin_lines()
            try:
                async with asyncio.timeout(self._patience):
                    await self._over.wait()
            except TimeoutError:
                if answers == self._answers:
                    self._give_up()
        sent, self._sent = self._sent, Sent()
        return sent

    @property
    def under_way(self) -> int:
        """How many messages are sent and not answered."""
        return len(self._waiting)

    def _is_over(self) -> bool:
        return self._sent.lost or not (self._waiting or self._not_begun)

    async def _begin_lines(self) -> None:
        while self._not_begun and not self._sent.lost:
            if self._window is not None and self.under_way >= self._window():
                return
            await self._send_next(self._not_begun.popleft())

    async def _send_next(self, line: deque[Outgoing]) -> None:
        while line and not self._sent.lost:
            message = line.popleft()
            token = str(next(self._tokens))
            self._waiting[token] = message
            try:
                self._check_size(message)
                await self._client.publish(
                    message.subject,
                    message.payload,
                    f"{self._inbox}.{token}",
                    dict(message.headers),
                )
                return
            except (ConnectionClosedError, BrokerUnreachable):
                self._lost()
            except (NatsError, ValueError) as error:
                del self._waiting[token]
                self._fail(message, str(error), passing=False)
        if self._is_over():
            self._over.set()

    def _check_size(self, message: Outgoing) -> None:
        most = self._client.max_payload
        if len(message.payload) < most // 2:
            return  # what makes a message too large is its content
        size = message_size(message.payload, message.headers)
        if size > most:
            raise ValueError(f"the message has {size} bytes, and the broker takes at most {most}")

    def _fail(self, message: Outgoing, reason: str, *, passing: bool) -> None:
        self._sent.failed.append(Failure(message, reason, passing))
        self._lines[message.line].clear()

    async def _answered(self, answer: Msg) -> None:
        message = self._waiting.pop(answer.subject.rpartition(".")[2], None)
        if message is None:
            return  # an answer that came after we had given up
        self._answers += 1
        refusal = _refusal(answer)
        if refusal is None:
            self._sent.published.append(message.key)
        else:
            reason, passing = refusal
            self._fail(message, reason, passing=passing)
        await self._send_next(self._lines[message.line])
        await self._begin_lines()
        if self._is_over():
            self._over.set()

    def _refused(self, subject: str) -> None:
        for token, message in list(self._waiting.items()):
            if message.subject.lower() == subject.lower():  # the client lowers what it reports
                del self._waiting[token]
                self._fail(
                    message, f"this service may not publish on {message.subject}", passing=False
                )
        self._over.set()  # or there is room for lines that are not begun

    def _give_up(self) -> None:
        for message in self._waiting.values():
            self._fail(message, f"no answer within {self._patience:g} s", passing=True)
        self._waiting.clear()
        self._not_begun.clear()

    def _lost(self) -> None:
        self._sent.lost = True
        self._over.set()


def _refusal(answer: Msg) -> tuple[str, bool] | None:
    """Why the broker did not take a message, and whether that passes; None if it took it."""
    if answer.headers and answer.headers.get("Status") == "503":
        return "no stream takes this subject", True
    content = orjson.loads(answer.data)
    error = content.get("error")
    if error is None:
        return None
    # From 500 on the stream is full, has no leader or is short of something: no message's fault.
    passing = int(error.get("code", 500)) >= 500
    return f"{error.get('description')} ({error.get('err_code')})", passing
