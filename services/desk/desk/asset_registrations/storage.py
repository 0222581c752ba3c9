"""How registrations are kept: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from desk.asset_registrations.domain import (
    AssetRegistration,
    Claim,
    RegistrationChannel,
    RegistrationStatus,
    WaitingCause,
)

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

asset_registrations = sa.Table(
    "asset_registrations",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("product_sku", _word, nullable=False),
    sa.Column("serial_number", sa.Text, nullable=False),
    sa.Column("serial_key", _word, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("bought_on", sa.Date),
    sa.Column("order_number", sa.Text, nullable=False),
    sa.Column("channel", _word, nullable=False),
    sa.Column("status", _word, nullable=False),
    sa.Column("cause", _word, nullable=False),
    sa.Column("asset_id", _uuid),
    sa.Column("decided_by", _word, nullable=False),
    sa.Column("decided_at", _time),
    sa.Column("decision_reason", sa.Text, nullable=False),
    sa.Column("received_at", _time, nullable=False),
)
_CLAIM = ("product_sku", "serial_number", "bought_on", "order_number")
_OWN = ("person_id", "asset_id", "decided_by", "decided_at", "decision_reason", "received_at")


class AssetRegistrationsRepository(Repository[AssetRegistration]):
    """Registrations for a change."""

    table = asset_registrations
    kind = "registration"

    def counted_since(self, person_id: UUID, since: datetime) -> int:
        """How many a person has registered. Others who register for the same one wait for this."""
        about = {"tenant_id": self._tx.tenant_id, "person_id": person_id, "since": since}
        self._tx.fetch_one(_ONE_REGISTERS, about)
        row = self._tx.fetch_one(_COUNTED, about) or {"registrations": 0}
        return int(row["registrations"])

    def waiting(self, person_id: UUID, claim: Claim) -> UUID | None:
        """The registration of the same piece by the same person that waits."""
        about = {
            "tenant_id": self._tx.tenant_id,
            "person_id": person_id,
            "product_sku": claim.product_sku,
            "serial_key": claim.serial_key,
        }
        row = self._tx.fetch_one(_WAITING, about)
        return None if row is None else UUID(str(row["id"]))

    def _aggregate(self, row: sa.RowMapping) -> AssetRegistration:
        return registration_of(row)

    def _row(self, aggregate: AssetRegistration) -> dict[str, Any]:
        return {
            **{name: getattr(aggregate.claim, name) for name in _CLAIM},
            **{name: getattr(aggregate, name) for name in _OWN},
            "serial_key": aggregate.claim.serial_key,
            "channel": aggregate.channel,
            "status": aggregate.status,
            "cause": aggregate.cause,
        }


def registration_of(row: Mapping[str, Any] | sa.RowMapping) -> AssetRegistration:
    """The registration that a row of the table stands for."""
    return AssetRegistration(
        id=row["id"],
        version=row["version"],
        claim=Claim(**{name: row[name] for name in _CLAIM}),
        **{name: row[name] for name in _OWN},
        channel=RegistrationChannel(row["channel"]),
        status=RegistrationStatus(row["status"]),
        cause=WaitingCause(row["cause"]),
    )


_ONE_REGISTERS = Statement(
    "SELECT pg_advisory_xact_lock(hashtextextended('registers ' || %(tenant_id)s::text"
    " || %(person_id)s::text, 0))"
)
_COUNTED = Statement(
    "SELECT count(*) AS registrations FROM asset_registrations WHERE tenant_id = %(tenant_id)s"
    " AND person_id = %(person_id)s AND received_at > %(since)s"
)
_WAITING = Statement(
    "SELECT id FROM asset_registrations WHERE tenant_id = %(tenant_id)s"
    " AND person_id = %(person_id)s AND product_sku = %(product_sku)s"
    " AND serial_key = %(serial_key)s AND status = 'waiting' LIMIT 1"
)
