"""How definitions are kept, and the values of records so that they can be filtered by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from contacts.custom_fields.documents import columns_of, definition_of
from contacts.custom_fields.domain import CustomField, RecordKind
from contacts.custom_fields.encoding import index_texts
from contacts.custom_fields.known_fields import KnownFields

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

custom_fields = sa.Table(
    "custom_fields",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("label", sa.JSON, nullable=False),
    sa.Column("help_text", sa.JSON, nullable=False),
    sa.Column("required", sa.Boolean, nullable=False),
    sa.Column("default", sa.JSON, nullable=False),
    sa.Column("choices", sa.JSON, nullable=False),
    sa.Column("limits", sa.JSON, nullable=False),
    sa.Column("reference_to", sa.Text),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)


def _values_table(name: str) -> sa.Table:
    """One row for each part of a value: `value` is text that sorts as the values do."""
    return sa.Table(
        name,
        metadata,
        sa.Column("tenant_id", _uuid, primary_key=True),
        sa.Column("field_id", _uuid, primary_key=True),
        sa.Column("value", sa.Text(collation="C"), primary_key=True),
        sa.Column("record_id", _uuid, primary_key=True),
    )


VALUES: Mapping[RecordKind, sa.Table] = {
    RecordKind.PERSON: _values_table("person_custom_values"),
    RecordKind.COMPANY: _values_table("company_custom_values"),
}


class CustomFieldsRepository(Repository[CustomField]):
    """Definitions for a change; each change raises the tenant's revision."""

    table = custom_fields
    kind = "custom field"

    def __init__(self, tx: UnitOfWork, known: KnownFields) -> None:
        super().__init__(tx)
        self._known = known

    def take_turn(self) -> None:
        """Make whoever changes the tenant's fields wait until this unit of work is done."""
        self._tx.write(_NEXT_REVISION, {"tenant_id": self._tx.tenant_id})

    def count_active(self, kind: RecordKind) -> int:
        """How many fields of this kind of record are in use."""
        about = {"tenant_id": self._tx.tenant_id, "object": kind}
        row = self._tx.fetch_one(_COUNT, about) or {"fields": 0}
        return int(row["fields"])

    def _aggregate(self, row: sa.RowMapping) -> CustomField:
        return CustomField(
            id=row["id"],
            version=row["version"],
            definition=definition_of(row),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            archived_at=row["archived_at"],
        )

    def _row(self, aggregate: CustomField) -> dict[str, Any]:
        return {
            **columns_of(aggregate.definition),
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
            "archived_at": aggregate.archived_at,
        }

    def _stored(self, aggregate: CustomField, *, new: bool) -> None:
        del aggregate, new
        self._tx.write(_NEXT_REVISION, {"tenant_id": self._tx.tenant_id})
        self._known.changed()


class CustomValues:
    """The values of one kind of record, kept beside the records so that an index finds them."""

    def __init__(self, tx: UnitOfWork, kind: RecordKind, known: KnownFields) -> None:
        self._tx = tx
        self._kind = kind
        self._known = known
        self._keep, self._forget = _WRITES[kind]
        self._stored: dict[UUID, Mapping[str, Any]] = {}

    def loaded(self, record_id: UUID, values: Mapping[str, Any]) -> None:
        """Note what a record holds that is going to be changed, perhaps."""
        self._stored[record_id] = values

    def store(self, record_id: UUID, values: Mapping[str, Any]) -> None:
        """Have the values stored that a record holds now, if they are others than before."""
        self.store_many([(record_id, values)])

    def store_many(self, records: Iterable[tuple[UUID, Mapping[str, Any]]]) -> None:
        """The same for many records, by one statement."""
        rows: list[tuple[UUID, UUID, str]] = []
        for record_id, values in records:
            before = self._stored.get(record_id) or {}
            if before == values:
                continue
            self._stored[record_id] = values
            if before:
                about = {"tenant_id": self._tx.tenant_id, "record_id": record_id}
                self._tx.write(self._forget, about)
            rows += self._rows(record_id, values)
        if rows:
            given = map(list, zip(*rows, strict=True))
            columns = dict(zip(("records", "fields", "texts"), given, strict=True))
            self._tx.write(self._keep, {"tenant_id": self._tx.tenant_id, **columns})

    def _rows(self, record_id: UUID, values: Mapping[str, Any]) -> list[tuple[UUID, UUID, str]]:
        if not values:
            return []
        fields = self._known.of(self._kind, mentioned=True)
        return [
            (record_id, known.id, text)
            for key, value in values.items()
            if (known := fields.get(key)) is not None
            for text in index_texts(known.definition.type, value)
        ]


def _writes(table: sa.Table) -> tuple[Statement, Statement]:
    keep = Statement(
        f"INSERT INTO {table.name} (tenant_id, record_id, field_id, value)"  # noqa: S608 - our own
        " SELECT %(tenant_id)s, record_id, field_id, value"
        " FROM unnest(%(records)s::uuid[], %(fields)s::uuid[], %(texts)s::text[])"
        " AS given (record_id, field_id, value)"
    )
    forget = Statement(
        f"DELETE FROM {table.name}"  # noqa: S608 - our own
        " WHERE tenant_id = %(tenant_id)s AND record_id = %(record_id)s"
    )
    return keep, forget


_WRITES = {kind: _writes(table) for kind, table in VALUES.items()}
_NEXT_REVISION = Statement(
    "INSERT INTO custom_field_revisions (tenant_id, revision) VALUES (%(tenant_id)s, 1)"
    " ON CONFLICT (tenant_id) DO UPDATE SET revision = custom_field_revisions.revision + 1"
)
_COUNT = Statement(
    "SELECT count(*) AS fields FROM custom_fields"
    " WHERE tenant_id = %(tenant_id)s AND object = %(object)s AND archived_at IS NULL"
)
