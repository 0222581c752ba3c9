"""One call of a route: who calls, how far they reach, and the way to operations and queries."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar
from uuid import UUID

from flask import Request, Response

from chassis.context import Caller, Reach
from chassis.domain import Aggregate
from chassis.http.problem import HttpProblem
from chassis.http.reply import Reply, response_of
from chassis.http.routes import Route
from chassis.idempotency import IdempotencyKey, StoredReply
from chassis.storage.preconditions import Precondition
from chassis.storage.scope import Scope
from chassis.storage.unit_of_work import Operations, Reading, UnitOfWork

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T", bound=UnitOfWork)

REPLAYED = "Idempotency-Replayed"
_ETAG = re.compile(r'"(\d{1,18})"')


@dataclass(slots=True)
class Call(Generic[T]):
    """What a handler gets. `caller` and `reach` are checked already."""

    request: Request
    route: Route
    caller: Caller
    reach: Reach
    operations: Operations[T]
    raw: bytes = b""

    @property
    def scope(self) -> Scope:
        """Whose records this call may see and change."""
        return Scope.of(self.caller, self.reach)

    def read(
        self, query: Callable[Concatenate[Reading, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a query within the caller's reach."""
        return self.operations.read(self.caller, self.scope, query, *args, **kwargs)

    def check_headers(self) -> None:
        """Refuse at once an `Idempotency-Key` or `If-Match` that `run` would refuse.

        For a route that asks another service before it runs anything.
        """
        self._idempotency_key()
        self._precondition(None)

    def check_version(self, found: Aggregate) -> None:
        """Refuse at once a version that `run` would refuse, for a route that changes something elsewhere first.

        Raises `PreconditionFailed`. The record may change until `run`, which checks again.
        """
        expected = self._precondition(found.id)
        if expected is not None:
            expected.check(found.version)

    def run(
        self,
        operation: Callable[[T], R],
        reply: Callable[[T, R], Reply],
        about: UUID | None = None,
    ) -> Response:
        """Run an operation and answer, in one transaction with the idempotency record.

        `reply` sees what the operation has written, and runs before the commit. `about` is what
        `If-Match` speaks of where the path does not name it.
        """
        key = self._idempotency_key()
        precondition = self._precondition(about)

        def work(tx: T) -> Response:
            if key is not None:
                stored = key.begin(tx)
                if stored is not None:
                    return response_of(
                        stored.status, stored.body, {**stored.headers, REPLAYED: "true"}
                    )
            tx.precondition = precondition
            result = operation(tx)
            tx.flush()
            answer = reply(tx, result)
            body, headers = answer.encoded(), answer.all_headers()
            if key is not None:
                masked = answer.encoded(masked=True) if answer.secrets else body
                key.store(tx, StoredReply(answer.status, headers, masked))
            return response_of(answer.status, body, headers)

        return self.operations.transact(self.caller, self.scope, self.route.name, work)

    def _idempotency_key(self) -> IdempotencyKey | None:
        given = self.request.headers.get("Idempotency-Key")
        if given is None or not self.route.idempotent_key:
            return None
        return IdempotencyKey.of(
            given, self.caller, self.request.method, self.request.full_path, self.raw
        )

    def _precondition(self, about: UUID | None) -> Precondition | None:
        """From `If-Match`, for the one given, or the last identifier in the path.

        Without either, what the operation finds has to be at that version, if the route says so.
        """
        given = self.request.headers.get("If-Match")
        if given is None or given.strip() == "*":
            return None
        match = _ETAG.fullmatch(given.strip())
        if match is None:
            raise HttpProblem(
                412, "version_mismatch", "If-Match has to be one ETag that this resource gave out."
            )
        ids = [v for v in (self.request.view_args or {}).values() if isinstance(v, UUID)]
        named, promised = about or (ids[-1] if ids else None), self.route.conditional
        if named is None and not promised:
            return None
        return Precondition(named, int(match[1]), promised)


def respond(call: Call[Any], reply: Reply) -> Response:
    """The answer of a read; 304 when the caller has this version already."""
    headers = reply.all_headers()
    etag = headers.get("ETag")
    if etag is not None and reply.status == 200:
        known = [t.strip().removeprefix("W/") for t in _if_none_match(call.request)]
        if etag in known or "*" in known:
            return response_of(304, b"", headers)
    return response_of(reply.status, reply.encoded(), headers)


def _if_none_match(request: Request) -> list[str]:
    given = request.headers.get("If-None-Match")
    return [] if given is None else given.split(",")
