"""Idempotency keys: a repeated write is answered again, not done again; for HTTP and gRPC alike."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chassis.context import Caller
from chassis.domain import Conflict, Invalid, NotFound
from chassis.http.problem import problem_document, problem_of
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import UnitOfWork

_BEGIN = Statement(
    "SELECT l.had, k.body_hash, k.status, k.headers, k.body"
    " FROM (SELECT pg_try_advisory_xact_lock(%(key)s) AS had) l"
    " LEFT JOIN idempotency_keys k ON k.tenant_id = %(tenant_id)s"
    " AND k.scope_hash = %(scope_hash)s AND k.created_at > %(since)s"
)
_WITHDRAW = Statement(
    "UPDATE idempotency_keys SET status = 404, headers = %(headers)s, body = %(body)s"
    " WHERE tenant_id = %(tenant_id)s AND EXISTS ("
    "SELECT 1 FROM unnest(%(texts)s::text[]) AS given (text)"
    " WHERE position(convert_to(given.text, 'UTF8') IN idempotency_keys.body) > 0)"
)
_STORE = Statement(
    "INSERT INTO idempotency_keys"
    " (tenant_id, scope_hash, body_hash, status, headers, body, created_at) VALUES"
    " (%(tenant_id)s, %(scope_hash)s, %(body_hash)s, %(status)s, %(headers)s, %(body)s, %(now)s)"
    " ON CONFLICT (tenant_id, scope_hash) DO UPDATE SET body_hash = excluded.body_hash,"
    " status = excluded.status, headers = excluded.headers, body = excluded.body,"
    " created_at = excluded.created_at WHERE idempotency_keys.created_at <= %(since)s"
)
KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class StoredReply:
    """The answer that was given the first time; gRPC has a body only."""

    status: int
    headers: dict[str, str]
    body: bytes


def withdraw_replies(tx: UnitOfWork, texts: Sequence[str]) -> None:
    """Forget the stored answers that contain one of these texts: what they tell of was erased.

    The keys stay used: whoever repeats such a request is told that there is no such thing, and
    nothing is done again.
    """
    problem = problem_document(problem_of(erased_since()), "")
    about = {
        "tenant_id": tx.tenant_id,
        "texts": list(texts),
        "headers": json_text({"Content-Type": "application/problem+json"}),
        "body": json_text(problem).encode(),
    }
    tx.write(_WITHDRAW, about)


def erased_since() -> NotFound:
    """The answer to a repeated request whose first answer was withdrawn."""
    return NotFound("What this request was about was erased since.")


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """One key in its scope: tenant, client, method and path."""

    scope_hash: bytes
    body_hash: bytes

    @classmethod
    def of(cls, key: str, caller: Caller, method: str, path: str, body: bytes) -> IdempotencyKey:
        """Raises `Invalid` for a key that is empty or longer than 255 characters."""
        if not 0 < len(key) <= 255:
            raise Invalid(
                "An idempotency key needs 1 to 255 characters.", code="idempotency_key_invalid"
            )
        scope = "\x00".join(
            (str(caller.tenant_id), caller.client_id or "", caller.subject, method, path, key)
        )
        return cls(hashlib.sha256(scope.encode()).digest(), hashlib.sha256(body).digest())

    def begin(self, tx: UnitOfWork) -> StoredReply | None:
        """The stored answer, or None for the first time.

        Raises `Conflict` while the first is still running and `Invalid` for another body.
        The lock is tried, not waited for. The first may commit between the look-up and the
        lock; then `store` finds its answer there, and the whole work is tried again.
        """
        number = int.from_bytes(self.scope_hash[:8], "big", signed=True)
        about = {
            "key": number,
            "tenant_id": tx.tenant_id,
            "scope_hash": self.scope_hash,
            "since": tx.clock.now() - KEPT,
        }
        found = tx.fetch_one(_BEGIN, about)
        if found is None or not found["had"]:
            raise Conflict(
                "A request with this idempotency key is still running.",
                code="idempotency_key_in_use",
                retry_after=1,
            )
        return None if found["status"] is None else self._checked(found)

    def _checked(self, stored: dict[str, Any]) -> StoredReply:
        if bytes(stored["body_hash"]) != self.body_hash:
            raise Invalid(
                "This idempotency key was used with another request.", code="idempotency_key_reused"
            )
        return StoredReply(stored["status"], stored["headers"], bytes(stored["body"]))

    def store(self, tx: UnitOfWork, reply: StoredReply) -> None:
        """Keep the answer, in the transaction of its effect; an outdated one is replaced."""
        values = {
            "tenant_id": tx.tenant_id,
            "scope_hash": self.scope_hash,
            "body_hash": self.body_hash,
            "status": reply.status,
            "headers": json_text(reply.headers),
            "body": reply.body,
            "now": tx.clock.now(),
            "since": tx.clock.now() - KEPT,
        }
        tx.write(_STORE, values, guarded=True)
