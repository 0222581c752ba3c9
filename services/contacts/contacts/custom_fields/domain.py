"""What a custom field is: a field of people or companies that the tenant has defined (CO-3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid

MOST_FIELDS = 200
"""How many fields that are in use a tenant may define for people, and how many for companies."""

KEY = re.compile(r"[a-z][a-z0-9_]{0,49}")


class RecordKind(StrEnum):
    """The records that may have custom fields."""

    PERSON = "person"
    COMPANY = "company"


class FieldType(StrEnum):
    """What the values of a field are."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    BOOLEAN = "boolean"
    LINK = "link"
    REFERENCE = "reference"


class ReferenceTarget(StrEnum):
    """What a reference may point to."""

    PERSON = "person"
    COMPANY = "company"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose. Values hold the key, so a new label renames it everywhere."""

    key: str
    label: Mapping[str, str]
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value has to keep to.

    `minimum` and `maximum` are decimals for numbers and money, ISO dates for dates. `pattern` is
    the whole text's, in the language of `contacts.custom_fields.pattern`.
    """

    minimum: str | None = None
    maximum: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None

    @property
    def given(self) -> frozenset[str]:
        """The names of the limits that there are."""
        return frozenset(f.name for f in fields(self) if getattr(self, f.name) is not None)


@dataclass(frozen=True, slots=True)
class Definition:
    """Everything that an administrator says about a field; texts are by language."""

    object: RecordKind
    key: str
    type: FieldType
    label: Mapping[str, str]
    help_text: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    default: Any = None
    choices: tuple[Choice, ...] = ()
    limits: Limits = Limits()
    reference_to: ReferenceTarget | None = None
    position: int = 0

    def choice(self, key: Any) -> Choice | None:
        """The choice with this key."""
        return next((choice for choice in self.choices if choice.key == key), None)


@dataclass(frozen=True, slots=True)
class CustomFieldDefined(Fact):
    """A field is what this says from now on."""

    field_id: UUID
    definition: Definition


@dataclass(frozen=True, slots=True)
class CustomFieldArchived(Fact):
    """A field takes no new values any more."""

    field_id: UUID
    definition: Definition


@dataclass(frozen=True, slots=True)
class CustomFieldRestored(Fact):
    """An archived field is back in use."""

    field_id: UUID
    definition: Definition


@dataclass(kw_only=True)
class CustomField(Aggregate):
    """A field that a tenant has defined. It is never deleted: records may hold values of it."""

    definition: Definition
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    @classmethod
    def define(cls, field_id: UUID, definition: Definition, now: datetime) -> CustomField:
        """A new field."""
        new = cls(id=field_id, definition=definition, created_at=now, updated_at=now)
        new.record(CustomFieldDefined(field_id, definition))
        return new

    def redefine(self, definition: Definition, now: datetime) -> None:
        """Take over another definition; nothing happens when it is the same.

        Values that records hold stay as they are, whatever the new limits say. Raises `Conflict`
        for an archived field, `Invalid` when values would lose their meaning: by another type or
        target, or by a choice that is no longer there.
        """
        if self.archived_at is not None:
            raise Conflict("The field is archived; restore it first.", code="archived")
        if definition == self.definition:
            return
        self._require_meaning(definition)
        self.definition, self.updated_at = definition, now
        self.record(CustomFieldDefined(self.id, definition))

    def archive(self, now: datetime) -> None:
        """Take no new values; those that there are stay readable. A second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(CustomFieldArchived(self.id, self.definition))

    def restore(self, now: datetime) -> None:
        """Take back into use; nothing happens to a field that is."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(CustomFieldRestored(self.id, self.definition))

    def _require_meaning(self, definition: Definition) -> None:
        before = self.definition
        for name in ("object", "key", "type", "reference_to"):
            if getattr(before, name) != getattr(definition, name):
                raise Invalid.at(f"/{name}", "immutable", f"The {name} of a field never changes.")
        for choice in before.choices:
            if definition.choice(choice.key) is None:
                message = f"Records may hold {choice.key!r}: archive the choice instead."
                raise Invalid.at("/choices", "choice_removed", message)
