"""How purposes are kept: one row for each that the tenant has defined or changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import NotFound
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from contacts.contact_points.domain import Channel
from contacts.purposes.built_in import BUILT_IN
from contacts.purposes.domain import (
    KnownPurpose,
    LegalBasis,
    Purpose,
    PurposeDefinition,
    PurposeKind,
    built_in_id,
)

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

purposes = sa.Table(
    "purposes",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text(collation="C"), nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("description", sa.JSON, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("channels", sa.JSON, nullable=False),
    sa.Column("double_opt_in", sa.Boolean, nullable=False),
    sa.Column("legal_basis", sa.Text, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)


class PurposesRepository(Repository[Purpose]):
    """Purposes for a change; those that come with the platform get a row when they are changed."""

    table = purposes
    kind = "purpose"

    def get(self, aggregate_id: UUID) -> Purpose:
        """The purpose, locked. Raises as every repository does."""
        try:
            return super().get(aggregate_id)
        except NotFound:
            definition = _built_in_of(self._tx.tenant_id, aggregate_id)
            if definition is None:
                raise
        now = self._tx.clock.now()
        purpose = Purpose(id=aggregate_id, definition=definition, created_at=now, updated_at=now)
        self._tx.write(_TAKE_OVER, self._columns(purpose))
        return super().get(aggregate_id)

    def count(self) -> int:
        """How many purposes have a row."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"purposes": 0}
        return int(row["purposes"])

    def _aggregate(self, row: sa.RowMapping) -> Purpose:
        return Purpose(
            id=row["id"],
            version=row["version"],
            definition=definition_of(row),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            archived_at=row["archived_at"],
        )

    def _row(self, aggregate: Purpose) -> dict[str, Any]:
        definition = aggregate.definition
        return {
            "key": definition.key,
            "name": definition.name,
            "description": definition.description,
            "kind": definition.kind,
            "channels": definition.channels,
            "double_opt_in": definition.double_opt_in,
            "legal_basis": definition.legal_basis,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
            "archived_at": aggregate.archived_at,
        }


def purposes_by_key(
    reading: Reading | UnitOfWork, keys: Iterable[str] | None = None
) -> dict[str, KnownPurpose]:
    """The purposes that there are, or those of them that have these keys; in the order of keys."""
    wanted = None if keys is None else sorted(set(keys))
    known = {
        key: KnownPurpose(definition)
        for key, definition in BUILT_IN.items()
        if wanted is None or key in wanted
    }
    about = {"tenant_id": reading.caller.tenant_id, "keys": wanted}
    for row in reading.fetch_all(_ALL if wanted is None else _BY_KEY, about):
        known[row["key"]] = KnownPurpose(definition_of(row), row["archived_at"] is not None)
    return dict(sorted(known.items()))


def definition_of(row: Mapping[str, Any] | sa.RowMapping) -> PurposeDefinition:
    """What a row of the table says of its purpose."""
    return PurposeDefinition(
        key=row["key"],
        name=row["name"],
        description=row["description"],
        kind=PurposeKind(row["kind"]),
        channels=tuple(Channel(channel) for channel in row["channels"]),
        double_opt_in=row["double_opt_in"],
        legal_basis=LegalBasis(row["legal_basis"]),
    )


def _built_in_of(tenant_id: UUID, purpose_id: UUID) -> PurposeDefinition | None:
    """The platform's purpose that has this id in this tenant."""
    return next(
        (p for key, p in BUILT_IN.items() if built_in_id(tenant_id, key) == purpose_id), None
    )


_TAKE_OVER = Statement(
    Statement.of(sa.insert(purposes), purposes.c.keys()).sql + " ON CONFLICT DO NOTHING"
)
_COUNT = Statement("SELECT count(*) AS purposes FROM purposes WHERE tenant_id = %(tenant_id)s")
_COLUMNS = "key, name, description, kind, channels, double_opt_in, legal_basis, archived_at"
_ALL = Statement(
    f"SELECT {_COLUMNS} FROM purposes WHERE tenant_id = %(tenant_id)s"  # noqa: S608 - our own names
)
_BY_KEY = Statement(_ALL.sql + " AND key = ANY(%(keys)s)")
