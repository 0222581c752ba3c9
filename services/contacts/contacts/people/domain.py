"""What a person is and what may happen to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Unpublished
from contacts.contact_points.domain import Address, EmailPoint, ExternalId, Handle, PhonePoint


class LifecycleStage(StrEnum):
    """How far a person's life as a customer has come (CO-1)."""

    SUBSCRIBER = "subscriber"
    LEAD = "lead"
    PROSPECT = "prospect"
    CUSTOMER = "customer"
    REPEAT_CUSTOMER = "repeat_customer"
    ADVOCATE = "advocate"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class ImportantDate:
    """A day that matters every year: `kind` is birthday, wedding, contract, …; `date` is ISO."""

    kind: str
    date: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """Something that happened in the person's life: a birth, a move; `date` is ISO or empty."""

    kind: str
    date: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """Everything about a person that somebody may enter."""

    given_name: str = ""
    family_name: str = ""
    full_name: str = ""
    emails: tuple[EmailPoint, ...] = ()
    phones: tuple[PhonePoint, ...] = ()
    handles: tuple[Handle, ...] = ()
    postal_addresses: tuple[Address, ...] = ()
    tags: tuple[str, ...] = ()
    owner_id: UUID | None = None
    source: str = ""
    language: str = ""
    time_zone: str = ""
    important_dates: tuple[ImportantDate, ...] = ()
    life_events: tuple[LifeEvent, ...] = ()
    lifecycle_stage: LifecycleStage = LifecycleStage.LEAD
    external_ids: tuple[ExternalId, ...] = ()
    custom_fields: Mapping[str, Any] = field(default_factory=dict)

    def differences(self, other: PersonDetails) -> tuple[str, ...]:
        """The names of the fields that differ, sorted; custom fields one by one."""
        return differing_fields(self, other)


class Detailed(Protocol):
    """A dataclass of what somebody may enter about a record."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def custom_fields(self) -> Mapping[str, Any]:
        """The values of the tenant's own fields."""
        ...


def differing_fields(one: Detailed, other: Detailed) -> tuple[str, ...]:
    """The names of the fields that differ, sorted; custom fields one by one."""
    names = [
        f.name
        for f in fields(one)
        if f.name != "custom_fields" and getattr(one, f.name) != getattr(other, f.name)
    ]
    mine, theirs = one.custom_fields, other.custom_fields
    keys = mine.keys() | theirs.keys()
    names += [f"custom_fields.{key}" for key in keys if mine.get(key) != theirs.get(key)]
    return tuple(sorted(names))


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a record is, 0 to 100, and the codes of what keeps it from being better (CO-7)."""

    score: int
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonCreated(Fact):
    """A person is known for the first time."""

    person_id: UUID
    details: PersonDetails
    import_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PersonChanged(Fact):
    """Something about a person is different now."""

    person_id: UUID
    changed_fields: tuple[str, ...]
    before: PersonDetails
    after: PersonDetails
    import_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PersonArchived(Fact):
    """A person was put away."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class PersonRestored(Fact):
    """An archived person is back in use."""

    person_id: UUID
    details: PersonDetails


@dataclass(frozen=True, slots=True)
class PersonDeleted(Fact):
    """A person is gone for good, because the import that had brought them was undone."""

    person_id: UUID
    import_id: UUID


@dataclass(frozen=True, slots=True)
class PersonMerged(Fact):
    """Another person was found to be this one, and is gone."""

    person_id: UUID
    merged_person_id: UUID
    merge_id: UUID


@dataclass(frozen=True, slots=True)
class PersonUnmerged(Fact):
    """A merge was undone: the person who was gone is back."""

    person_id: UUID
    unmerged_person_id: UUID
    merge_id: UUID


@dataclass(frozen=True, slots=True)
class ContactPointProven(Unpublished):
    """A contact point turned out once more to be right."""


@dataclass(frozen=True, slots=True)
class PersonAbsorbed(Unpublished):
    """A person is gone into another one, who tells of it."""


@dataclass(frozen=True, slots=True)
class PersonForgotten(Unpublished):
    """A person who had been erased, and was there again in an older state, is gone again."""


@dataclass(frozen=True, slots=True)
class PersonErased(Fact):
    """All that is known of a person, and of those merged into them, was erased."""

    person_id: UUID
    merged_person_ids: tuple[UUID, ...]


