"""Who works where, and who is what to whom (CO-2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Unpublished


@dataclass(frozen=True, slots=True)
class Terms:
    """What is known of an employment: days may be unknown, and the last one may lie ahead.

    `ended_on` is the last day. `ended` says that it is over, whether or not the day is known.
    """

    title: str = ""
    started_on: date | None = None
    ended_on: date | None = None
    ended: bool = False

    def is_current(self, today: date) -> bool:
        """Whether the person works there on this day."""
        return not self.ended and (self.ended_on is None or self.ended_on >= today)

    def overlaps(self, other: Terms) -> bool:
        """Whether both certainly cover a common day in the same capacity.

        One that is over without a known last day is taken to cover its first day only.
        """
        if self.title.casefold() != other.title.casefold():
            return False
        mine, theirs = self._span(), other._span()
        return mine is not None and theirs is not None and _meet(mine, theirs)

    def _span(self) -> tuple[date, date] | None:
        last = self.ended_on or (self.started_on if self.ended else date.max)
        return None if last is None else (self.started_on or date.min, last)


def _meet(one: tuple[date, date], other: tuple[date, date]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


@dataclass(frozen=True, slots=True)
class EmploymentStarted(Fact):
    """A person is known to work, or to have worked, at a company."""

    employment_id: UUID
    person_id: UUID
    company_id: UUID
    terms: Terms


@dataclass(frozen=True, slots=True)
class EmploymentChanged(Fact):
    """The title or the days of an employment are others now."""

    employment_id: UUID
    person_id: UUID
    company_id: UUID
    changed_fields: tuple[str, ...]
    terms: Terms


@dataclass(frozen=True, slots=True)
class EmploymentEnded(Fact):
    """A person works at a company no longer, or will not after a settled day."""

    employment_id: UUID
    person_id: UUID
    company_id: UUID
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class EmploymentRemoved(Fact):
    """An employment was entered by mistake."""

    employment_id: UUID
    person_id: UUID
    company_id: UUID


@dataclass(frozen=True, slots=True)
class HandedOver(Unpublished):
    """The record is another person's, who was merged with its own; the merge tells of it."""

    person_id: UUID


@dataclass(kw_only=True)
class Employment(Aggregate):
    """One person at one company in one capacity; a person may have several at once."""

    person_id: UUID
    company_id: UUID
    terms: Terms
    created_at: datetime
    updated_at: datetime

    @classmethod
    def start(
        cls,
        employment_id: UUID,
        person_id: UUID,
        company_id: UUID,
        terms: Terms,
        others: Iterable[Terms],
        now: datetime,
    ) -> Employment:
        """A new employment; `others` are the person's other ones at the same company.

        Raises `Invalid` for days that cannot be, `Conflict` when it overlaps another.
        """
        _require_possible(terms, now.date())
        _require_apart(terms, others)
        employment = cls(
            id=employment_id,
            person_id=person_id,
            company_id=company_id,
            terms=terms,
            created_at=now,
            updated_at=now,
        )
        employment.record(EmploymentStarted(employment_id, person_id, company_id, terms))
        return employment

    def change(self, terms: Terms, others: Iterable[Terms], now: datetime) -> None:
        """Take over other terms; nothing happens when nothing differs. Raises as `start`."""
        changed = tuple(
            sorted(
                _SHOWN_AS.get(f.name, f.name)
                for f in fields(terms)
                if getattr(terms, f.name) != getattr(self.terms, f.name)
            )
        )
        if not changed:
            return
        _require_possible(terms, now.date())
        _require_apart(terms, others)
        ends = _settled(terms) and not _settled(self.terms)
        self.terms, self.updated_at = terms, now
        self.record(EmploymentChanged(self.id, self.person_id, self.company_id, changed, terms))
        if ends:
            self._record_end()

    def end(self, last_day: date, now: datetime) -> None:
        """Settle the last day. Raises `Conflict` when it is over already, `Invalid` for the day."""
        if not self.terms.is_current(now.date()):
            raise Conflict("The employment is over already.", code="employment_over")
        terms = Terms(
            self.terms.title, self.terms.started_on, last_day, ended=last_day < now.date()
        )
        if terms == self.terms:
            return
        _require_possible(terms, now.date())
        self.terms, self.updated_at = terms, now
        self._record_end()

    def remove(self) -> None:
        """Say that it was a mistake."""
        self.record(EmploymentRemoved(self.id, self.person_id, self.company_id))

    def hand_over(self, person_id: UUID) -> None:
        """Be the employment of the person whom its own one was merged into, or taken out of."""
        self.person_id = person_id
        self.record(HandedOver(person_id))

    def put_back(self) -> None:
        """Be there again: it was removed only since a merge had made it a double."""
        self.record(EmploymentStarted(self.id, self.person_id, self.company_id, self.terms))

    def _record_end(self) -> None:
        last_day = self.terms.ended_on
        self.record(EmploymentEnded(self.id, self.person_id, self.company_id, last_day))


_SHOWN_AS = {"ended": "current"}


def _settled(terms: Terms) -> bool:
    return terms.ended or terms.ended_on is not None


