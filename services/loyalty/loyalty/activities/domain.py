"""Events that members come to, on line and in person: when, where, and for whom (LO-10)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Violation
from loyalty.codes.domain import SHORT, normalized
from loyalty.gifts.domain import NOTHING, Gift

MOST_PLACES = 100_000
_FIRST_YEAR, _LAST_YEAR = 2000, 9000
CODE_STEP = timedelta(seconds=60)
"""How long the code on the screen at an event is shown; the one before is still taken."""
AFTERWARDS = timedelta(hours=24)
"""How long after the end the staff may still enter from a list who was there."""


class Venue(StrEnum):
    """Where it takes place."""

    ONLINE = "online"
    IN_PERSON = "in_person"
    BOTH = "both"


class ActivityStatus(StrEnum):
    """How far it has come."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    ENDED = "ended"


class AttendedBy(StrEnum):
    """When whoever is there counts as having attended."""

    CHECK_IN = "check_in"
    END = "end"


@dataclass(frozen=True, slots=True)
class ActivityTerms:
    """What is planned.

    `kind` is a word of the tenant's own. `capacity` is how many come in, anybody without one;
    `waiting_places` is how many may wait. Members register from `opens_at` to `closes_at`, or until
    it begins. They check in from `check_in_minutes` before it begins. `refresh_months` is after how
    long somebody may be asked again whether their contact details are right; 0 asks nobody.
    """

    title: Mapping[str, str]
    kind: str
    venue: Venue
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    description: Mapping[str, str]
    place: str = ""
    link: str = ""
    capacity: int | None = None
    waiting_places: int = 0
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    tiers: tuple[str, ...] = ()
    gift: Gift = NOTHING
    attended_by: AttendedBy = AttendedBy.END
    check_in_minutes: int = 60
    refresh_months: int = 0
    refresh_template: str = ""

    @property
    def registers_until(self) -> datetime:
        """The end of registration."""
        return self.starts_at if self.closes_at is None else self.closes_at

    @property
    def checks_in_from(self) -> datetime:
        """From when on members check in."""
        return self.starts_at - timedelta(minutes=self.check_in_minutes)


@dataclass(frozen=True, slots=True)
class ActivityPlanned(Fact):
    """It is planned."""

    activity: Activity


@dataclass(frozen=True, slots=True)
class ActivityChanged(Fact):
    """It is different; `moved` when those who are registered have to know."""

    activity: Activity
    moved: bool


@dataclass(frozen=True, slots=True)
class ActivityPublished(Fact):
    """Members can see it."""

    activity: Activity


@dataclass(frozen=True, slots=True)
class ActivityCancelled(Fact):
    """It does not take place."""

    activity: Activity


@dataclass(frozen=True, slots=True)
class ActivityEnded(Fact):
    """It is over, and who came is settled."""

    activity: Activity


