"""How memberships are kept: one row each, found by customer."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import NotFound
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.customer_groups.domain import Membership

_uuid = PgUUID(as_uuid=True)

customer_group_members = sa.Table(
    "customer_group_members",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("group", sa.Text(collation="C"), nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("company_id", _uuid),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)
_OWN = ("group", "person_id", "company_id", "created_at")


class MembershipsRepository(Repository[Membership]):
    """Memberships for a change."""

    table = customer_group_members
    kind = "membership"

    def of_customer(self, wanted: Membership) -> Membership | None:
        """The membership of the same customer in the same group, if there is one.

        Until the commit nobody else asks this about the same group: two who add a customer at the
        same time find each other's. (Merges bring two memberships together, so no constraint can
        say that there is one.)
        """
        found = self._ids_alike(wanted)
        return self.get(found[0]) if found else None

    def alike(self, member_id: UUID) -> list[Membership]:
        """A membership and all others of the same customer in the same group; others wait as above.

        Raises `NotFound`.
        """
        about = {"tenant_id": self._tx.tenant_id, "id": member_id}
        row = self._tx.fetch_one(_ONE, about)
        if row is None:
            raise NotFound.of(self.kind, member_id)
        # Locked only now, since who removes the other one waits for the group first, too.
        found = self.get_many(self._ids_alike(self._aggregate(cast("sa.RowMapping", row))))
        if all(one.id != member_id for one in found):
            raise NotFound.of(self.kind, member_id)
        return found

    def _ids_alike(self, membership: Membership) -> list[UUID]:
        about = {"tenant_id": self._tx.tenant_id, "group": membership.group}
        self._tx.fetch_one(_ALONE, about)
        customer = {"person_id": membership.person_id, "company_id": membership.company_id}
        rows = self._tx.fetch_all(_OF_CUSTOMER, {**about, **customer})
        return [row["id"] for row in rows]

    def _aggregate(self, row: sa.RowMapping) -> Membership:
        return Membership(
            id=row["id"], version=row["version"], **{name: row[name] for name in _OWN}
        )

    def _row(self, aggregate: Membership) -> dict[str, Any]:
        return {name: getattr(aggregate, name) for name in _OWN}


def groups_of(
    reading: Reading | UnitOfWork, person_id: UUID | None, company_id: UUID | None
) -> tuple[str, ...]:
    """The groups of a person and of a company together, in alphabetical order."""
    about = {"tenant_id": reading.caller.tenant_id}
    rows = reading.fetch_all(_GROUPS, {**about, "person_id": person_id, "company_id": company_id})
    return tuple(row["group"] for row in rows)


_ALONE = Statement(
    "SELECT pg_advisory_xact_lock(hashtextextended("
    "'customer group ' || %(tenant_id)s::text || ' ' || %(group)s::text, 0))"
)
_ONE = Statement(
    "SELECT * FROM customer_group_members WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
_OF_CUSTOMER = Statement(
    'SELECT id FROM customer_group_members WHERE tenant_id = %(tenant_id)s AND "group" = %(group)s'
    " AND person_id IS NOT DISTINCT FROM %(person_id)s::uuid"
    " AND company_id IS NOT DISTINCT FROM %(company_id)s::uuid ORDER BY id"
)
_GROUPS = Statement(
    'SELECT DISTINCT "group" FROM customer_group_members WHERE tenant_id = %(tenant_id)s'
    " AND (person_id = %(person_id)s::uuid OR company_id = %(company_id)s::uuid) ORDER BY 1"
)
