"""When each member's next time for an occasion is: kept as a timer for each of the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from chassis.work.timers import cancel_timer, set_timer
from loyalty.members.queries import MemberRef
from loyalty.occasions.calendar import Due, When, YearlyDate, next_due
from loyalty.occasions.domain import MEMBERSHIP_DAY, Occasion
from loyalty.profiles.domain import Profile
from loyalty.profiles.queries import profile_or_none
from loyalty.programs.domain import LeapDay
from loyalty.programs.queries import program

OCCASION = "occasion"
"""A timer of this kind fires when the time of a member's occasion has come."""
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a member's dates are reckoned by, read once for all occasions of the member."""

    member: MemberRef
    profile: Profile | None
    leap_day: LeapDay

    @classmethod
    def of(cls, reading: Reading | UnitOfWork, member: MemberRef) -> Calendar:
        """The calendar of a member."""
        profile = profile_or_none(reading, member.person_id)
        leap_day = program(reading, member.program_id).terms.leap_day
        return cls(member, profile, leap_day)

    def next(self, occasion: Occasion, after: datetime) -> Due | None:
        """The first time of an occasion after an instant; None while the date is not known."""
        dated = self._date(occasion.date_kind)
        if dated is None:
            return None
        zone = self.member.zone if self.profile is None else self.profile.zone(self.member.zone)
        when = When(occasion.terms.offset_days, occasion.terms.at)
        return next_due(dated, when, zone, self.leap_day, after)

    def at(self, occasion: Occasion, planned: Due) -> bool:
        """Whether an occasion's time is still the one that was planned."""
        return self.next(occasion, planned.at - _MOMENT) == planned

    def _date(self, kind: str) -> YearlyDate | None:
        zone = self.member.zone if self.profile is None else self.profile.zone(self.member.zone)
        if kind == MEMBERSHIP_DAY:
            joined = self.member.enrolled_at.astimezone(zone).date()
            return YearlyDate(joined.month, joined.day, since=joined)
        first = None if self.profile is None else self.profile.day(kind)
        return None if first is None else YearlyDate(first.month, first.day, since=first)


def plan(
    tx: UnitOfWork, occasion: Occasion, calendar: Calendar, *, after: datetime | None = None
) -> None:
    """Have an occasion's next time for a member be waited for, in place of any other.

    Without `after` the last days count in which it would still be kept, so that a date or a clock
    that changes on the very day loses nothing: what was kept is not kept again all the same.
    """
    key = timer_key(occasion.id, calendar.member.id)
    due = calendar.next(occasion, after or _since(tx, occasion, calendar.member))
    if due is None:
        cancel_timer(tx, OCCASION, key)
    else:
        data: dict[str, Any] = {"at": due.at.isoformat(), "year": due.year}
        set_timer(tx, OCCASION, key, due.at, data)


def planned_in(data: Any) -> Due:
    """The time that a timer was set for."""
    return Due(datetime.fromisoformat(data["at"]), int(data["year"]))


def timer_key(occasion_id: UUID, member_id: UUID) -> str:
    """What the timer of an occasion and a member is called."""
    return f"{occasion_id}:{member_id}"


def ids_in(key: str) -> tuple[UUID, UUID]:
    """The occasion and the member that a timer is of."""
    occasion_id, _, member_id = key.partition(":")
    return UUID(occasion_id), UUID(member_id)


def next_members(tx: UnitOfWork, program_id: UUID, after: UUID | None, most: int) -> Sequence[UUID]:
    """Some members of a program whose days count, in the order of their ids."""
    about = {
        "tenant_id": tx.tenant_id,
        "program_id": program_id,
        "after": after or UUID(int=0),
        "most": most,
    }
    return [row["id"] for row in tx.fetch_all(_MEMBERS, about)]


def _since(tx: UnitOfWork, occasion: Occasion, member: MemberRef) -> datetime:
    recent = tx.clock.now() - timedelta(days=occasion.terms.late_days)
    return max(recent, occasion.updated_at, member.enrolled_at)


_MEMBERS = Statement(
    "SELECT id FROM members WHERE tenant_id = %(tenant_id)s AND program_id = %(program_id)s"
    " AND id > %(after)s AND status <> 'merged' AND person_id IS NOT NULL"
    " ORDER BY id LIMIT %(most)s"
)
