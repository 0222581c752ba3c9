"""Asks other services over gRPC: one channel an address, deadlines, retries, identity, a breaker."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar
from uuid import UUID

import grpc
import orjson
from google.protobuf.message import Message

from chassis.context import Caller
from chassis.domain import DomainError, Unavailable
from chassis.origin import METADATA, current_address
from chassis.rpc.breaker import Breaker
from chassis.rpc.deadline import time_left
from chassis.rpc.errors import error_of
from chassis.storage.database import forbid_network_in_transaction
from chassis.telemetry.metrics import breaker_open, rpc_calls
from chassis.telemetry.tracing import current_traceparent, note_failure, span

log = logging.getLogger("chassis.rpc")

Q = TypeVar("Q", bound=Message)
A = TypeVar("A", bound=Message)
S = TypeVar("S")

TIMEOUT = 2.0
"""Seconds that a call may take, retries included, unless it is given less or more."""

_MAX_MESSAGE = 4 * 1024 * 1024
_SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                # gRPC adds jitter of a fifth to each pause.
                "maxAttempts": 3,
                "initialBackoff": "0.05s",
                "maxBackoff": "0.5s",
                "backoffMultiplier": 3,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
    "retryThrottling": {"maxTokens": 20, "tokenRatio": 0.1},
}
_OPTIONS = (
    ("grpc.service_config", orjson.dumps(_SERVICE_CONFIG).decode()),
    ("grpc.max_receive_message_length", _MAX_MESSAGE),
    ("grpc.max_send_message_length", _MAX_MESSAGE),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # A peer that comes back is found within a second or so, not after two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.enable_http_proxy", 0),
    # A connection is a channel's own: another's to the same address, which pauses after a failure, would be taken for it.
    ("grpc.use_local_subchannel_pool", 1),
)
_NO_ANSWER = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    }
)


class TokenSource(Protocol):
    """Where the service's own tokens come from, for work that no caller's token came with."""

    def token(self, tenant_id: UUID) -> str:
        """A valid token for this tenant. Raises `Unavailable`."""
        ...

    def forget(self, tenant_id: UUID) -> None:
        """Drop the tenant's token: a peer has refused it."""
        ...


