"""Resolves the names that tenants give, and connects to nothing but what was looked at."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from ipaddress import ip_address

from chassis.outbound.addresses import Address, AllowedAddresses
from chassis.outbound.errors import Failure, OutboundFailed, OutboundRefused

Resolver = Callable[[str, int], list[str]]
_RESOLVERS = 16


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, by the system's own means; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Dialer:
    """Connects to hosts outside.

    The name is resolved once, every address that it has must be allowed, and the connection goes to
    an address that was looked at: resolving to another one in between gains nothing. `allowed`
    are networks that may be called besides global addresses. All times are of `time.monotonic`.
    """

    def __init__(self, allowed: Iterable[str] = (), resolver: Resolver = resolve) -> None:
        self._allowed = AllowedAddresses(allowed)
        self._resolver = resolver
        # getaddrinfo knows no deadline: whoever asked waits for a thread no longer than it may.
        self._resolving = ThreadPoolExecutor(_RESOLVERS, "resolve")

    def look_up(self, host: str, port: int, ends_at: float) -> Sequence[Address]:
        """The addresses of a host; raises `OutboundRefused` or `OutboundFailed`."""
        waiting = self._resolving.submit(self._resolver, host, port)
        try:
            found = waiting.result(timeout=max(0.0, ends_at - time.monotonic()))
        except TookTooLong:
            waiting.cancel()
            raise not_connected(Failure.TIMEOUT, f"{host} was not resolved in time") from None
        except (OSError, UnicodeError):
            raise not_connected(Failure.RESOLVE, f"{host} cannot be resolved") from None
        addresses = [ip_address(text) for text in found]
        if not addresses or not all(self._allowed.allows(one) for one in addresses):
            # Which address it was would tell a stranger how the network inside is laid out.
            raise OutboundRefused(
                "host_not_allowed", f"The host {host} leads to an address that is not public."
            )
        return addresses

    def are_inside(self, addresses: Sequence[Address]) -> bool:
        """Whether all of them are in networks that the operator allows by name."""
        return all(self._allowed.are_inside(one) for one in addresses)

    def connect(self, addresses: Sequence[Address], port: int, ends_at: float) -> socket.socket:
        """A connection to the first that answers; raises `OutboundFailed`."""
        failure = not_connected(Failure.TIMEOUT, "no connection in time")
        for number, address in enumerate(addresses):
            left = ends_at - time.monotonic()
            if left <= 0:
                break
            try:
                # An address that is silent leaves some of the time to those after it.
                share = left / (len(addresses) - number)
                return socket.create_connection((str(address), port), share)
            except TimeoutError:
                failure = not_connected(Failure.TIMEOUT, "no connection in time")
            except OSError as error:
                reason = error.strerror or str(error)
                failure = not_connected(Failure.CONNECT, f"no connection: {reason}")
        raise failure


def not_connected(failure: Failure, message: str) -> OutboundFailed:
    """A failure before anything was handed over."""
    return OutboundFailed(failure, message, handed_over=False)
