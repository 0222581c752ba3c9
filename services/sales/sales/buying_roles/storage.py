"""How parts in buying are kept: one row for a person on an opportunity, several after merges."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.buying_roles.domain import Attitude, Involvement, Part
from sales.pipelines.domain import BuyingRole

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

involvements = sa.Table(
    "involvements",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("opportunity_id", _uuid, nullable=False),
    sa.Column("person_id", _uuid, nullable=False),
    sa.Column("roles", sa.JSON, nullable=False),
    sa.Column("attitude", sa.Text, nullable=False),
    sa.Column("influence", sa.SmallInteger),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)


class InvolvementsRepository(Repository[Involvement]):
    """Parts in buying for a change."""

    table = involvements
    kind = "person on an opportunity"

    def of_person(self, opportunity_id: UUID, person_id: UUID) -> list[Involvement]:
        """What is noted of a person, what was noted first coming first; locked."""
        about = {"tenant_id": self._tx.tenant_id, "opportunity_id": opportunity_id}
        rows = self._tx.fetch_all(_OF_PERSON, {**about, "person_id": person_id})
        return self.get_many([row["id"] for row in rows])

    def count(self, opportunity_id: UUID) -> int:
        """How many people are noted on an opportunity."""
        about = {"tenant_id": self._tx.tenant_id, "opportunity_id": opportunity_id}
        row = self._tx.fetch_one(_COUNT, about) or {"people": 0}
        return int(row["people"])

    def _aggregate(self, row: sa.RowMapping) -> Involvement:
        return Involvement(
            id=row["id"],
            version=row["version"],
            opportunity_id=row["opportunity_id"],
            person_id=row["person_id"],
            part=part_of(dict(row)),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )

    def _row(self, aggregate: Involvement) -> dict[str, Any]:
        part = aggregate.part
        return {
            "opportunity_id": aggregate.opportunity_id,
            "person_id": aggregate.person_id,
            "roles": list(part.roles),
            "attitude": part.attitude,
            "influence": part.influence,
            "note": part.note,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }


def part_of(row: dict[str, Any]) -> Part:
    """The part that a row holds."""
    roles = tuple(BuyingRole(role) for role in row["roles"])
    return Part(roles, Attitude(row["attitude"]), row["influence"], row["note"])


def people_by_role(reading: Reading | UnitOfWork, opportunity_id: UUID) -> dict[BuyingRole, int]:
    """How many people have each role that somebody has."""
    about = {"tenant_id": reading.caller.tenant_id, "opportunity_id": opportunity_id}
    people: dict[BuyingRole, set[UUID]] = {}
    for row in reading.fetch_all(_ROLES, about):
        for role in row["roles"]:
            people.setdefault(BuyingRole(role), set()).add(row["person_id"])
    return {role: len(found) for role, found in sorted(people.items())}


_OF_PERSON = Statement(
    "SELECT id FROM involvements WHERE tenant_id = %(tenant_id)s"
    " AND opportunity_id = %(opportunity_id)s AND person_id = %(person_id)s"
    " ORDER BY created_at, id"
)
_COUNT = Statement(
    "SELECT count(*) AS people FROM involvements"
    " WHERE tenant_id = %(tenant_id)s AND opportunity_id = %(opportunity_id)s"
)
_ROLES = Statement(
    "SELECT person_id, roles FROM involvements"
    " WHERE tenant_id = %(tenant_id)s AND opportunity_id = %(opportunity_id)s"
)
