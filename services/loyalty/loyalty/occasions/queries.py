"""Reads occasions and what was given on them, straight to the response."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    integer_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.members.queries import member_ref
from loyalty.occasions.domain import Occasion, OccasionStatus
from loyalty.occasions.models import celebration_shown, shown
from loyalty.occasions.planning import Calendar
from loyalty.occasions.storage import celebration_of, celebrations, occasion_of, occasions
from loyalty.profiles.queries import zone_of

_columns, _kept = occasions.c, celebrations.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_all_kept = sa.select(*(column for column in _kept if column.name != "tenant_id"))

OCCASIONS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at, "key": _columns.key},
    default_sort="-created_at",
    filters={
        "program_id": uuid_filter(_columns.program_id),
        "date_kind": text_filter(_columns.date_kind),
        "status": choice_filter(_columns.status, *OccasionStatus),
    },
)
CELEBRATIONS = ListSpec(
    key=_kept.id,
    sorts={"reached_at": _kept.reached_at},
    default_sort="-reached_at",
    filters={
        "occasion_id": uuid_filter(_kept.occasion_id),
        "program_id": uuid_filter(_kept.program_id),
        "member_id": uuid_filter(_kept.member_id),
        "person_id": uuid_filter(_kept.person_id),
        "year": integer_filter(_kept.year),
        "reached_at": time_filter(_kept.reached_at),
    },
)


def list_occasions(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of occasions."""
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(
        reading.connection, mine, lambda row: shown(occasion_of(dict(row._mapping)))
    )


def get_occasion(reading: Reading, occasion_id: UUID) -> dict[str, Any]:
    """An occasion as the API shows one. Raises `NotFound`."""
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == occasion_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("occasion", occasion_id)
    return shown(occasion_of(row))


def list_celebrations(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of what was given on occasions."""
    mine = _all_kept.where(_kept.tenant_id == reading.caller.tenant_id)
    return listing.fetch(
        reading.connection, mine, lambda row: celebration_shown(celebration_of(dict(row._mapping)))
    )


def get_celebration(reading: Reading, celebration_id: UUID) -> dict[str, Any]:
    """What was given on an occasion. Raises `NotFound`."""
    statement = _all_kept.where(
        _kept.tenant_id == reading.caller.tenant_id, _kept.id == celebration_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("celebration", celebration_id)
    return celebration_shown(celebration_of(row))


def next_occasions(reading: Reading, member_id: UUID) -> dict[str, Any]:
    """When each occasion of the program is next kept for a member. Raises `NotFound`."""
    member = member_ref(reading, member_id)
    calendar, now = Calendar.of(reading, member), reading.clock.now()
    about = {"tenant_id": reading.caller.tenant_id, "member_id": member_id}
    last = {row["occasion_id"]: row["reached_at"] for row in reading.fetch_all(_LAST, about)}
    items = []
    for occasion in occasions_of_program(reading, member.program_id):
        due = calendar.next(occasion, now)
        items.append(
            {
                "occasion_id": occasion.id,
                "key": occasion.key,
                "date_kind": occasion.date_kind,
                "name": occasion.terms.name,
                "status": occasion.status,
                "due_at": None if due is None else due.at,
                "last_reached_at": last.get(occasion.id),
            }
        )
    return {"member_id": member_id, "time_zone": zone_of(reading, member).key, "items": items}


def occasions_of_program(reading: Reading | UnitOfWork, program_id: UUID) -> Sequence[Occasion]:
    """The occasions of a program that are not archived, the oldest first; not locked."""
    about = {
        "tenant_id": reading.caller.tenant_id,
        "program_id": program_id,
        "over": OccasionStatus.ARCHIVED,
    }
    return [occasion_of(row) for row in reading.fetch_all(_OF_PROGRAM, about)]


def occasions_of_person(reading: Reading | UnitOfWork, person_id: UUID) -> Sequence[UUID]:
    """A person's memberships of programs that keep any occasion."""
    about = {"tenant_id": reading.caller.tenant_id, "person_id": person_id}
    return [row["id"] for row in reading.fetch_all(_OF_PERSON, about)]


_OF_PROGRAM = Statement.of(
    _all.where(
        _columns.tenant_id == sa.bindparam("tenant_id"),
        _columns.program_id == sa.bindparam("program_id"),
        _columns.status != sa.bindparam("over"),
    ).order_by(_columns.created_at, _columns.id)
)
_OF_PERSON = Statement(
    "SELECT m.id FROM members m WHERE m.tenant_id = %(tenant_id)s AND m.person_id = %(person_id)s"
    " AND m.status <> 'merged' AND EXISTS (SELECT FROM occasions o"
    " WHERE o.tenant_id = m.tenant_id AND o.program_id = m.program_id AND o.status <> 'archived')"
    " ORDER BY m.id"
)
_LAST = Statement(
    "SELECT occasion_id, max(reached_at) AS reached_at FROM celebrations"
    " WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s GROUP BY occasion_id"
)
