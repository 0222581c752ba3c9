"""How merges are kept, with those who are gone as they were."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import NotFound
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from contacts.merges.domain import Change, Changes, Merge, Side
from contacts.people.domain import Person, PersonDetails, Quality
from contacts.people.storage import details_of

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

merges = sa.Table(
    "merges",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("survivor_id", _uuid, nullable=False),
    sa.Column("merged_id", _uuid, nullable=False),
    sa.Column("person_id", _uuid, nullable=False),
    sa.Column("choices", sa.JSON, nullable=False),
    sa.Column("changes", sa.JSON, nullable=False),
    sa.Column("merged", sa.JSON, nullable=False),
    sa.Column("import_id", _uuid),
    sa.Column("merged_at", _time, nullable=False),
    sa.Column("merged_by", sa.Text, nullable=False),
    sa.Column("undone_at", _time),
    sa.Column("undone_by", sa.Text),
)


class MergesRepository(Repository[Merge]):
    """Merges for a change; have the survivor first, so that writers take turns."""

    table = merges
    kind = "merge"

    def survivor_id(self, merge_id: UUID) -> UUID:
        """Who was left, without locking anything. Raises `NotFound`."""
        about = {"tenant_id": self._tx.tenant_id, "id": merge_id}
        row = self._tx.fetch_one(_SURVIVOR, about)
        if row is None:
            raise NotFound.of(self.kind, merge_id)
        survivor_id: UUID = row["survivor_id"]
        return survivor_id

    def of(self, merged_id: UUID) -> UUID | None:
        """The merge by which a person is gone."""
        row = self._tx.fetch_one(_OF, {"tenant_id": self._tx.tenant_id, "merged_id": merged_id})
        return None if row is None else row["id"]

    def holding_on(self, survivor_id: UUID, but: UUID) -> list[Merge]:
        """The merges right into a person that were not undone, `but` one, in their order."""
        about = {"tenant_id": self._tx.tenant_id, "survivor_id": survivor_id, "but": but}
        return self.get_many([row["id"] for row in self._tx.fetch_all(_HOLDING_ON, about)])

    def details_of_merged(self, person_id: UUID) -> list[PersonDetails]:
        """What those entered as who are gone into a person, right away or by way of others."""
        about = {"tenant_id": self._tx.tenant_id, "person_id": person_id}
        found = self.get_many([row["id"] for row in self._tx.fetch_all(_GONE_INTO, about)])
        return [merge.merged.details for merge in found if merge.merged is not None]

    def answer_for(self, merged_id: UUID, survivor_id: UUID) -> None:
        """Have a survivor answer for all for whom the one did who goes into them."""
        about = {
            "tenant_id": self._tx.tenant_id,
            "merged_id": merged_id,
            "survivor_id": survivor_id,
        }
        self._tx.write(_ANSWER, about)

    def answer_again(self, person_id: UUID) -> None:
        """Have a person who is back answer again for all who are gone into them."""
        about = {"tenant_id": self._tx.tenant_id, "person_id": person_id}
        self._tx.write(_ANSWER_AGAIN, about)

    def _aggregate(self, row: sa.RowMapping) -> Merge:
        return Merge(
            id=row["id"],
            version=row["version"],
            survivor_id=row["survivor_id"],
            merged_id=row["merged_id"],
            person_id=row["person_id"],
            choices={name: Side(side) for name, side in row["choices"].items()},
            changes=_changes_of(row["changes"]),
            merged=_person_of(row["merged_id"], row["merged"]),
            merged_at=row["merged_at"],
            merged_by=row["merged_by"],
            undone_at=row["undone_at"],
            undone_by=row["undone_by"],
        )

    def _row(self, aggregate: Merge) -> dict[str, Any]:
        merged = aggregate.merged
        return {
            "survivor_id": aggregate.survivor_id,
            "merged_id": aggregate.merged_id,
            "person_id": aggregate.person_id,
            "choices": aggregate.choices,
            "changes": {
                "fields": aggregate.changes.fields,
                "added": {name: sorted(keys) for name, keys in aggregate.changes.added.items()},
            },
            "merged": None if merged is None else _document_of(merged),
            "import_id": None if merged is None else merged.import_id,
            "merged_at": aggregate.merged_at,
            "merged_by": aggregate.merged_by,
            "undone_at": aggregate.undone_at,
            "undone_by": aggregate.undone_by,
        }


def _changes_of(document: Mapping[str, Any]) -> Changes:
    return Changes(
        {name: Change(**change) for name, change in document["fields"].items()},
        {name: frozenset(map(tuple, keys)) for name, keys in document["added"].items()},
    )


def _document_of(person: Person) -> dict[str, Any]:
    return {
        "version": person.version,
        "details": {name: getattr(person.details, name) for name in _DETAILS},
        "quality": [person.quality.score, person.quality.codes],
        "created_at": person.created_at,
        "import_id": person.import_id,
    }


def _person_of(person_id: UUID, document: Mapping[str, Any] | None) -> Person | None:
    """Who is gone, as they were; when they were last seen follows from what they did."""
    if document is None:
        return None
    details, (score, codes) = document["details"], document["quality"]
    owner_id = _id_of(details["owner_id"])
    created_at = datetime.fromisoformat(document["created_at"])
    return Person(
        id=person_id,
        version=document["version"],
        details=details_of({**details, "owner_id": owner_id, "details": details}),
        quality=Quality(score, tuple(codes)),
        created_at=created_at,
        updated_at=created_at,
        import_id=_id_of(document["import_id"]),
    )


def _id_of(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


_DETAILS = tuple(PersonDetails.__dataclass_fields__)
_SURVIVOR = Statement(
    "SELECT survivor_id FROM merges WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
_OF = Statement(
    "SELECT id FROM merges WHERE tenant_id = %(tenant_id)s AND merged_id = %(merged_id)s"
    " AND undone_at IS NULL"
)
_HOLDING_ON = Statement(
    "SELECT id FROM merges WHERE tenant_id = %(tenant_id)s AND person_id = %(survivor_id)s"
    " AND survivor_id = %(survivor_id)s AND undone_at IS NULL AND id <> %(but)s"
    " ORDER BY merged_at, id"
)
_GONE_INTO = Statement(
    "SELECT id FROM merges WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
    " AND undone_at IS NULL ORDER BY id"
)
_ANSWER = Statement(
    "UPDATE merges SET person_id = %(survivor_id)s"
    " WHERE tenant_id = %(tenant_id)s AND person_id = %(merged_id)s"
)
# Undone merges as well: what tells of them is with whoever answers for their survivor.
_ANSWER_AGAIN = Statement(
    """
    WITH RECURSIVE below (id) AS (
        SELECT %(person_id)s::uuid
        UNION
        SELECT m.merged_id FROM merges m JOIN below ON m.survivor_id = below.id
        WHERE m.tenant_id = %(tenant_id)s AND m.undone_at IS NULL
    )
    UPDATE merges SET person_id = %(person_id)s
    FROM below WHERE merges.tenant_id = %(tenant_id)s AND merges.survivor_id = below.id
    """
)
