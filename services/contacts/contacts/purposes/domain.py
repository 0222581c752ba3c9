"""What people are written to for: data, so that a tenant adds its own (CO-11)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Violation
from contacts.contact_points.domain import Channel

MOST_PURPOSES = 100
KEY = re.compile(r"[a-z][a-z0-9_]{0,49}")


class PurposeKind(StrEnum):
    """Whether messages need a consent: promotional ones do, transactional ones do not."""

    PROMOTIONAL = "promotional"
    TRANSACTIONAL = "transactional"


class LegalBasis(StrEnum):
    """What makes it lawful to write to somebody, as Article 6 of the GDPR distinguishes it."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    LEGITIMATE_INTEREST = "legitimate_interest"


@dataclass(frozen=True, slots=True)
class PurposeDefinition:
    """Everything that is said about a purpose; names and descriptions are by language.

    With `double_opt_in` a consent counts only once it is confirmed by a message to the address
    itself. `legal_basis` holds for whatever is said without one.
    """

    key: str
    name: Mapping[str, str]
    description: Mapping[str, str] = field(default_factory=dict)
    kind: PurposeKind = PurposeKind.PROMOTIONAL
    channels: tuple[Channel, ...] = (Channel.EMAIL,)
    double_opt_in: bool = False
    legal_basis: LegalBasis = LegalBasis.CONSENT

    @property
    def promotional(self) -> bool:
        """Whether nothing may be sent without a consent."""
        return self.kind is PurposeKind.PROMOTIONAL


@dataclass(frozen=True, slots=True)
class KnownPurpose:
    """A purpose, as far as consents are concerned."""

    definition: PurposeDefinition
    archived: bool = False


def built_in_id(tenant_id: UUID, key: str) -> UUID:
    """The id of a purpose of the platform's: the tenant may change it, so it has its own."""
    return uuid5(tenant_id, f"purpose:{key}")


@dataclass(frozen=True, slots=True)
class PurposeDefined(Fact):
    """A purpose is what this says from now on."""

    purpose_id: UUID
    definition: PurposeDefinition
    archived: bool = False


@dataclass(kw_only=True)
class Purpose(Aggregate):
    """A purpose that a tenant has defined, or one of the platform's that it may change."""

    definition: PurposeDefinition
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    @classmethod
    def define(cls, purpose_id: UUID, definition: PurposeDefinition, now: datetime) -> Purpose:
        """A new purpose. Raises `Invalid` for one that cannot be."""
        _require_sound(definition)
        purpose = cls(id=purpose_id, definition=definition, created_at=now, updated_at=now)
        purpose.record(PurposeDefined(purpose_id, definition))
        return purpose

    def redefine(self, definition: PurposeDefinition, now: datetime) -> None:
        """Take over another definition; nothing happens when it is the same.

        What people have said stays said. Raises `Conflict` for an archived purpose, `Invalid`.
        """
        if self.archived_at is not None:
            raise Conflict("The purpose is archived; restore it first.", code="archived")
        _require_sound(definition)
        if definition != self.definition:
            self.definition, self.updated_at = definition, now
            self.record(PurposeDefined(self.id, definition))

    def archive(self, now: datetime) -> None:
        """Have nothing new sent for it. A second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(PurposeDefined(self.id, self.definition, archived=True))

    def restore(self, now: datetime) -> None:
        """Take back into use; nothing happens to a purpose that is."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(PurposeDefined(self.id, self.definition))


def _require_sound(definition: PurposeDefinition) -> None:
    wrong = []
    if KEY.fullmatch(definition.key) is None:
        message = "A key has 1 to 50 of a-z, 0-9 and _, and begins with a letter."
        wrong.append(Violation("/key", "key_malformed", message))
    if not definition.name:
        message = "A name in some language is needed: people are shown it."
        wrong.append(Violation("/name", "text_missing", message))
    if not definition.channels:
        wrong.append(Violation("/channels", "channels_missing", "A channel is needed."))
    if definition.double_opt_in and not definition.promotional:
        message = "What needs no consent has none to confirm."
        wrong.append(Violation("/double_opt_in", "double_opt_in_unwanted", message))
    if wrong:
        raise Invalid("Such a purpose cannot be.", violations=tuple(wrong))
