"""The one way to call addresses that tenants give: webhooks, message providers, identity providers."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import ip_address

from chassis.outbound.addresses import Address, AllowedAddresses
from chassis.outbound.deadline_socket import DeadlineSocket
from chassis.outbound.errors import Failure, OutboundFailed, OutboundRefused
from chassis.outbound.url import Target, read_target
from chassis.telemetry.tracing import note, span

Resolver = Callable[[str, int], list[str]]
_RESOLVERS = 16
_USER_AGENT = "Rapport/1"
_READ_AT_ONCE = 16 * 1024


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """What is sent, and how much time and answer are allowed."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    connect_seconds: float = 5.0
    total_seconds: float = 15.0
    """From the first step to the last byte of the answer."""
    max_response_bytes: int = 64 * 1024
    """What is beyond is not read; the answer counts all the same."""


@dataclass(frozen=True, slots=True)
class OutboundResponse:
    """An answer, whatever its status; redirects are answers like any other and not followed."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; of a repeated one the last."""
    body: bytes
    truncated: bool
    seconds: float


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, by the system's own means; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class OutboundHttp:
    """Calls the outside so that nobody inside can be reached through it.

    The name is resolved once, every address that it has must be allowed, and the connection goes to
    the address that was looked at: resolving to another one in between gains nothing. No
    redirects, no cookies, no proxies from the environment; time and answer are bounded as a
    whole. `allowed` are networks that may be called besides global addresses.
    """

    def __init__(
        self,
        allowed: Iterable[str] = (),
        *,
        tls: ssl.SSLContext | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        self._addresses = AllowedAddresses(allowed)
        self._tls = tls or ssl.create_default_context()
        self._resolver = resolver
        # getaddrinfo knows no deadline: whoever asked waits for a thread no longer than it may.
        self._resolving = ThreadPoolExecutor(_RESOLVERS, "resolve")

    def check(self, url: str, seconds: float = 5.0) -> None:
        """Say whether an address may be called, when somebody enters it.

        Raises `OutboundRefused`, and `OutboundFailed` when the host cannot be resolved. It is
        looked at again with every call.
        """
        self._look_up(read_target(url), time.monotonic() + seconds)

    def send(self, request: OutboundRequest) -> OutboundResponse:
        """Send and give the answer; raises `OutboundRefused` or `OutboundFailed`.

        Waits, so it is never called within a transaction.
        """
        began = time.monotonic()
        target = read_target(request.url)
        with span("outbound", kind="client", host=target.host):
            ends_at = began + request.total_seconds
            addresses = self._look_up(target, ends_at)
            connection = self._connect(request, target, addresses, ends_at)
            try:
                response, body, truncated = _exchange(connection, request, target)
            finally:
                connection.close()
            note(status=response.status)
        headers = {name.lower(): value for name, value in response.getheaders()}
        seconds = time.monotonic() - began
        return OutboundResponse(response.status, headers, body, truncated, seconds)

    def _look_up(self, target: Target, ends_at: float) -> list[str]:
        waiting = self._resolving.submit(self._resolver, target.host, target.port)
        try:
            found = waiting.result(timeout=max(0.0, ends_at - time.monotonic()))
        except TookTooLong:
            waiting.cancel()
            raise _failed(Failure.TIMEOUT, f"{target.host} was not resolved in time") from None
        except (OSError, UnicodeError):
            raise _failed(Failure.RESOLVE, f"{target.host} cannot be resolved") from None
        addresses = [ip_address(text) for text in found]
        self._refuse_inside(target, addresses)
        return found

    def _refuse_inside(self, target: Target, addresses: list[Address]) -> None:
        if not addresses or not all(self._addresses.allows(one) for one in addresses):
            # Which address it was would tell a stranger how the network inside is laid out.
            raise OutboundRefused(
                "host_not_allowed",
                f"The host {target.host} leads to an address that is not public.",
            )
        if not target.secure and not all(self._addresses.are_inside(one) for one in addresses):
            raise OutboundRefused("not_https", "The address does not begin with https://.")

    def _connect(
        self, request: OutboundRequest, target: Target, addresses: list[str], ends_at: float
    ) -> HTTPConnection:
        ends_connecting = min(ends_at, time.monotonic() + request.connect_seconds)
        plain = _first_that_answers(addresses, target.port, ends_connecting)
        try:
            if target.secure:
                plain.settimeout(max(0.001, ends_connecting - time.monotonic()))
                plain = self._tls.wrap_socket(plain, server_hostname=target.host)
        except TimeoutError:
            plain.close()
            raise _failed(Failure.TIMEOUT, "no secure connection in time") from None
        except (OSError, ValueError) as error:
            plain.close()
            reason = getattr(error, "verify_message", "") or getattr(error, "reason", "") or error
            raise _failed(Failure.TLS, f"no secure connection: {reason}") from None
        connection = HTTPConnection(target.host, target.port)
        connection.sock = DeadlineSocket(plain, ends_at)
        return connection


def _first_that_answers(addresses: list[str], port: int, ends_at: float) -> socket.socket:
    failure = _failed(Failure.TIMEOUT, "no connection in time")
    for number, address in enumerate(addresses):
        left = ends_at - time.monotonic()
        if left <= 0:
            break
        try:
            # An address that is silent leaves some of the time to those after it.
            return socket.create_connection((address, port), left / (len(addresses) - number))
        except TimeoutError:
            failure = _failed(Failure.TIMEOUT, "no connection in time")
        except OSError as error:
            failure = _failed(Failure.CONNECT, f"no connection: {error.strerror or error}")
    raise failure


def _exchange(
    connection: HTTPConnection, request: OutboundRequest, target: Target
) -> tuple[HTTPResponse, bytes, bool]:
    headers = {"Host": target.authority, "User-Agent": _USER_AGENT, "Connection": "close"}
    try:
        _say(connection, request, target.path, headers | dict(request.headers))
        response = connection.getresponse()
        return response, *_read_body(response, request.max_response_bytes)
    except TimeoutError:
        raise _failed(Failure.TIMEOUT, "no whole answer in time", handed_over=True) from None
    except OSError as error:
        message = f"the connection broke: {error.strerror or type(error).__name__}"
        raise _failed(Failure.SEND, message, handed_over=True) from None
    except HTTPException as error:
        message = f"the answer is not HTTP: {type(error).__name__}"
        raise _failed(Failure.PROTOCOL, message, handed_over=True) from None


def _say(
    connection: HTTPConnection, request: OutboundRequest, path: str, headers: dict[str, str]
) -> None:
    try:
        connection.request(request.method, path, request.body or None, headers)
    except TimeoutError:
        raise
    except OSError:
        # Whoever hangs up before the end may have answered all the same: 413, say. If there is no
        # answer, reading it fails with the reason.
        return


def _read_body(response: HTTPResponse, at_most: int) -> tuple[bytes, bool]:
    """The answer's body, and whether there was more of it than is read."""
    parts, left = [], at_most + 1
    while left > 0 and (part := response.read1(min(left, _READ_AT_ONCE))):
        parts.append(part)
        left -= len(part)
    body = b"".join(parts)
    return body[:at_most], len(body) > at_most


def _failed(failure: Failure, message: str, *, handed_over: bool = False) -> OutboundFailed:
    return OutboundFailed(failure, message, handed_over=handed_over)
