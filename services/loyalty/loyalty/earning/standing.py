"""How members stand: what rules look at besides what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.happenings.vocabulary import Standing
from loyalty.members.queries import MemberRef
from loyalty.profiles.queries import profiles_of, zone_of
from loyalty.programs.domain import Program


def standing_of(reading: Reading | UnitOfWork, member: MemberRef, tier: str) -> Standing:
    """The member as rules judge one: days and hours are those of its own clock."""
    return Standing(
        member_id=member.id,
        program_id=member.program_id,
        enrolled_at=member.enrolled_at,
        zone=zone_of(reading, member),
        tier=tier,
    )


def standings_of(
    reading: Reading, program: Program, people: Sequence[UUID]
) -> Mapping[UUID, Standing]:
    """How the members of a program stand, of these people, who earn now."""
    about = {"tenant_id": reading.caller.tenant_id, "program_id": program.id}
    rows = reading.fetch_all(_MEMBERS, {**about, "person_ids": list(people)})
    profiles = profiles_of(reading, people)
    standings = {}
    for row in rows:
        profile = profiles.get(row["person_id"])
        zone = program.zone if profile is None else profile.zone(program.zone)
        standings[row["person_id"]] = Standing(
            member_id=row["id"], program_id=program.id, enrolled_at=row["enrolled_at"], zone=zone
        )
    return standings


_MEMBERS = Statement(
    "SELECT id, person_id, enrolled_at FROM members WHERE tenant_id = %(tenant_id)s"
    " AND program_id = %(program_id)s AND person_id = ANY(%(person_ids)s) AND status = 'active'"
)
