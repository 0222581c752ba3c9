"""What kinds of interactions there are: data, so that a tenant adds its own (CO-16)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Violation

MOST_KINDS = 500
MOST_PROPERTIES = 50
KEY = re.compile(r"[a-z][a-z0-9_]{0,49}")


class Direction(StrEnum):
    """Who of person and tenant begins."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    NEUTRAL = "neutral"


class PropertyType(StrEnum):
    """What a property of an interaction holds."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class PropertyRule:
    """A property that interactions of a kind have, or may have; others are taken as they come."""

    key: str
    type: PropertyType
    required: bool = False


@dataclass(frozen=True, slots=True)
class KindDefinition:
    """Everything that is said about a kind; labels are by language.

    `sign_of_life` says that such an interaction shows the person to be within reach still.
    """

    key: str
    label: Mapping[str, str]
    direction: Direction = Direction.INBOUND
    sign_of_life: bool = False
    properties: tuple[PropertyRule, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownKind:
    """A kind, as far as interactions are concerned."""

    definition: KindDefinition
    archived: bool = False


def built_in_id(tenant_id: UUID, key: str) -> UUID:
    """The id of a kind that comes with the platform: the tenant may change it, so it has its own."""
    return uuid5(tenant_id, f"interaction-kind:{key}")


@dataclass(frozen=True, slots=True)
class InteractionKindDefined(Fact):
    """A kind is what this says from now on."""

    kind_id: UUID
    definition: KindDefinition


@dataclass(frozen=True, slots=True)
class InteractionKindArchived(Fact):
    """A kind takes no new interactions any more."""

    kind_id: UUID
    key: str


@dataclass(frozen=True, slots=True)
class InteractionKindRestored(Fact):
    """An archived kind is back in use."""

    kind_id: UUID
    key: str


@dataclass(kw_only=True)
class InteractionKind(Aggregate):
    """A kind that a tenant has defined, or one of the platform's that it may change."""

    definition: KindDefinition
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    @classmethod
    def define(cls, kind_id: UUID, definition: KindDefinition, now: datetime) -> InteractionKind:
        """A new kind. Raises `Invalid` for a key or properties that cannot be."""
        _require_sound(definition)
        kind = cls(id=kind_id, definition=definition, created_at=now, updated_at=now)
        kind.record(InteractionKindDefined(kind_id, definition))
        return kind

    def redefine(self, definition: KindDefinition, now: datetime) -> None:
        """Take over another definition; nothing happens when it is the same.

        Interactions stay as they were recorded. Raises `Conflict` for an archived kind, `Invalid`.
        """
        if self.archived_at is not None:
            raise Conflict("The kind is archived; restore it first.", code="archived")
        _require_sound(definition)
        if definition != self.definition:
            self.definition, self.updated_at = definition, now
            self.record(InteractionKindDefined(self.id, definition))

    def archive(self, now: datetime) -> None:
        """Take no new interactions. A second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(InteractionKindArchived(self.id, self.definition.key))

    def restore(self, now: datetime) -> None:
        """Take back into use; nothing happens to a kind that is."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(InteractionKindRestored(self.id, self.definition.key))


def _require_sound(definition: KindDefinition) -> None:
    wrong = []
    if KEY.fullmatch(definition.key) is None:
        message = "A key has 1 to 50 of a-z, 0-9 and _, and begins with a letter."
        wrong.append(Violation("/key", "key_malformed", message))
    if not definition.label:
        message = "A text in some language is needed."
        wrong.append(Violation("/label", "text_missing", message))
    seen: set[str] = set()
    for index, rule in enumerate(definition.properties):
        if not rule.key or rule.key in seen:
            message = "Every property has a key of its own."
            wrong.append(Violation(f"/properties/{index}/key", "key_repeated", message))
        seen.add(rule.key)
    if wrong:
        raise Invalid("Such a kind cannot be.", violations=tuple(wrong))
