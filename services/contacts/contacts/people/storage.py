"""How people are kept: one row each, and the keys that they can be found by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import NotFound
from chassis.storage.bulk import BulkInsert
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import UnitOfWork
from contacts.contact_points.documents import (
    emails_of,
    external_ids_of,
    handles_of,
    phones_of,
    postal_addresses_of,
)
from contacts.contact_points.domain import ExternalId
from contacts.custom_fields.domain import RecordKind
from contacts.custom_fields.known_fields import KnownFields
from contacts.custom_fields.storage import CustomValues
from contacts.likeness.keeping import MatchKeys
from contacts.merges.survivors import survivor_of
from contacts.people.domain import (
    ImportantDate,
    LifecycleStage,
    LifeEvent,
    Person,
    PersonDetails,
    Quality,
)
from contacts.people.found_by import PersonState, entry_of
from contacts.people.matching import keys_of
from contacts.people.point_evidence import Evidence, KnownPoints, evidence_after, is_reachable
from contacts.search.dictionary import Dictionary
from contacts.search.storage import SearchIndex

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
    sa.Column("quality_score", sa.SmallInteger, nullable=False),
    sa.Column("quality_codes", ARRAY(sa.Text), nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
    sa.Column("import_id", _uuid),
    sa.Column("last_seen_at", _time),
    sa.Column("reachable", sa.Boolean),
    sa.Column("point_evidence", sa.JSON),
    sa.Column("match_keys", ARRAY(sa.BigInteger), nullable=False),
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
    owner: ClassVar[str | None] = "owner_id"

    def __init__(self, tx: UnitOfWork, fields: KnownFields, dictionary: Dictionary) -> None:
        super().__init__(tx)
        self._custom_values = CustomValues(tx, RecordKind.PERSON, fields)
        self.search_index = SearchIndex(tx, RecordKind.PERSON, dictionary, entry_of)
        self.match_keys = MatchKeys(tx)
        self._points: dict[UUID, KnownPoints] = {}

    def get(self, aggregate_id: UUID) -> Person:
        """The person, locked. Raises as every repository does, and names who is left after a merge."""
        try:
            return super().get(aggregate_id)
        except NotFound:
            raise self.absent(aggregate_id) from None

    def absent(self, person_id: UUID) -> NotFound:
        """Why there is no such person: merged into somebody within reach, or none at all."""
        survivor_id = survivor_of(self._tx, person_id)
        if survivor_id is None or not self.get_many([survivor_id]):
            return NotFound.of(self.kind, person_id)
        message = f"The person {person_id} was merged into {survivor_id}."
        return NotFound(message, code="person_merged")

    def free_external_ids(self, person_id: UUID) -> None:
        """Have a person's external ids free for another one, before either is stored."""
        about = {"tenant_id": self._tx.tenant_id, "person_id": person_id}
        self._tx.write(_FORGET_EXTERNAL_IDS, about)

    def _aggregate(self, row: sa.RowMapping) -> Person:
        details = details_of(row)
        self._custom_values.loaded(row["id"], details.custom_fields)
        self.search_index.loaded(row["id"], PersonState(details, row["archived_at"] is not None))
        evidence = row["point_evidence"] or {}
        self._points[row["id"]] = KnownPoints(details, row["created_at"], evidence)
        person = Person(
            id=row["id"],
            version=row["version"],
            details=details,
            quality=Quality(row["quality_score"], tuple(row["quality_codes"])),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            archived_at=row["archived_at"],
            import_id=row["import_id"],
            last_seen_at=row["last_seen_at"],
        )
        self.match_keys.loaded(person, row["match_keys"])
        return person

    def _row(self, aggregate: Person) -> dict[str, Any]:
        details = aggregate.details
        return {
            **{name: getattr(details, name) for name in _IN_COLUMNS},
            "quality_score": aggregate.quality.score,
            "quality_codes": list(aggregate.quality.codes),
            "details": {name: getattr(details, name) for name in _IN_DOCUMENT},
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
            "archived_at": aggregate.archived_at,
            "import_id": aggregate.import_id,
            "last_seen_at": aggregate.last_seen_at,
            "reachable": is_reachable(details),
            "point_evidence": self._evidence(aggregate),
            "match_keys": self.match_keys.of(aggregate),
        }

    def _evidence(self, person: Person) -> Evidence:
        """When the contact points were proven, as it is to be stored; nothing for somebody new."""
        before = self._points.get(person.id)
        evidence: Evidence = {}
        if before is not None:
            gone = [self._points[one] for one in self._removed if one in self._points]
            proven, now = person.proven_points, self._tx.clock.now()
            evidence = evidence_after(before, person.details, gone, proven, now)
        person.proven_points.clear()
        self._points[person.id] = KnownPoints(person.details, person.created_at, evidence)
        return evidence

    def ids_of(self, keys: Iterable[ExternalId]) -> dict[ExternalId, UUID]:
        """Whose these external ids are, archived or out of reach or not; those that are free lack."""
        wanted = list(keys)
        if not wanted:
            return {}
        about = {
            "tenant_id": self._tx.tenant_id,
            "wanted": json_text([{"system": key.system, "id": key.id} for key in wanted]),
        }
        rows = self._tx.fetch_all(_BY_EXTERNAL_ID, about)
        return {ExternalId(row["system"], row["id"]): row["person_id"] for row in rows}

    def _stored(self, aggregate: Person, *, new: bool) -> None:
        if not new:
            about = {"tenant_id": self._tx.tenant_id, "person_id": aggregate.id}
            self._tx.write(_FORGET_KEYS, about)
            self._tx.write(_FORGET_EXTERNAL_IDS, about)
            self.search_index.change(aggregate.id, PersonState.of(aggregate))
            self.match_keys.change(aggregate)
        else:
            self.search_index.add({aggregate.id: PersonState.of(aggregate)})
            self.match_keys.add([aggregate])
        self._keep_keys([aggregate])

    def _stored_many(self, aggregates: Sequence[Person]) -> None:
        self.search_index.add({person.id: PersonState.of(person) for person in aggregates})
        self.match_keys.add(aggregates)
        self._keep_keys(aggregates)

    def _delete(self, aggregate: Person, loaded_version: int) -> None:
        super()._delete(aggregate, loaded_version)
        self.match_keys.remove(aggregate.id)

    def _keep_keys(self, aggregates: Sequence[Person]) -> None:
        """Keep what people can be found by, one statement for each table."""
        tenant_id = self._tx.tenant_id
        keys = [
            {"person_id": person.id, "kind": kind, "key": key}
            for person in aggregates
            for kind, key in keys_of(person.details)
        ]
        if keys:
            self._tx.write(_KEEP_KEYS.statement, _KEEP_KEYS.parameters(tenant_id, keys))
        # In one order, so that those who enter the same ones wait for each other in a row.
        external = sorted(
            (e.system, e.id, p.id) for p in aggregates for e in p.details.external_ids
        )
        if external:
            names = ("system", "id", "person_id")
            rows = [dict(zip(names, each, strict=True)) for each in external]
            keep = _KEEP_EXTERNAL_IDS
            self._tx.write(keep.statement, keep.parameters(tenant_id, rows))
        self._custom_values.store_many((p.id, p.details.custom_fields) for p in aggregates)


