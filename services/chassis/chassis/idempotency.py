"""Idempotency keys: a repeated write is answered again, not done again; for HTTP and gRPC alike."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.context import Caller
from chassis.domain import Conflict, Invalid
from chassis.storage.tables import idempotency_keys as keys
from chassis.storage.unit_of_work import UnitOfWork

_LOCK = sa.text("SELECT pg_try_advisory_xact_lock(:key)")
_STORED = sa.select(keys.c.body_hash, keys.c.status, keys.c.headers, keys.c.body).where(
    keys.c.tenant_id == sa.bindparam("tenant_id"),
    keys.c.scope_hash == sa.bindparam("scope_hash"),
    keys.c.created_at > sa.bindparam("since"),
)
KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class StoredReply:
    """The answer that was given the first time; gRPC has a body only."""

    status: int
    headers: dict[str, str]
    body: bytes


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
        The lock is tried, not waited for, and the look-up is a statement of its own, so that it
        sees what was committed before the lock was had.
        """
        number = int.from_bytes(self.scope_hash[:8], "big", signed=True)
        if not tx.connection.execute(_LOCK, {"key": number}).scalar_one():
            raise Conflict(
                "A request with this idempotency key is still running.",
                code="idempotency_key_in_use",
                retry_after=1,
            )
        return self._stored(tx)

    def _stored(self, tx: UnitOfWork) -> StoredReply | None:
        row = tx.connection.execute(
            _STORED,
            {
                "tenant_id": tx.tenant_id,
                "scope_hash": self.scope_hash,
                "since": tx.clock.now() - KEPT,
            },
        ).first()
        if row is None:
            return None
        if bytes(row.body_hash) != self.body_hash:
            raise Invalid(
                "This idempotency key was used with another request.", code="idempotency_key_reused"
            )
        return StoredReply(row.status, dict(row.headers), bytes(row.body))

    def store(self, tx: UnitOfWork, reply: StoredReply) -> None:
        """Keep the answer, in the transaction of its effect; an outdated one is replaced."""
        values = {
            "body_hash": self.body_hash,
            "status": reply.status,
            "headers": reply.headers,
            "body": reply.body,
            "created_at": tx.clock.now(),
        }
        tx.connection.execute(
            insert(keys)
            .values(tenant_id=tx.tenant_id, scope_hash=self.scope_hash, **values)
            .on_conflict_do_update(index_elements=["tenant_id", "scope_hash"], set_=values)
        )