def _require_possible(terms: Terms, today: date) -> None:
    if terms.started_on and terms.ended_on and terms.ended_on < terms.started_on:
        message = "The last day is before the first one."
        raise Invalid.at("/ended_on", "ends_before_start", message)
    if terms.ended and terms.ended_on is not None and terms.ended_on > today:
        message = "It cannot be over while its last day lies ahead."
        raise Invalid.at("/current", "not_over_yet", message)
    if not terms.ended and terms.ended_on is not None and terms.ended_on < today:
        raise Invalid.at("/current", "over_already", "Its last day is over.")


def _require_apart(terms: Terms, others: Iterable[Terms]) -> None:
    if any(terms.overlaps(other) for other in others):
        raise Conflict(
            "The person has this title at this company already in that time.",
            code="employment_overlaps",
        )


class RelationKind(StrEnum):
    """What somebody is to somebody else."""

    HOUSEHOLD = "household"
    SPOUSE = "spouse"
    PARENT = "parent"
    CHILD = "child"
    SIBLING = "sibling"
    RELATIVE = "relative"
    GUARDIAN = "guardian"
    WARD = "ward"
    FRIEND = "friend"
    COLLEAGUE = "colleague"
    MANAGER = "manager"
    REPORT = "report"
    ASSISTANT = "assistant"
    ASSISTED = "assisted"
    REFERRER = "referrer"
    REFERRED = "referred"
    OTHER = "other"

    @property
    def inverse(self) -> RelationKind:
        """What the one is to the other when the other is this to the one."""
        return _INVERSE.get(self, self)


_PAIRS = (
    (RelationKind.PARENT, RelationKind.CHILD),
    (RelationKind.GUARDIAN, RelationKind.WARD),
    (RelationKind.MANAGER, RelationKind.REPORT),
    (RelationKind.ASSISTANT, RelationKind.ASSISTED),
    (RelationKind.REFERRER, RelationKind.REFERRED),
)
_INVERSE = {**dict(_PAIRS), **{other: one for one, other in _PAIRS}}


@dataclass(frozen=True, slots=True)
class RelationAdded(Fact):
    """Two people are known to be related."""

    relation_id: UUID
    person_id: UUID
    related_person_id: UUID
    kind: RelationKind


@dataclass(frozen=True, slots=True)
class RelationRemoved(Fact):
    """Two people are not related in this way."""

    relation_id: UUID
    person_id: UUID
    related_person_id: UUID
    kind: RelationKind


@dataclass(kw_only=True)
class Relation(Aggregate):
    """Two people and what they are to each other, kept once and seen from either side.

    `first_id` is the lower of the two; `kind` is what the second is to the first.
    """

    first_id: UUID
    second_id: UUID
    kind: RelationKind
    note: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def between(
        cls,
        relation_id: UUID,
        person_id: UUID,
        other_id: UUID,
        kind: RelationKind,
        note: str,
        now: datetime,
    ) -> Relation:
        """`other_id` is `kind` to `person_id`. Raises `Invalid` for somebody and themselves."""
        if person_id == other_id:
            raise Invalid.at("/person_id", "self_reference", "Nobody is related to themselves.")
        if other_id < person_id:
            person_id, other_id, kind = other_id, person_id, kind.inverse
        relation = cls(
            id=relation_id,
            first_id=person_id,
            second_id=other_id,
            kind=kind,
            note=note,
            created_at=now,
            updated_at=now,
        )
        relation.record(RelationAdded(relation_id, person_id, other_id, kind))
        return relation

    @property
    def pair(self) -> str:
        """The same for a kind and its inverse: two people are so to each other one way only."""
        return min(self.kind, self.kind.inverse)

    def hand_over(self, person_id: UUID, to_id: UUID) -> None:
        """Relate another person in the place of one: whom that one was merged into or taken out of."""
        first, second = (
            to_id if one == person_id else one for one in (self.first_id, self.second_id)
        )
        self._place(first, second, self.kind)
        self.record(HandedOver(to_id))

    def put_back(self, first_id: UUID, second_id: UUID) -> None:
        """Be there again, between these: it was removed only since a merge had made it a double."""
        self._place(first_id, second_id, self.kind)
        self.record(RelationAdded(self.id, self.first_id, self.second_id, self.kind))

    def _place(self, first_id: UUID, second_id: UUID, kind: RelationKind) -> None:
        """The second is `kind` to the first; the lower of the two is kept as the first."""
        if second_id < first_id:
            first_id, second_id, kind = second_id, first_id, kind.inverse
        self.first_id, self.second_id, self.kind = first_id, second_id, kind

    def other(self, person_id: UUID) -> UUID:
        """Who is at the other end."""
        return self.second_id if person_id == self.first_id else self.first_id

    def concerns(self, person_id: UUID) -> bool:
        """Whether this is one of the two."""
        return person_id in (self.first_id, self.second_id)

    def remove(self) -> None:
        """Say that they are not related in this way."""
        self.record(RelationRemoved(self.id, self.first_id, self.second_id, self.kind))
