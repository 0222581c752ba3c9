"""Reads members, straight to the response, and what other slices go by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from chassis.domain import Conflict, NotFound
from chassis.storage.listing import (
    CHOOSE,
    FilterField,
    Listing,
    ListSpec,
    Operator,
    choice_filter,
    column_condition,
    read_text,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.members.domain import ExternalId, Member, MemberSource, MemberStatus, normal_number
from loyalty.members.models import shown
from loyalty.members.storage import member_of, members
from loyalty.programs.domain import ProgramStatus, may_redeem
from loyalty.tier_standings.storage import tier_standings

_columns = members.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))


def _in_tier() -> FilterField:
    """A filter by the key of the tier that a member is in."""
    matches = column_condition(tier_standings.c.tier)

    def condition(operator: Operator, value: Any) -> sa.ColumnElement[bool]:
        return _columns.id.in_(
            sa.select(tier_standings.c.id).where(
                tier_standings.c.tenant_id == _columns.tenant_id, matches(operator, value)
            )
        )

    return FilterField(read_text, condition, CHOOSE, {"type": "string"})


MEMBERS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at, "enrolled_at": _columns.enrolled_at},
    default_sort="-created_at",
    filters={
        "program_id": uuid_filter(_columns.program_id),
        "person_id": uuid_filter(_columns.person_id),
        "status": choice_filter(_columns.status, *MemberStatus),
        "source": choice_filter(_columns.source, *MemberSource),
        "number": text_filter(_columns.number),
        "enrolled_at": time_filter(_columns.enrolled_at),
        "tier": _in_tier(),
    },
    expands=("points", "tier"),
)


@dataclass(frozen=True, slots=True)
class MemberRef:
    """What other slices need to know of a member, and of its program.

    `person_id` is None once the person was erased. `tier` is the key of its tier. `zone` is the program's: for the member's own
    ask `profiles.queries.zone_of`.
    """

    id: UUID
    program_id: UUID
    person_id: UUID | None
    enrolled_at: datetime
    tier: str | None
    status: MemberStatus
    program_status: ProgramStatus
    redeem_until: date | None
    zone: ZoneInfo

    @property
    def may_earn(self) -> bool:
        """Whether it gets points for what it does now."""
        active = self.program_status is ProgramStatus.ACTIVE
        return active and self.status is MemberStatus.ACTIVE

    def may_redeem(self, now: datetime) -> bool:
        """Whether it may spend points now."""
        return self.status is MemberStatus.ACTIVE and may_redeem(
            self.program_status, self.redeem_until, now, self.zone
        )


def list_members(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of members."""
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(reading.connection, mine, lambda row: shown(member_of(dict(row._mapping))))


def member(reading: Reading | UnitOfWork, member_id: UUID) -> Member:
    """A member as it is now, to show and not to change. Raises `NotFound`."""
    about = {"tenant_id": reading.caller.tenant_id, "id": member_id}
    row = reading.fetch_one(_ONE, about)
    if row is None:
        raise NotFound.of("member", member_id)
    return member_of(row)


def member_by_number(reading: Reading, number: str) -> Member:
    """The member with a number, however it was typed; that of a merged one leads to who is left.

    Raises `NotFound`, also for what can be no number.
    """
    plain = normal_number(number)
    about = {"tenant_id": reading.caller.tenant_id, "number": plain}
    possible = plain.isascii() and plain.isalnum()
    row = reading.fetch_one(_BY_NUMBER, about) if possible else None
    if row is None:
        raise NotFound("There is no member with this number.")
    return who_is_left(reading, row["id"])


def member_by_external_id(reading: Reading, key: ExternalId) -> Member:
    """The member whom another system calls so; one who was merged leads to who is left.

    Raises `NotFound`.
    """
    about = {"tenant_id": reading.caller.tenant_id, "system": key.system, "external_id": key.id}
    row = reading.fetch_one(_BY_EXTERNAL_ID, about)
    if row is None:
        raise NotFound("There is no member whom the system calls so.")
    return who_is_left(reading, row["member_id"])


def who_is_left(reading: Reading | UnitOfWork, member_id: UUID) -> Member:
    """The member who stands for one that was merged, else the member itself. Raises `NotFound`."""
    found = member(reading, member_id)
    while found.merged_into_id is not None:
        found = member(reading, found.merged_into_id)
    return found


def active_members(reading: Reading | UnitOfWork, person_id: UUID) -> Sequence[MemberRef]:
    """A person's memberships that earn now: active ones of active programs, the oldest first."""
    about = {"tenant_id": reading.caller.tenant_id, "person_id": person_id}
    return [_ref(row) for row in reading.fetch_all(_OF_PERSON, about)]


def is_member(reading: Reading | UnitOfWork, person_id: UUID) -> bool:
    """Whether a person belongs to any program, in whatever state."""
    about = {"tenant_id": reading.caller.tenant_id, "person_id": person_id}
    return reading.fetch_one(_IS_MEMBER, about) is not None


def member_ref(reading: Reading | UnitOfWork, member_id: UUID) -> MemberRef:
    """A member, in whatever state. Raises `NotFound`."""
    about = {"tenant_id": reading.caller.tenant_id, "id": member_id}
    row = reading.fetch_one(_REF, about)
    if row is None:
        raise NotFound.of("member", member_id)
    return _ref(row)


def redeeming_member(tx: UnitOfWork, member_id: UUID) -> MemberRef:
    """A member who may spend points now. Raises `NotFound`, `Conflict`."""
    found = member_ref(tx, member_id)
    if found.status is not MemberStatus.ACTIVE:
        raise Conflict(f"The member is {found.status}.", code="member_not_active")
    if not found.may_redeem(tx.clock.now()):
        raise Conflict("The program lets nobody spend points now.", code="program_not_redeeming")
    return found


def _ref(row: Mapping[str, Any]) -> MemberRef:
    return MemberRef(
        id=row["id"],
        program_id=row["program_id"],
        person_id=row["person_id"],
        enrolled_at=row["enrolled_at"],
        tier=row["tier"],
        status=MemberStatus(row["status"]),
        program_status=ProgramStatus(row["program_status"]),
        redeem_until=row["redeem_until"],
        zone=ZoneInfo(row["time_zone"]),
    )


_in_tenant = _all.where(_columns.tenant_id == sa.bindparam("tenant_id"))
_ONE = Statement.of(_in_tenant.where(_columns.id == sa.bindparam("id")))
_BY_NUMBER = Statement(
    "SELECT id FROM members WHERE tenant_id = %(tenant_id)s AND number = %(number)s"
)
_BY_EXTERNAL_ID = Statement(
    "SELECT member_id FROM member_external_ids"
    " WHERE tenant_id = %(tenant_id)s AND system = %(system)s AND id = %(external_id)s"
)
_REFS = (
    "SELECT m.id, m.program_id, m.person_id, m.enrolled_at, m.status,"
    " p.status AS program_status, p.redeem_until, p.time_zone, t.tier"
    " FROM members m JOIN programs p ON p.tenant_id = m.tenant_id AND p.id = m.program_id"
    " LEFT JOIN tier_standings t ON t.tenant_id = m.tenant_id AND t.id = m.id"
    " WHERE m.tenant_id = %(tenant_id)s"
)
_IS_MEMBER = Statement(
    "SELECT id FROM members WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s LIMIT 1"
)
_REF = Statement(_REFS + " AND m.id = %(id)s")
_OF_PERSON = Statement(
    _REFS + " AND m.person_id = %(person_id)s AND m.status = 'active' AND p.status = 'active'"
    " ORDER BY m.enrolled_at, m.id"
)