@dataclass(kw_only=True)
class Activity(Aggregate):
    """An event of a program. `secret` makes the codes that are shown at it."""

    program_id: UUID
    terms: ActivityTerms
    status: ActivityStatus
    secret: str
    created_at: datetime
    updated_at: datetime

    def plan(self) -> None:
        """Say that it is planned. Raises `Invalid`."""
        _require_possible(self.terms)
        self.record(ActivityPlanned(self))

    def change(self, terms: ActivityTerms, now: datetime) -> None:
        """Plan it otherwise; nothing happens when nothing differs.

        Raises `Invalid`, `Conflict` for one that has begun or does not take place.
        """
        self._require_planned()
        if self.status is ActivityStatus.PUBLISHED and now >= self.terms.starts_at:
            raise Conflict("The activity has begun.", code="activity_begun")
        _require_possible(terms)
        if terms == self.terms:
            return
        if self.status is ActivityStatus.PUBLISHED and terms.starts_at <= now:
            raise Invalid.at("/starts_at", "time_past", "It has to begin in the future.")
        moved = _where_and_when(terms) != _where_and_when(self.terms)
        self.terms, self.updated_at = terms, now
        self.record(ActivityChanged(self, moved))

    def announce(self, now: datetime) -> None:
        """Have members see it. Raises `Conflict` for one that would have begun."""
        self._require_planned()
        if self.status is ActivityStatus.PUBLISHED:
            return
        if now >= self.terms.starts_at:
            raise Conflict("The activity would have begun already.", code="activity_begun")
        self.status, self.updated_at = ActivityStatus.PUBLISHED, now
        self.record(ActivityPublished(self))

    def cancel(self, now: datetime) -> bool:
        """Have it not take place; whether it would have. Raises `Conflict` for one that is over."""
        if self.status is ActivityStatus.CANCELLED:
            return False
        self._require_planned()
        self.status, self.updated_at = ActivityStatus.CANCELLED, now
        self.record(ActivityCancelled(self))
        return True

    def end(self, now: datetime) -> None:
        """Note that it is over."""
        if self.status is ActivityStatus.PUBLISHED:
            self.status, self.updated_at = ActivityStatus.ENDED, now
            self.record(ActivityEnded(self))

    def require_registering(self, tier: str | None, now: datetime) -> None:
        """Check that a member of a tier may register now. Raises `Conflict`."""
        if self.status is not ActivityStatus.PUBLISHED:
            raise Conflict("Nobody can register for the activity.", code="activity_not_open")
        if self.terms.opens_at is not None and now < self.terms.opens_at:
            raise Conflict("Registration has not begun.", code="registration_not_open")
        if now >= self.terms.registers_until:
            raise Conflict("Registration is over.", code="registration_closed")
        if self.terms.tiers and tier not in self.terms.tiers:
            message = "The activity is for members of other tiers."
            raise Conflict(message, code="tier_needed")

    def require_checking_in(self, now: datetime, *, afterwards: timedelta = timedelta()) -> None:
        """Check that whoever is there can be noted now. Raises `Conflict`."""
        took_place = self.status in (ActivityStatus.PUBLISHED, ActivityStatus.ENDED)
        if not took_place or not self.terms.checks_in_from <= now < self.terms.ends_at + afterwards:
            message = "Nobody checks in to the activity at this time."
            raise Conflict(message, code="check_in_closed")

    def code_at(self, now: datetime) -> str:
        """The code that is shown at the event now, in its normal form."""
        return self._code(int(now.timestamp() // CODE_STEP.total_seconds()))

    def accepts(self, code: str, now: datetime) -> bool:
        """Whether somebody has read a code off the screen just now, or right before it changed."""
        step, given = int(now.timestamp() // CODE_STEP.total_seconds()), normalized(code)
        return any(
            hmac.compare_digest(given.encode(), self._code(each).encode())
            for each in (step, step - 1)
        )

    def _code(self, step: int) -> str:
        said = f"{self.id}:{step}".encode()
        drawn = int.from_bytes(hmac.digest(self.secret.encode(), said, hashlib.sha256))

        def below(bound: int) -> int:
            nonlocal drawn
            drawn, value = divmod(drawn, bound)
            return value

        return SHORT.new(below)

    def _require_planned(self) -> None:
        if self.status in (ActivityStatus.CANCELLED, ActivityStatus.ENDED):
            raise Conflict(f"The activity is {self.status}.", code="activity_over")


def _where_and_when(terms: ActivityTerms) -> tuple[object, ...]:
    return terms.starts_at, terms.ends_at, terms.place, terms.link, terms.venue


def _require_possible(terms: ActivityTerms) -> None:
    wrong = tuple(_wrong(terms))
    if wrong:
        raise Invalid("Such an activity cannot take place.", violations=wrong)


def _wrong(terms: ActivityTerms) -> Iterator[Violation]:
    yield from terms.gift.wrong("/gift")
    if not _FIRST_YEAR <= terms.starts_at.year <= _LAST_YEAR:
        message = f"It takes place in one of the years {_FIRST_YEAR} to {_LAST_YEAR}."
        yield Violation("/starts_at", "year_impossible", message)
    if terms.ends_at <= terms.starts_at:
        yield Violation("/ends_at", "ends_too_early", "It has to end after it begins.")
    elif terms.ends_at - terms.starts_at > timedelta(days=31):
        yield Violation("/ends_at", "ends_too_late", "It lasts 31 days at most.")
    if terms.closes_at is not None and terms.closes_at > terms.ends_at:
        yield Violation("/closes_at", "closes_too_late", "Nobody registers after the end.")
    if terms.opens_at is not None and terms.opens_at >= terms.registers_until:
        yield Violation("/opens_at", "opens_too_late", "Registration has to begin before it ends.")
    if terms.link and not _is_web(terms.link):
        yield Violation("/link", "address_unfit", "This has to be an address with https.")
    if not _is_zone(terms.time_zone):
        message = "This has to be an IANA name, such as Asia/Taipei."
        yield Violation("/time_zone", "time_zone_unknown", message)
    if terms.waiting_places and terms.capacity is None:
        message = "Nobody waits where everybody comes in."
        yield Violation("/waiting_places", "waiting_needless", message)


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not any(map(str.isspace, address))


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
