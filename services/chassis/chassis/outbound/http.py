"""The one way to call addresses that tenants give: webhooks, message providers, identity providers."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse

from chassis.outbound.addresses import Address
from chassis.outbound.deadline_socket import DeadlineSocket
from chassis.outbound.dialer import Dialer, Resolver, not_connected, resolve
from chassis.outbound.errors import Failure, OutboundFailed, OutboundRefused
from chassis.outbound.url import Target, read_target
from chassis.telemetry.tracing import note, span

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


class OutboundHttp:
    """Calls the outside so that nobody inside can be reached through it.

    See `Dialer` for which addresses may be called. No redirects, no cookies, no proxies from the
    environment; time and answer are bounded as a whole.
    """

    def __init__(
        self,
        allowed: Iterable[str] = (),
        *,
        tls: ssl.SSLContext | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        self._dialer = Dialer(allowed, resolver)
        self._tls = tls or ssl.create_default_context()

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
            line = self._connect(request, target, addresses, ends_at)
            connection = HTTPConnection(target.host, target.port)
            connection.sock = line
            try:
                response, body, truncated = _exchange(connection, request, target)
            finally:
                line.hang_up()
            note(status=response.status)
        headers = {name.lower(): value for name, value in response.getheaders()}
        seconds = time.monotonic() - began
        return OutboundResponse(response.status, headers, body, truncated, seconds)

    def _look_up(self, target: Target, ends_at: float) -> Sequence[Address]:
        addresses = self._dialer.look_up(target.host, target.port, ends_at)
        if not target.secure and not self._dialer.are_inside(addresses):
            raise OutboundRefused("not_https", "The address does not begin with https://.")
        return addresses

    def _connect(
        self, request: OutboundRequest, target: Target, addresses: Sequence[Address], ends_at: float
    ) -> DeadlineSocket:
        ends_connecting = min(ends_at, time.monotonic() + request.connect_seconds)
        plain = self._dialer.connect(addresses, target.port, ends_connecting)
        try:
            if target.secure:
                plain.settimeout(max(0.001, ends_connecting - time.monotonic()))
                plain = self._tls.wrap_socket(plain, server_hostname=target.host)
        except TimeoutError:
            plain.close()
            raise not_connected(Failure.TIMEOUT, "no secure connection in time") from None
        except (OSError, ValueError) as error:
            plain.close()
            reason = getattr(error, "verify_message", "") or getattr(error, "reason", "") or error
            raise not_connected(Failure.TLS, f"no secure connection: {reason}") from None
        return DeadlineSocket(plain, ends_at)


def _exchange(
    connection: HTTPConnection, request: OutboundRequest, target: Target
) -> tuple[HTTPResponse, bytes, bool]:
    headers = {"Host": target.authority, "User-Agent": _USER_AGENT, "Connection": "close"}
    try:
        _say(connection, request, target.path, headers | dict(request.headers))
        response = connection.getresponse()
        return response, *_read_body(response, request.max_response_bytes)
    except TimeoutError:
        raise _broken(Failure.TIMEOUT, "no whole answer in time") from None
    except OSError as error:
        message = f"the connection broke: {error.strerror or type(error).__name__}"
        raise _broken(Failure.SEND, message) from None
    except HTTPException as error:
        message = f"the answer is not HTTP: {type(error).__name__}"
        raise _broken(Failure.PROTOCOL, message) from None


def _say(
    connection: HTTPConnection, request: OutboundRequest, path: str, headers: dict[str, str]
) -> None:
    try:
        connection.request(request.method, path, request.body or None, headers)
    except TimeoutError:
        raise
    except ValueError:
        # Headers are looked at before the first byte goes out. What is wrong is not told: it may be a secret.
        message = "a header has characters that cannot be sent"
        raise not_connected(Failure.PROTOCOL, message) from None
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


def _broken(failure: Failure, message: str) -> OutboundFailed:
    return OutboundFailed(failure, message, handed_over=True)
