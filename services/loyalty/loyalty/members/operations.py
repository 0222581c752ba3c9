"""What apps, staff and facts do to members; each function is one transaction, or a part of one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

from chassis.domain import Conflict
from loyalty.members.domain import (
    ExternalId,
    Member,
    MemberSource,
    MemberStatus,
    Particulars,
    new_number,
    normal_number,
)
from loyalty.people.erased import require_not_erased
from loyalty.people.named import current_person
from loyalty.profiles.operations import want_profile
from loyalty.programs.domain import NumberFormat, Program
from loyalty.programs.queries import program
from loyalty.transaction import LoyaltyTx

_DRAWS = 20
NOTHING_MORE = Particulars()


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A member, and whether this made them one, for the first time or again."""

    member: Member
    new: bool


def enrol(
    tx: LoyaltyTx,
    program_id: UUID,
    person_id: UUID,
    source: MemberSource,
    particulars: Particulars = NOTHING_MORE,
) -> Member:
    """Make a person a member of a program; whoever is one already stays as they are.

    Who had left is a member again when somebody asks for it, but not by a purchase or an event.
    Of several at once one enrols and the others find. Raises `NotFound` without such a program,
    `Conflict` unless it is active, `Invalid`.
    """
    return enrolled(tx, program(tx, program_id), person_id, source, particulars).member


def enrolled(
    tx: LoyaltyTx,
    program: Program,
    person_id: UUID,
    source: MemberSource,
    particulars: Particulars = NOTHING_MORE,
) -> Enrolled:
    """The same, and whether it made a difference. Raises `Conflict` for somebody who was erased."""
    person_id = current_person(tx, person_id)
    require_not_erased(tx, person_id)
    tx.try_again_on("members_person_unique")
    known = tx.members.of_person(program.id, person_id)
    if known is not None:
        returns = known.status is MemberStatus.LEFT and source.is_asked_for
        if returns:
            program.require_active()
            known.rejoin(tx.clock.now())
        return Enrolled(known, returns)
    program.require_active()
    now = tx.clock.now()
    member = Member(
        id=tx.ids.new(),
        program_id=program.id,
        person_id=person_id,
        number=normal_number(particulars.number) or _number(tx, program.terms.numbers),
        source=source,
        enrolled_at=particulars.enrolled_at or now,
        external_ids=particulars.external_ids,
        created_at=now,
        updated_at=now,
    )
    member.enrol()
    tx.members.add(member)
    want_profile(tx, person_id)
    return Enrolled(member, new=True)


def enrol_by_api(
    tx: LoyaltyTx, program_id: UUID, person_id: UUID, source: MemberSource, particulars: Particulars
) -> Enrolled:
    """Make a person a member because an app or somebody of the staff says so.

    Raises `NotFound`, `Invalid`, and `Conflict` where the program takes nobody in this way.
    """
    into = program(tx, program_id)
    if not into.terms.enrolment.by_api:
        message = "The program takes members by events and purchases alone."
        raise Conflict(message, code="enrolment_not_by_api")
    return enrolled(tx, into, person_id, source, particulars)


def enrol_once(
    tx: LoyaltyTx, program_id: UUID, person_id: UUID, key: ExternalId, particulars: Particulars
) -> Enrolled:
    """Enrol whoever another system calls so, unless they are known by it already.

    Raises what enrolling raises, and `Conflict` when it calls a member of another person or program
    so.
    """
    tx.try_again_on("member_external_ids_unique")
    known = tx.members.by_external_id(key)
    person_id = current_person(tx, person_id)
    if known is None:
        done = enrol_by_api(tx, program_id, person_id, MemberSource.API, particulars)
        others = [one for one in done.member.external_ids if one.system != key.system]
        done.member.rename((key, *others), tx.clock.now())
        return done
    if (known.program_id, known.person_id) != (program_id, person_id):
        message = "The system calls another member so."
        raise Conflict(message, code="member_external_id_taken")
    return Enrolled(known, new=False)


def rename_member(tx: LoyaltyTx, member_id: UUID, external_ids: tuple[ExternalId, ...]) -> Member:
    """Note what other systems call a member. Raises `NotFound`, `Invalid`, `Conflict`."""
    member = tx.members.get(member_id)
    member.rename(external_ids, tx.clock.now())
    return member


def suspend_member(tx: LoyaltyTx, member_id: UUID, reason: str) -> Member:
    """Have a member earn and spend nothing for now. Raises `NotFound`, `Conflict`."""
    member = tx.members.get(member_id)
    member.suspend(reason, tx.clock.now())
    return member


def reinstate_member(tx: LoyaltyTx, member_id: UUID) -> Member:
    """Have a suspended member earn and spend again. Raises `NotFound`, `Conflict`."""
    member = tx.members.get(member_id)
    member.reinstate(tx.clock.now())
    return member


def leave_program(tx: LoyaltyTx, member_id: UUID, reason: str) -> Member:
    """Have a member leave. Raises `NotFound`, `Conflict`."""
    member = tx.members.get(member_id)
    member.leave(reason, tx.clock.now())
    return member


def rejoin_program(tx: LoyaltyTx, member_id: UUID) -> Member:
    """Have who left be a member again. Raises `NotFound`, `Conflict` also for a closed program."""
    member = tx.members.get(member_id)
    program(tx, member.program_id).require_active()
    member.rejoin(tx.clock.now())
    return member


def _number(tx: LoyaltyTx, shape: NumberFormat) -> str:
    """A number that nobody has; should two draw the same at once, one of them draws again."""
    tx.try_again_on("members_number_unique")
    for _ in range(_DRAWS):
        number = new_number(shape, secrets.randbelow)
        if not tx.members.has_number(number):
            return number
    raise Conflict("The form of numbers leaves too few: add digits.", code="member_numbers_used_up")
