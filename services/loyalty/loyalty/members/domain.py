"""What a member is: one person's membership of one program, its number, and what may happen to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid
from loyalty.programs.domain import NumberFormat

MOST_EXTERNAL_IDS = 20
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""Members from before are members since this at the earliest."""
_QUASIGROUP = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
"""Totally anti-symmetric, of order 10: H. Michael Damm, 2004."""
_UNKEPT = re.compile(r"[\s\-]")


class MemberStatus(StrEnum):
    """How a member stands."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"
    MERGED = "merged"


class MemberSource(StrEnum):
    """By what somebody became a member."""

    API = "api"
    BATCH = "batch"
    EVENT = "event"
    FIRST_PURCHASE = "first_purchase"
    REFERRAL = "referral"
    IMPORT = "import"

    @property
    def is_asked_for(self) -> bool:
        """Whether somebody wanted it, and it did not come about by itself."""
        return self not in (MemberSource.EVENT, MemberSource.FIRST_PURCHASE)


@dataclass(frozen=True, slots=True)
class ExternalId:
    """What another system calls a member."""

    system: str
    id: str


@dataclass(frozen=True, slots=True)
class Particulars:
    """What may be known of a new member: a number from before, since when, what others call it."""

    number: str = ""
    enrolled_at: datetime | None = None
    external_ids: tuple[ExternalId, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberEnrolled(Fact):
    """Somebody is a member who was not before."""

    member: Member


@dataclass(frozen=True, slots=True)
class MemberChanged(Fact):
    """Other systems call a member something else."""

    member: Member


@dataclass(frozen=True, slots=True)
class MemberSuspended(Fact):
    """A member earns and spends nothing until further notice."""

    member: Member


@dataclass(frozen=True, slots=True)
class MemberReinstated(Fact):
    """A suspended member earns and spends again."""

    member: Member


@dataclass(frozen=True, slots=True)
class MemberLeft(Fact):
    """A member has left the program."""

    member: Member


@dataclass(frozen=True, slots=True)
class MemberRejoined(Fact):
    """Who had left is a member again."""

    member: Member


@dataclass(frozen=True, slots=True)
class MemberMerged(Fact):
    """Two members turned out to be one person; this one is gone."""

    member: Member
    into_member_id: UUID


@dataclass(frozen=True, slots=True)
class MemberUnmerged(Fact):
    """Two members were two people after all; this one is back."""

    member: Member
    from_member_id: UUID


@dataclass(kw_only=True)
class Member(Aggregate):
    """One person's membership of one program.

    `person_id` is None once the person was erased. `reason` says why it is suspended or has left.
    `status_before` is how a merged one stood before.
    """

    program_id: UUID
    person_id: UUID | None
    number: str
    source: MemberSource
    enrolled_at: datetime
    status: MemberStatus = MemberStatus.ACTIVE
    reason: str = ""
    external_ids: tuple[ExternalId, ...] = ()
    merged_into_id: UUID | None = None
    status_before: MemberStatus | None = None
    created_at: datetime
    updated_at: datetime

    def enrol(self) -> None:
        """Become a member. Raises `Invalid` for a time to come, and for one before 1970."""
        if self.enrolled_at > self.created_at:
            message = "Nobody is a member since a time to come."
            raise Invalid.at("/enrolled_at", "time_to_come", message)
        if self.enrolled_at < EARLIEST:
            message = "Nobody is a member since before 1970."
            raise Invalid.at("/enrolled_at", "time_too_early", message)
        _require_one_per_system(self.external_ids)
        self.record(MemberEnrolled(self))

    def rename(self, external_ids: tuple[ExternalId, ...], now: datetime) -> None:
        """Be called otherwise by other systems. Raises `Invalid`, `Conflict` for a merged one."""
        self._require_own()
        _require_one_per_system(external_ids)
        if external_ids != self.external_ids:
            self.external_ids, self.updated_at = external_ids, now
            self.record(MemberChanged(self))

    def suspend(self, reason: str, now: datetime) -> None:
        """Earn and spend nothing until further notice. Raises `Conflict` unless it is active."""
        if self.status is not MemberStatus.ACTIVE:
            raise _wrong_state(self.status)
        self._become(MemberStatus.SUSPENDED, reason, now)
        self.record(MemberSuspended(self))

    def reinstate(self, now: datetime) -> None:
        """Earn and spend again. Raises `Conflict` unless it is suspended."""
        if self.status is not MemberStatus.SUSPENDED:
            raise _wrong_state(self.status)
        self._become(MemberStatus.ACTIVE, "", now)
        self.record(MemberReinstated(self))

    def leave(self, reason: str, now: datetime) -> None:
        """Leave the program. Raises `Conflict` unless it is active.

        Who is suspended stays so until reinstated: by leaving and returning they would be free again.
        """
        if self.status is not MemberStatus.ACTIVE:
            raise _wrong_state(self.status)
        self._become(MemberStatus.LEFT, reason, now)
        self.record(MemberLeft(self))

    def rejoin(self, now: datetime) -> None:
        """Be a member again after having left, under the same number."""
        if self.status is not MemberStatus.LEFT:
            raise _wrong_state(self.status)
        self._become(MemberStatus.ACTIVE, "", now)
        self.record(MemberRejoined(self))

    def merge_into(self, other: Member, now: datetime) -> None:
        """Be gone, since the other is the same person."""
        self.status_before, self.merged_into_id = self.status, other.id
        self.status, self.updated_at = MemberStatus.MERGED, now
        self.record(MemberMerged(self, other.id))

    def come_back(self, now: datetime) -> None:
        """Be what it was before it was merged: it was another person after all."""
        if self.merged_into_id is None or self.status_before is None:
            raise _wrong_state(self.status)
        from_id = self.merged_into_id
        self.status, self.status_before, self.merged_into_id = self.status_before, None, None
        self.updated_at = now
        self.record(MemberUnmerged(self, from_id))

    def _become(self, status: MemberStatus, reason: str, now: datetime) -> None:
        self.status, self.reason, self.updated_at = status, reason, now

    def _require_own(self) -> None:
        if self.status is MemberStatus.MERGED:
            raise _wrong_state(self.status)


def new_number(shape: NumberFormat, below: Callable[[int], int]) -> str:
    """A number of this form. `below(n)` gives a number from 0 to n - 1, by chance."""
    digits = "".join(str(below(10)) for _ in range(shape.digits))
    return f"{shape.prefix}{digits}{check_digit(digits)}"


def check_digit(digits: str) -> int:
    """The digit that makes the whole check, after Damm.

    It shows every single wrong digit and every two neighbours that changed places.
    """
    interim = 0
    for digit in digits:
        interim = _QUASIGROUP[interim][int(digit)]
    return interim


def normal_number(text: str) -> str:
    """A member's number as it is kept, however somebody has typed it."""
    return _UNKEPT.sub("", text).upper()


def _require_one_per_system(external_ids: tuple[ExternalId, ...]) -> None:
    systems = [one.system for one in external_ids]
    if len(set(systems)) != len(systems):
        message = "A system calls a member by one name."
        raise Invalid.at("/external_ids", "external_id_twice", message)


def _wrong_state(status: MemberStatus) -> Conflict:
    return Conflict(f"The member is {status}.", code="member_not_in_state")
