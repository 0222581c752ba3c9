"""How members are kept: one row each, and one for each name that another system has for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from loyalty.members.domain import ExternalId, Member, MemberSource, MemberStatus

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

members = sa.Table(
    "members",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("number", _word, nullable=False),
    sa.Column("source", _word, nullable=False),
    sa.Column("status", _word, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("external_ids", sa.JSON, nullable=False),
    sa.Column("merged_into_id", _uuid),
    sa.Column("status_before", _word),
    sa.Column("enrolled_at", _time, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)


class MembersRepository(Repository[Member]):
    """Members for a change."""

    table = members
    kind = "member"

    def of_person(self, program_id: UUID, person_id: UUID) -> Member | None:
        """A person's membership of a program, locked; one that was merged into another is none."""
        about = {"tenant_id": self._tx.tenant_id, "program_id": program_id, "person_id": person_id}
        self._tx.flush()
        row = self._tx.fetch_one(_OF_PERSON, about)
        return None if row is None else self.get(row["id"])

    def by_external_id(self, key: ExternalId) -> Member | None:
        """The member whom another system calls so, locked."""
        about = {"tenant_id": self._tx.tenant_id, "system": key.system, "external_id": key.id}
        row = self._tx.fetch_one(_BY_EXTERNAL_ID, about)
        return None if row is None else self.get(row["member_id"])

    def has_number(self, number: str) -> bool:
        """Whether a number was given already."""
        about = {"tenant_id": self._tx.tenant_id, "number": number}
        return self._tx.fetch_one(_HAS_NUMBER, about) is not None

    def _aggregate(self, row: sa.RowMapping) -> Member:
        return member_of(row)

    def _row(self, aggregate: Member) -> dict[str, Any]:
        own = ("program_id", "person_id", "number", "source", "status", "reason", "merged_into_id")
        more = ("status_before", "enrolled_at", "created_at", "updated_at")
        return {
            **{name: getattr(aggregate, name) for name in (*own, *more)},
            "external_ids": [asdict(one) for one in aggregate.external_ids],
        }

    def _stored(self, aggregate: Member, *, new: bool) -> None:
        about = {"tenant_id": self._tx.tenant_id, "member_id": aggregate.id}
        if not new:
            self._tx.write(_DROP_EXTERNAL_IDS, about)
        for key in aggregate.external_ids:
            named = {**about, "system": key.system, "external_id": key.id}
            self._tx.write(_KEEP_EXTERNAL_ID, named)


def member_of(row: Mapping[str, Any] | sa.RowMapping) -> Member:
    """The member that a row of the table stands for."""
    before = row["status_before"]
    own = ("id", "version", "program_id", "person_id", "number", "reason", "merged_into_id")
    return Member(
        **{name: row[name] for name in own},
        source=MemberSource(row["source"]),
        status=MemberStatus(row["status"]),
        status_before=None if before is None else MemberStatus(before),
        external_ids=tuple(ExternalId(**one) for one in row["external_ids"]),
        enrolled_at=row["enrolled_at"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


_OF_PERSON = Statement(
    "SELECT id FROM members WHERE tenant_id = %(tenant_id)s AND program_id = %(program_id)s"
    " AND person_id = %(person_id)s AND status <> 'merged'"
)
_BY_EXTERNAL_ID = Statement(
    "SELECT member_id FROM member_external_ids"
    " WHERE tenant_id = %(tenant_id)s AND system = %(system)s AND id = %(external_id)s"
)
_HAS_NUMBER = Statement(
    "SELECT id FROM members WHERE tenant_id = %(tenant_id)s AND number = %(number)s"
)
_DROP_EXTERNAL_IDS = Statement(
    "DELETE FROM member_external_ids WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s"
)
_KEEP_EXTERNAL_ID = Statement(
    "INSERT INTO member_external_ids (tenant_id, member_id, system, id)"
    " VALUES (%(tenant_id)s, %(member_id)s, %(system)s, %(external_id)s)"
)
