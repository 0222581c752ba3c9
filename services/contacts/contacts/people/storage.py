"""How people are kept: one row each, and the keys that they can be found by."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from contacts.people.domain import (
    Address,
    ContactPointStatus,
    EmailPoint,
    ExternalId,
    Handle,
    ImportantDate,
    LifecycleStage,
    LifeEvent,
    Person,
    PersonDetails,
    PhonePoint,
)
from contacts.people.matching import keys_of

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

people = sa.Table(
    "people",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("given_name", sa.Text, nullable=False),
    sa.Column("family_name", sa.Text, nullable=False),
    sa.Column("full_name", sa.Text(collation="C"), nullable=False),
    sa.Column("lifecycle_stage", sa.Text, nullable=False),
    sa.Column("owner_id", _uuid),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("details", JSONB, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
    sa.Column("import_id", _uuid),
)

person_keys = sa.Table(
    "person_keys",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("person_id", _uuid, primary_key=True),
)

person_external_ids = sa.Table(
    "person_external_ids",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("system", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("person_id", _uuid, nullable=False),
)

_IN_COLUMNS = (
    "given_name",
    "family_name",
    "full_name",
    "lifecycle_stage",
    "owner_id",
    "source",
    "language",
    "time_zone",
)
_IN_DOCUMENT = (
    "emails",
    "phones",
    "handles",
    "postal_addresses",
    "tags",
    "important_dates",
    "life_events",
    "external_ids",
    "custom_fields",
)


class PeopleRepository(Repository[Person]):
    """People for a change."""

    table = people
    kind = "person"
    owner = "owner_id"

    def _aggregate(self, row: sa.RowMapping) -> Person:
        return Person(
            id=row["id"],
            version=row["version"],
            details=details_of(row),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            archived_at=row["archived_at"],
            import_id=row["import_id"],
        )

    def _row(self, aggregate: Person) -> dict[str, Any]:
        details = aggregate.details
        return {
            **{name: getattr(details, name) for name in _IN_COLUMNS},
            "details": {name: getattr(details, name) for name in _IN_DOCUMENT},
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
            "archived_at": aggregate.archived_at,
            "import_id": aggregate.import_id,
        }

    def _stored(self, aggregate: Person, *, new: bool) -> None:
        if not new:
            self._forget_keys(aggregate)
        keys = [
            {"tenant_id": self._tx.tenant_id, "kind": k, "key": v, "person_id": aggregate.id}
            for k, v in keys_of(aggregate.details)
        ]
        if keys:
            self._tx.connection.execute(sa.insert(person_keys), keys)
        external = [
            {"tenant_id": self._tx.tenant_id, "system": e.system, "id": e.id,
             "person_id": aggregate.id}
            for e in aggregate.details.external_ids
        ]
        if external:
            self._tx.connection.execute(sa.insert(person_external_ids), external)

    def _forget_keys(self, aggregate: Person) -> None:
        for table in (person_keys, person_external_ids):
            self._tx.connection.execute(
                sa.delete(table).where(
                    table.c.tenant_id == self._tx.tenant_id,
                    table.c.person_id == aggregate.id,
                )
            )


def details_of(row: sa.RowMapping) -> PersonDetails:
    """The details that a row of `people` holds."""
    document = row["details"]
    if isinstance(document, str):
        document = orjson.loads(document)
    return PersonDetails(
        given_name=row["given_name"],
        family_name=row["family_name"],
        full_name=row["full_name"],
        lifecycle_stage=LifecycleStage(row["lifecycle_stage"]),
        owner_id=row["owner_id"],
        source=row["source"],
        language=row["language"],
        time_zone=row["time_zone"],
        emails=tuple(EmailPoint(**_point(e)) for e in document["emails"]),
        phones=tuple(PhonePoint(**_point(p)) for p in document["phones"]),
        handles=tuple(Handle(**_point(h)) for h in document["handles"]),
        postal_addresses=tuple(
            Address(**{**a, "lines": tuple(a["lines"])}) for a in document["postal_addresses"]
        ),
        tags=tuple(document["tags"]),
        important_dates=tuple(ImportantDate(**d) for d in document["important_dates"]),
        life_events=tuple(LifeEvent(**e) for e in document["life_events"]),
        external_ids=tuple(ExternalId(**e) for e in document["external_ids"]),
        custom_fields=document["custom_fields"],
    )


def _point(stored: dict[str, Any]) -> dict[str, Any]:
    return {**stored, "status": ContactPointStatus(stored["status"])}