class Peers:
    """The other services. Peers at one address share a channel and a breaker.

    Channels are opened by the first call and not before: gRPC does not survive a fork.
    """

    def __init__(
        self, tokens: TokenSource, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._tokens = tokens
        self._monotonic = monotonic
        self._peers: dict[str, Peer] = {}
        self._lock = threading.Lock()

    def at(self, name: str, address: str) -> Peer:
        """The peer called `name` (for messages and traces) at `host:port`."""
        with self._lock:
            peer = self._peers.get(address)
            if peer is None:
                breaker = Breaker(self._monotonic)
                peer = self._peers[address] = Peer(name, address, self._tokens, breaker)
            return peer

    def close(self) -> None:
        """Close all channels; calls in flight are cancelled."""
        with self._lock:
            peers = list(self._peers.values())
        for peer in peers:
            peer.close()


class Peer:
    """One other service, asked through generated stubs."""

    def __init__(self, name: str, address: str, tokens: TokenSource, breaker: Breaker) -> None:
        self.name = name
        self._target = address if "://" in address else f"dns:///{address}"
        self._tokens = tokens
        self._breaker = breaker
        breaker_open.labels(name).set_function(lambda: breaker.is_open)
        self._channel: grpc.Channel | None = None
        self._stubs: dict[object, object] = {}
        self._lock = threading.Lock()

    def stub(self, kind: Callable[[grpc.Channel], S]) -> S:
        """The generated stub of this kind, on the peer's channel."""
        with self._lock:
            if self._channel is None:
                self._channel = grpc.insecure_channel(self._target, _OPTIONS)
            known = self._stubs.get(kind)
            if known is None:
                known = self._stubs[kind] = kind(self._channel)
            return known  # type: ignore[return-value]  # kept under the kind that made it

    def ask(
        self,
        method: grpc.UnaryUnaryMultiCallable[Q, A],
        request: Q,
        caller: Caller,
        timeout: float = TIMEOUT,
    ) -> A:
        """Call a stub's method for `caller`: with the token it came with, or else the service's.

        Waits `timeout` seconds at most, and no longer than the call in hand may take. Raises
        `Unavailable` when there is no answer, at once while the breaker is open, and the
        peer's own errors with their code; RuntimeError inside a transaction.
        """
        forbid_network_in_transaction(f"a call of {self.name}")
        asked = type(request).__name__.removesuffix("Request")
        if not self._breaker.allows():
            rpc_calls.labels(self.name, asked, "breaker_open").observe(0)
            raise self._unavailable()
        began, outcome = time.perf_counter(), "failed"
        with span(f"{self.name}/{asked}", kind="client"):
            try:
                answer = self._asked(method, request, caller, timeout)
                outcome = "answered"
            except Unavailable as error:
                outcome = "unavailable"
                note_failure(error)
                raise
            except DomainError:
                outcome = "refused"
                raise
            finally:
                rpc_calls.labels(self.name, asked, outcome).observe(time.perf_counter() - began)
        return answer

    def begin(
        self,
        method: grpc.UnaryUnaryMultiCallable[Q, A],
        request: Q,
        caller: Caller,
        timeout: float = TIMEOUT,
    ) -> Asked[A]:
        """Call like `ask`, without waiting: for whoever asks several peers at the same time.

        What `ask` raises, `Asked.answer` does; but for a RuntimeError, which comes at once.
        """
        forbid_network_in_transaction(f"a call of {self.name}")
        asked = type(request).__name__.removesuffix("Request")
        if not self._breaker.allows():
            return Asked(self, asked, caller, refusal=(self._unavailable(), "breaker_open"))
        left = time_left()
        with span(f"{self.name}/{asked}", kind="client"):
            try:
                metadata = self._metadata(caller)
            except Unavailable as error:
                return Asked(self, asked, caller, refusal=(error, "unavailable"))
            if left is not None and left <= 0:
                return Asked(self, asked, caller, refusal=(self._unavailable(), "unavailable"))
            cut = left is not None and left < timeout
            call = method.future(request, timeout=left if cut else timeout, metadata=metadata)
        return Asked(self, asked, caller, call=call, cut=cut)

    def _asked(
        self,
        method: grpc.UnaryUnaryMultiCallable[Q, A],
        request: Q,
        caller: Caller,
        timeout: float,
    ) -> A:
        metadata = self._metadata(caller)
        left = time_left()
        if left is not None and left <= 0:
            raise self._unavailable()
        cut = left is not None and left < timeout
        try:
            answer = method(
                request,
                timeout=left if cut else timeout,
                metadata=metadata,
            )
        except grpc.RpcError as failure:
            raise self.refused(failure, caller, cut=cut) from failure
        self.answered()
        return answer

    def answered(self) -> None:
        """Note that an answer came."""
        self._breaker.succeeded()

    def refused(self, failure: grpc.RpcError, caller: Caller, *, cut: bool) -> DomainError:
        """Note a failed call, and say what the failure means here.

        Not held against the peer: refusals, its bugs, and a deadline that our own caller cut.
        """
        code = failure.code()
        late = code is grpc.StatusCode.DEADLINE_EXCEEDED
        if code in _NO_ANSWER and not (late and cut):
            self._breaker.failed()
        elif not late:
            self._breaker.succeeded()
        if code is grpc.StatusCode.UNAUTHENTICATED and caller.token is None:
            return self._own_token_refused(caller)
        error = error_of(failure, self.name)
        if isinstance(error, Unavailable):
            log.warning("peer did not answer", extra={"peer": self.name, "code": code.name})
        return error

    def _own_token_refused(self, caller: Caller) -> Unavailable:
        """Our own token, not the caller's doing: the next attempt takes a new one."""
        if caller.tenant_id is not None:
            self._tokens.forget(caller.tenant_id)
        log.warning("peer refused this service's token", extra={"peer": self.name})
        return self._unavailable()

    def _metadata(self, caller: Caller) -> grpc.Metadata:
        token = caller.token
        if token is None:
            if caller.tenant_id is None:
                raise RuntimeError(f"{self.name} cannot be asked for a caller without a tenant")
            token = self._tokens.token(caller.tenant_id)
        known = {
            "authorization": f"Bearer {token}",
            "traceparent": current_traceparent(),
            METADATA: current_address(),
        }
        return tuple((name, value) for name, value in known.items() if value is not None)

    def _unavailable(self) -> Unavailable:
        return Unavailable(f"{self.name} does not answer now.", code="peer_unavailable")

    def close(self) -> None:
        """Close the channel."""
        with self._lock:
            channel, self._channel = self._channel, None
            self._stubs.clear()
        if channel is not None:
            channel.close()


class Asked(Generic[A]):
    """An answer that is on its way from a peer.

    No thread waits for it but the one that asks for the `answer`, once.
    """

    def __init__(
        self,
        peer: Peer,
        asked: str,
        caller: Caller,
        *,
        call: grpc.CallFuture[A] | None = None,
        cut: bool = False,
        refusal: tuple[DomainError, str] | None = None,
    ) -> None:
        self._peer = peer
        self._asked = asked
        self._caller = caller
        self._call = call
        self._cut = cut
        self._refusal = refusal
        self._began = time.perf_counter()

    def answer(self) -> A:
        """Wait for the answer, no longer than the call may take. Raises as `Peer.ask` does."""
        outcome = "failed"
        try:
            answer = self._waited()
            outcome = "answered"
        except Unavailable:
            outcome = "unavailable" if self._refusal is None else self._refusal[1]
            raise
        except DomainError:
            outcome = "refused"
            raise
        finally:
            took = time.perf_counter() - self._began
            rpc_calls.labels(self._peer.name, self._asked, outcome).observe(took)
        return answer

    def cancel(self) -> None:
        """Have the peer stop, if it can: nobody will wait for the answer. Harmless afterwards."""
        if self._call is not None:
            self._call.cancel()  # type: ignore[no-untyped-call]  # of a library without types

    def _waited(self) -> A:
        if self._call is None:
            raise self._refusal[0] if self._refusal else RuntimeError("nothing was asked")
        try:
            answer = self._call.result()
        except grpc.RpcError as failure:
            raise self._peer.refused(failure, self._caller, cut=self._cut) from failure
        self._peer.answered()
        return answer