EXTERNAL_IDS_UNIQUE = "person_external_ids_unique"
"""The constraint that is broken when an external id is given to a second person."""

_BY_EXTERNAL_ID = Statement(
    # Lateral with a limit: one look into the index for each, whatever the planner believes.
    "SELECT given.system, given.id, e.person_id"
    " FROM json_to_recordset(%(wanted)s::json) AS given (system text, id text)"
    " CROSS JOIN LATERAL ("
    "SELECT person_id FROM person_external_ids"
    " WHERE tenant_id = %(tenant_id)s AND system = given.system AND id = given.id LIMIT 1) e"
)
_KEEP_KEYS = BulkInsert.into(person_keys)
_KEEP_EXTERNAL_IDS = BulkInsert.into(person_external_ids)
_FORGET_KEYS = Statement(
    "DELETE FROM person_keys WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
)
_FORGET_EXTERNAL_IDS = Statement(
    "DELETE FROM person_external_ids WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
)


def details_of(row: sa.RowMapping | Mapping[str, Any]) -> PersonDetails:
    """The details that a row of `people` holds."""
    document = row["details"]
    return PersonDetails(
        given_name=row["given_name"],
        family_name=row["family_name"],
        full_name=row["full_name"],
        lifecycle_stage=LifecycleStage(row["lifecycle_stage"]),
        owner_id=row["owner_id"],
        source=row["source"],
        language=row["language"],
        time_zone=row["time_zone"],
        emails=emails_of(document),
        phones=phones_of(document),
        handles=handles_of(document),
        postal_addresses=postal_addresses_of(document),
        tags=tuple(document["tags"]),
        important_dates=tuple(ImportantDate(**d) for d in document["important_dates"]),
        life_events=tuple(LifeEvent(**e) for e in document["life_events"]),
        external_ids=external_ids_of(document),
        custom_fields=document["custom_fields"],
    )
