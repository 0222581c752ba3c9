"""One gRPC call: who calls, how far they reach, and the way to operations and queries."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Concatenate, Final, Generic, ParamSpec, TypeVar, cast

import grpc
from google.protobuf.message import Message

from chassis.context import Caller, Reach
from chassis.domain import Invalid
from chassis.idempotency import IdempotencyKey, StoredReply, erased_since
from chassis.rpc.deadline import time_left
from chassis.rpc.errors import RpcRefusal
from chassis.storage.scope import Scope
from chassis.storage.unit_of_work import Operations, Reading, UnitOfWork

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T", bound=UnitOfWork)
A = TypeVar("A", bound=Message)

_RPC: Final = "RPC"  # where HTTP has its method, so that keys of both never meet


@dataclass(frozen=True, slots=True)
class RpcCall(Generic[T]):
    """What a servicer's method works with. `caller` and `reach` are checked already."""

    method: str
    caller: Caller
    reach: Reach
    operations: Operations[T]
    context: grpc.ServicerContext

    @property
    def scope(self) -> Scope:
        """Whose records this call may see and change."""
        return Scope.of(self.caller, self.reach)

    def read(
        self, query: Callable[Concatenate[Reading, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a query within the caller's reach."""
        return self.operations.read(self.caller, self.scope, query, *args, **kwargs)

    def run(self, operation: Callable[[T], A]) -> A:
        """Run an operation and commit, unless the caller has given up in the meantime."""

        def work(tx: T) -> A:
            answer = operation(tx)
            tx.finish()
            refuse_late(self.context)
            return answer

        return self.operations.transact(self.caller, self.scope, self.method, work)

    def run_once(self, key: str, request: Message, operation: Callable[[T], A], kind: type[A]) -> A:
        """Like `run`, at most once for a key: a repeated request gets the first answer of `kind`.

        Raises `Invalid` for no key, a key that is too long or was used with another request, and
        `Conflict` while the first request is still running.
        """
        if not key:
            raise Invalid.at("idempotency_key", "required", "An idempotency key is needed.")
        body = request.SerializeToString(deterministic=True)
        guard = IdempotencyKey.of(key, self.caller, _RPC, self.method, body)

        def work(tx: T) -> A:
            stored = guard.begin(tx)
            if stored is not None:
                if stored.status:
                    raise erased_since()
                return kind.FromString(stored.body)
            answer = operation(tx)
            guard.store(tx, StoredReply(0, {}, answer.SerializeToString()))
            return answer

        return self.run(work)


def refuse_late(context: grpc.ServicerContext) -> None:
    """Raise if nobody waits for the answer any more."""
    left = time_left()
    if not context.is_active() or (left is not None and left <= 0):
        raise RpcRefusal(
            grpc.StatusCode.DEADLINE_EXCEEDED, "deadline_exceeded", "The time for this is over."
        )


_current: ContextVar[RpcCall[Any] | None] = ContextVar("rpc_call", default=None)


class Servicer(Generic[T]):
    """What a service's servicers inherit beside the generated class: the way to their call.

    A method reads its request, runs one operation or query of `self.call(context)`, and returns
    the answer: identity, permission, errors and telemetry are dealt with around it.
    """

    def call(self, context: grpc.ServicerContext) -> RpcCall[T]:
        """The call that this thread is answering. Raises RuntimeError outside of one."""
        current = _current.get()
        if current is None or current.context is not context:
            raise RuntimeError("this gRPC call did not come through the server's pipeline")
        return cast("RpcCall[T]", current)


def answer_within(call: RpcCall[Any], behaviour: Callable[[Any, Any], Any], request: Any) -> Any:
    """Have the servicer answer with `call` in hand."""
    token = _current.set(call)
    try:
        return behaviour(request, call.context)
    finally:
        _current.reset(token)
