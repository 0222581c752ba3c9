"""Reads profiles: by which clock members live, and which days are theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.members.queries import MemberRef, member_ref
from loyalty.profiles.domain import Profile
from loyalty.profiles.storage import profile_of


def profile_or_none(reading: Reading | UnitOfWork, person_id: UUID | None) -> Profile | None:
    """What is known of a person; None while nothing is."""
    return None if person_id is None else profiles_of(reading, [person_id]).get(person_id)


def profiles_of(
    reading: Reading | UnitOfWork, person_ids: Iterable[UUID]
) -> Mapping[UUID, Profile]:
    """What is known of people, as far as anything is."""
    about = {"tenant_id": reading.caller.tenant_id, "person_ids": list(person_ids)}
    rows = reading.fetch_all(_OF_PEOPLE, about) if about["person_ids"] else []
    return {row["person_id"]: profile_of(row) for row in rows}


def zone_of(reading: Reading | UnitOfWork, member: MemberRef) -> ZoneInfo:
    """The clock that a member's days go by: the person's own, else the program's."""
    profile = profile_or_none(reading, member.person_id)
    return member.zone if profile is None else profile.zone(member.zone)


def get_profile(reading: Reading, member_id: UUID) -> dict[str, Any]:
    """What loyalty goes by for a member, as the API shows it. Raises `NotFound`."""
    member = member_ref(reading, member_id)
    profile = profile_or_none(reading, member.person_id)
    about = {"tenant_id": reading.caller.tenant_id, "person_id": member.person_id}
    due = None if member.person_id is None else reading.fetch_one(_DUE, about)
    known = profile or Profile(UUID(int=0))
    own = None if profile is None else profile.time_zone
    zone = known.zone(member.zone)
    return {
        "member_id": member.id,
        "person_id": member.person_id,
        "time_zone": zone.key,
        "time_zone_from": "person" if own and zone.key == own else "program",
        "language": known.language,
        "days": [{"kind": one.kind, "first": one.first} for one in known.days],
        "known_at": known.known_at,
        "refresh_due": due is not None,
        "failed_attempts": 0 if due is None else due["attempts"],
    }


_OF_PEOPLE = Statement(
    "SELECT person_id, language, time_zone, days, known_at FROM profiles"
    " WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(person_ids)s)"
)
_DUE = Statement(
    "SELECT attempts FROM profile_refreshes"
    " WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
)
