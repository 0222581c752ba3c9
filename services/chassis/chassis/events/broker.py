"""Connections to NATS: each lives until it is lost, and whoever needs one then opens the next."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache

from nats.aio.client import Client
from nats.errors import Error as NatsError

from chassis.events.names import inbox_prefix

log = logging.getLogger("chassis.events")

_REFUSED = re.compile(r'permissions violation for publish to "([^"]+)"', re.IGNORECASE)

_CLOSING_SECONDS = 2
"""A connection whose TLS has failed is never told that it is over, and its closing would wait for ever."""

BROKER_ERRORS = (NatsError, OSError, TimeoutError)


def message_size(payload: bytes, headers: Mapping[str, str]) -> int:
    """The bytes that the broker counts; it cuts the connection of whoever sends too many."""
    lines = sum(len(key) + len(value.encode()) + 4 for key, value in headers.items())
    return len(payload) + lines + len(b"NATS/1.0\r\n\r\n")


class QuickClient(Client):
    """nats-py's client, reading the headers of messages in half of the time that it takes for that.

    It looks at the name of each header of each message anew; there are a dozen names in all. Every fact has ten of them,
    and they were a sixth of what a consumer took for it.

    Where the address says `tls://`, it tells its password to no server that does not ask for TLS: nats-py
    would go on in plain text, which whoever stands between could have it do.
    """

    def _connect_command(self) -> bytes:
        server = self._current_server
        is_private = self._server_info.get("tls_required", False)
        if server is not None and server.uri.scheme == "tls" and not is_private:
            raise NatsError(f"the broker at {server.uri.hostname} does not ask for TLS")
        return super()._connect_command()

    @staticmethod
    def _parse_header_lines(raw: bytes) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in raw.split(b"\r\n"):
            name, colon, value = line.partition(b":")
            key = _header_name(name) if colon else None
            if key is not None:
                found[key] = value.strip().decode("utf-8", "replace")
        return found


@lru_cache(maxsize=256)
def _header_name(raw: bytes) -> str | None:
    """The name, or None for what is none, as nats-py has it."""
    try:
        name = raw.strip().decode("ascii")
    except UnicodeDecodeError:
        return None
    return None if any(character.isspace() for character in name) else name


class BrokerUnreachable(OSError):
    """No connection to the broker could be made, or it was lost."""


@dataclass(frozen=True, slots=True)
class BrokerLogin:
    """Where the broker is and who connects; several addresses are separated by commas."""

    url: str
    user: str
    password: str = field(repr=False)


@dataclass(slots=True)
class Connection:
    """An open connection.

    `lost` is set when it is over. `refusals` are called with the subject when the broker refuses
    a publication: such a message is never answered.
    """

    client: Client = field(default_factory=QuickClient)
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    on_lost: list[Callable[[], None]] = field(default_factory=list)
    refusals: list[Callable[[str], None]] = field(default_factory=list)

    async def _closed(self) -> None:
        self.lost.set()
        for tell in self.on_lost:
            tell()

    async def _noted(self, error: Exception) -> None:
        refused = _REFUSED.search(str(error))
        if refused is None:
            log.debug("broker: %s", error)
            return
        log.error("the broker refuses to take %s from this service", refused[1])
        for tell in self.refusals:
            tell(refused[1])

    async def open(self, login: BrokerLogin, name: str) -> None:
        """Raises an error of `BROKER_ERRORS` when no server takes the connection."""
        await self.client.connect(
            login.url.split(","),
            user=login.user,
            password=login.password,
            inbox_prefix=inbox_prefix(login.user),
            name=name,
            error_cb=self._noted,
            closed_cb=self._closed,
            # A lost connection ends everything that stood on it, which then begins anew: nothing
            # is left in a buffer of which nobody knows whether it was sent.
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=3,
            ping_interval=10,
        )


@asynccontextmanager
async def connected(login: BrokerLogin, name: str) -> AsyncIterator[Connection]:
    """A connection for the length of a block; raises `BrokerUnreachable` without one."""
    connection = Connection()
    try:
        try:
            async with asyncio.timeout(10):
                await connection.open(login, name)
        except BROKER_ERRORS as error:
            reason = connection.client.last_error or error
            raise BrokerUnreachable(
                f"the broker at {login.url} is not reached: {reason}"
            ) from error
        yield connection
    finally:
        with suppress(*BROKER_ERRORS):
            async with asyncio.timeout(_CLOSING_SECONDS):
                await connection.client.close()
