"""How suppressions are kept and found."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from notifications.suppressions.domain import Scope, Suppression, SuppressionReason

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)

suppressions = sa.Table(
    "suppressions",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("channel", sa.Text(collation="C"), nullable=False),
    sa.Column("purpose", sa.Text(collation="C"), nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("fingerprint", sa.LargeBinary),
    sa.Column("address_hint", sa.Text, nullable=False),
    sa.Column("everything", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("message_id", _uuid),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)


class SuppressionsRepository(Repository[Suppression]):
    """Keeps suppressions."""

    table = suppressions
    kind = "suppression"

    def take_turn(self) -> None:
        """Have nobody else suppress until this transaction ends, so that none is there twice."""
        self._tx.fetch_all(_LOCK, {"lock": f"suppressions:{self._tx.tenant_id}"})

    def of(
        self, person_id: UUID | None, fingerprint: bytes | None, channel: str
    ) -> list[Suppression]:
        """Those of a person or an address on a channel, locked."""
        about = _about(self._tx, person_id, fingerprint, channel)
        found = [row["id"] for row in self._tx.fetch_all(_FOUND, about)]
        return self.get_many(found)

    def _row(self, aggregate: Suppression) -> dict[str, Any]:
        scope = aggregate.scope
        return {
            "channel": scope.channel,
            "purpose": scope.purpose,
            "everything": scope.everything,
            "person_id": aggregate.person_id,
            "fingerprint": aggregate.fingerprint,
            "address_hint": aggregate.address_hint,
            "reason": aggregate.reason,
            "message_id": aggregate.message_id,
            "created_by": aggregate.created_by,
            "created_at": aggregate.created_at,
        }

    def _aggregate(self, row: sa.RowMapping) -> Suppression:
        return Suppression(
            id=row["id"],
            version=row["version"],
            scope=Scope(row["channel"], row["purpose"], row["everything"]),
            person_id=row["person_id"],
            fingerprint=row["fingerprint"],
            address_hint=row["address_hint"],
            reason=SuppressionReason(row["reason"]),
            message_id=row["message_id"],
            created_by=row["created_by"],
            created_at=row["created_at"],
        )


def scopes_of(
    reading: Reading | UnitOfWork, person_id: UUID | None, fingerprint: bytes | None, channel: str
) -> list[Scope]:
    """What is suppressed for a person or an address on a channel."""
    rows = reading.fetch_all(_FOUND, _about(reading, person_id, fingerprint, channel))
    return [Scope(row["channel"], row["purpose"], row["everything"]) for row in rows]


def _about(
    reading: Reading | UnitOfWork, person_id: UUID | None, fingerprint: bytes | None, channel: str
) -> dict[str, Any]:
    return {
        "tenant_id": reading.caller.tenant_id,
        "person_id": person_id,
        "fingerprint": fingerprint,
        "channel": channel,
    }


_LOCK = Statement("SELECT pg_advisory_xact_lock(hashtextextended(%(lock)s, 0))")
_FOUND = Statement(
    """
    SELECT id, channel, purpose, everything FROM suppressions
    WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s::uuid
        AND channel = %(channel)s
    UNION
    SELECT id, channel, purpose, everything FROM suppressions
    WHERE tenant_id = %(tenant_id)s AND fingerprint = %(fingerprint)s::bytea
        AND channel = %(channel)s
    """
)
