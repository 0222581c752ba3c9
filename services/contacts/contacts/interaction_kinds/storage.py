"""How kinds are kept: one row for each that the tenant has defined or changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import NotFound
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from contacts.interaction_kinds.built_in import BUILT_IN
from contacts.interaction_kinds.domain import (
    Direction,
    InteractionKind,
    KindDefinition,
    KnownKind,
    PropertyRule,
    PropertyType,
    built_in_id,
)

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

interaction_kinds = sa.Table(
    "interaction_kinds",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text(collation="C"), nullable=False),
    sa.Column("label", sa.JSON, nullable=False),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("sign_of_life", sa.Boolean, nullable=False),
    sa.Column("properties", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)


class InteractionKindsRepository(Repository[InteractionKind]):
    """Kinds for a change; those that come with the platform get a row when they are changed."""

    table = interaction_kinds
    kind = "interaction kind"

    def get(self, aggregate_id: UUID) -> InteractionKind:
        """The kind, locked. Raises as every repository does."""
        try:
            return super().get(aggregate_id)
        except NotFound:
            definition = built_in_of(self._tx.tenant_id, aggregate_id)
            if definition is None:
                raise
        now = self._tx.clock.now()
        kind = InteractionKind(
            id=aggregate_id, definition=definition, created_at=now, updated_at=now
        )
        self._tx.write(_TAKE_OVER, self._columns(kind))
        return super().get(aggregate_id)

    def count(self) -> int:
        """How many kinds have a row."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"kinds": 0}
        return int(row["kinds"])

    def _aggregate(self, row: sa.RowMapping) -> InteractionKind:
        return InteractionKind(
            id=row["id"],
            version=row["version"],
            definition=_definition_of(row),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            archived_at=row["archived_at"],
        )

    def _row(self, aggregate: InteractionKind) -> dict[str, Any]:
        definition = aggregate.definition
        return {
            "key": definition.key,
            "label": definition.label,
            "direction": definition.direction,
            "sign_of_life": definition.sign_of_life,
            "properties": definition.properties,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
            "archived_at": aggregate.archived_at,
        }


def kinds_by_key(tx: UnitOfWork, keys: Iterable[str]) -> dict[str, KnownKind]:
    """Those of the kinds that there are: the tenant's own, and what it has not changed."""
    wanted = set(keys)
    known = {key: KnownKind(BUILT_IN[key]) for key in wanted & BUILT_IN.keys()}
    rows = tx.fetch_all(_BY_KEY, {"tenant_id": tx.tenant_id, "keys": sorted(wanted)})
    for row in rows:
        known[row["key"]] = KnownKind(_definition_of(row), row["archived_at"] is not None)
    return known


def built_in_of(tenant_id: UUID, kind_id: UUID) -> KindDefinition | None:
    """The platform's kind that has this id in this tenant."""
    return next(
        (kind for key, kind in BUILT_IN.items() if built_in_id(tenant_id, key) == kind_id), None
    )


def _definition_of(row: Mapping[str, Any] | sa.RowMapping) -> KindDefinition:
    return KindDefinition(
        key=row["key"],
        label=row["label"],
        direction=Direction(row["direction"]),
        sign_of_life=row["sign_of_life"],
        properties=tuple(
            PropertyRule(rule["key"], PropertyType(rule["type"]), rule["required"])
            for rule in row["properties"]
        ),
    )


_TAKE_OVER = Statement(
    Statement.of(sa.insert(interaction_kinds), interaction_kinds.c.keys()).sql
    + " ON CONFLICT DO NOTHING"
)
_COUNT = Statement(
    "SELECT count(*) AS kinds FROM interaction_kinds WHERE tenant_id = %(tenant_id)s"
)
_BY_KEY = Statement(
    "SELECT key, label, direction, sign_of_life, properties, archived_at FROM interaction_kinds"
    " WHERE tenant_id = %(tenant_id)s AND key = ANY(%(keys)s)"
)
