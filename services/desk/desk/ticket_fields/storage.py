"""How fields of tickets are kept: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.ticket_fields.domain import Choice, FieldDefinition, FieldKind, TicketField

FIELD_KEY_ONCE = "ticket_fields_key_unique"
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

ticket_fields = sa.Table(
    "ticket_fields",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("key", _word, nullable=False),
    sa.Column("kind", _word, nullable=False),
    sa.Column("label", sa.JSON, nullable=False),
    sa.Column("required", sa.Boolean, nullable=False),
    sa.Column("choices", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_PLAIN = ("key", "created_at", "updated_at", "archived_at")


class TicketFieldsRepository(Repository[TicketField]):
    """Fields for a change."""

    table = ticket_fields
    kind = "ticket field"

    def count(self) -> int:
        """How many the tenant has; whoever else defines one waits until the commit."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id})
        return 0 if row is None else int(row["count"])

    def _aggregate(self, row: sa.RowMapping) -> TicketField:
        return field_of(row)

    def _row(self, aggregate: TicketField) -> dict[str, Any]:
        definition = aggregate.definition
        return {
            **{name: getattr(aggregate, name) for name in (*_PLAIN, "kind")},
            "label": dict(definition.label),
            "required": definition.required,
            "choices": [{"key": x.key, "label": dict(x.label)} for x in definition.choices],
        }


def field_of(row: Mapping[str, Any] | sa.RowMapping) -> TicketField:
    """The field that a row of the table stands for."""
    return TicketField(
        id=row["id"],
        version=row["version"],
        kind=FieldKind(row["kind"]),
        definition=FieldDefinition(
            row["label"], row["required"], tuple(Choice(**one) for one in row["choices"])
        ),
        **{name: row[name] for name in _PLAIN},
    )


def fields_by_key(reading: Reading | UnitOfWork) -> Mapping[str, TicketField]:
    """All fields of the tenant, archived ones too, by key and in its order."""
    rows = reading.fetch_all(_ALL, {"tenant_id": reading.caller.tenant_id})
    return {row["key"]: field_of(row) for row in rows}


_ALL = Statement(
    "SELECT id, version, key, kind, label, required, choices, created_at, updated_at, archived_at"
    " FROM ticket_fields WHERE tenant_id = %(tenant_id)s ORDER BY key"
)
_COUNT = Statement(
    "WITH turn AS (SELECT pg_advisory_xact_lock(hashtextextended("
    "'ticket fields ' || %(tenant_id)s::text, 0)))"
    " SELECT count(f.id) AS count FROM turn LEFT JOIN ticket_fields f"
    " ON f.tenant_id = %(tenant_id)s"
)