@dataclass(kw_only=True)
class Person(Aggregate):
    """One human being that the tenant knows.

    `last_seen_at` follows signs of life and is no change of the person: the version stays.
    `proven_points` are the names of contact points that are still to be stored as proven.
    """

    details: PersonDetails
    quality: Quality
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None
    import_id: UUID | None = None
    last_seen_at: datetime | None = None
    proven_points: set[str] = field(default_factory=set, repr=False, compare=False)

    @classmethod
    def create(
        cls,
        person_id: UUID,
        details: PersonDetails,
        quality: Quality,
        now: datetime,
        import_id: UUID | None = None,
    ) -> Person:
        """A new person. Raises `Invalid` when nothing says who it is."""
        _require_identity(details)
        person = cls(
            id=person_id,
            details=details,
            quality=quality,
            created_at=now,
            updated_at=now,
            import_id=import_id,
        )
        person.record(PersonCreated(person_id, details, import_id))
        return person

    def change(
        self,
        details: PersonDetails,
        quality: Quality,
        now: datetime,
        import_id: UUID | None = None,
    ) -> None:
        """Take over `details`; nothing happens when nothing differs.

        Raises `Conflict` for an archived person, `Invalid` when nothing would say who it is.
        """
        self._require_active()
        _require_identity(details)
        changed = self.details.differences(details)
        if not changed:
            return
        before, self.details = self.details, details
        self.quality, self.updated_at = quality, now
        self.record(PersonChanged(self.id, changed, before, details, import_id))

    def learn(self, details: PersonDetails, now: datetime) -> None:
        """Take over what became known of contact points; nothing happens when nothing differs."""
        changed = self.details.differences(details)
        if changed:
            before, self.details, self.updated_at = self.details, details, now
            self.record(PersonChanged(self.id, changed, before, details))

    def prove(self, name: str, details: PersonDetails, now: datetime) -> None:
        """Take over that a contact point is right, which is worth noting each time."""
        self.proven_points.add(name)
        if self.details.differences(details):
            self.learn(details, now)
        else:
            self.updated_at = now
            self.record(ContactPointProven())

    def archive(self, now: datetime) -> None:
        """Put away; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(PersonArchived(self.id))

    def restore(self, now: datetime) -> None:
        """Take back into use; nothing happens to a person who is."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(PersonRestored(self.id, self.details))

    def undo_import(self, import_id: UUID, left_at: int = 1) -> None:
        """Say that this person goes with the import that brought them.

        `left_at` is the version that the import has left the person at. Raises `Conflict` when
        another import did, or when somebody has changed the person since.
        """
        if self.import_id != import_id:
            raise Conflict(f"The person {self.id} did not come with this import.")
        if self.version != left_at:
            raise Conflict(
                f"The person {self.id} was changed after the import.", code="changed_since"
            )
        self.record(PersonDeleted(self.id, import_id))

    def absorb(
        self, other: Person, merge_id: UUID, details: PersonDetails, quality: Quality, now: datetime
    ) -> None:
        """Be the one person that both are, with `details`; the other is gone.

        Raises `Conflict` when one of them is archived, `Invalid` when nothing would say who it is.
        """
        self._require_active()
        other._require_active()
        self.record(PersonMerged(self.id, other.id, merge_id))
        self.updated_at = now
        self.change(details, quality, now)
        other.record(PersonAbsorbed())

    def let_go(
        self,
        other_id: UUID,
        merge_id: UUID,
        details: PersonDetails,
        quality: Quality,
        now: datetime,
    ) -> None:
        """Be oneself again, with `details`: the other person is back. Raises as `absorb` does."""
        self._require_active()
        self.record(PersonUnmerged(self.id, other_id, merge_id))
        self.updated_at = now
        self.change(details, quality, now)

    def erase(self, merged_ids: tuple[UUID, ...]) -> None:
        """Say that this person, and those merged into them, are forgotten for good."""
        self.record(PersonErased(self.id, merged_ids))

    def forget_again(self) -> None:
        """Say that this person was erased long ago, as everybody has been told."""
        self.record(PersonForgotten())

    def _require_active(self) -> None:
        if self.archived_at is not None:
            raise Conflict("The person is archived; restore them first.", code="archived")


def _require_identity(details: PersonDetails) -> None:
    if not (details.full_name or details.emails or details.phones or details.handles):
        raise Invalid.at(
            "/full_name", "identity_missing", "A name, an e-mail, a phone or a handle is needed."
        )
