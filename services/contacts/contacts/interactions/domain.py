"""What people did, or how they and the tenant were in touch (CO-16); never changed once recorded."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid, Money, Violation
from contacts.contact_points.domain import ExternalId
from contacts.interaction_kinds.domain import KnownKind, PropertyRule, PropertyType

TOLERANCE = timedelta(minutes=5)
"""How far ahead of ours the clock of an app may be."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PersonKey:
    """Whom an app means, by one of three: the id, an external id, or an e-mail address."""

    id: UUID | None = None
    external_id: ExternalId | None = None
    email: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What an app reports. Without `occurred_at` it is happening now."""

    kind: str
    person: PersonKey
    channel: str = ""
    occurred_at: datetime | None = None
    value: Money | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    external_id: ExternalId | None = None


@dataclass(kw_only=True)
class Interaction(Aggregate):
    """Something that a person did, or in which person and tenant met."""

    person_id: UUID
    kind: str
    channel: str
    occurred_at: datetime
    recorded_at: datetime
    value: Money | None
    properties: Mapping[str, Any]
    external_id: ExternalId | None

    @classmethod
    def reported(
        cls,
        interaction_id: UUID,
        report: Report,
        kind: KnownKind | None,
        person_id: UUID,
        now: datetime,
    ) -> Interaction:
        """What a report amounts to. Raises `Invalid` that names everything wrong with it."""
        occurred_at = report.occurred_at or now
        wrong = [*_wrong_kind(report, kind), *_wrong_time(occurred_at, now)]
        if kind is not None:
            wrong += _wrong_properties(kind.definition.properties, report.properties)
        if wrong:
            raise Invalid("Such an interaction cannot be.", violations=tuple(wrong))
        interaction = cls(
            id=interaction_id,
            person_id=person_id,
            kind=report.kind,
            channel=report.channel,
            occurred_at=occurred_at,
            recorded_at=now,
            value=report.value,
            properties=report.properties,
            external_id=report.external_id,
        )
        interaction.record(InteractionRecorded(interaction))
        return interaction


@dataclass(frozen=True, slots=True)
class InteractionRecorded(Fact):
    """An interaction is known."""

    interaction: Interaction


def _wrong_kind(report: Report, kind: KnownKind | None) -> list[Violation]:
    if kind is None:
        message = f"There is no kind of interaction {report.kind!r}."
        return [Violation("/kind", "interaction_kind_unknown", message)]
    if kind.archived:
        message = f"The kind of interaction {report.kind!r} is archived."
        return [Violation("/kind", "interaction_kind_archived", message)]
    return []


def _wrong_time(occurred_at: datetime, now: datetime) -> list[Violation]:
    if occurred_at > now + TOLERANCE:
        message = f"It is later than now, {now:%Y-%m-%dT%H:%M:%SZ}: has it happened yet?"
        return [Violation("/occurred_at", "occurs_in_future", message)]
    if occurred_at < EARLIEST:
        return [Violation("/occurred_at", "occurred_too_early", "It is before 1970.")]
    return []


def _wrong_properties(
    rules: tuple[PropertyRule, ...], properties: Mapping[str, Any]
) -> list[Violation]:
    wrong = []
    for rule in rules:
        pointer = "/properties/" + rule.key.replace("~", "~0").replace("/", "~1")
        value = properties.get(rule.key)
        if value is None:
            if rule.required:
                wrong.append(Violation(pointer, "property_missing", f"{rule.key} is needed."))
        elif not _FITS[rule.type](value):
            message = f"{rule.key} has to be a {rule.type}."
            wrong.append(Violation(pointer, "property_wrong", message))
    return wrong


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_time(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


_FITS: Mapping[PropertyType, Callable[[Any], bool]] = {
    PropertyType.TEXT: lambda value: isinstance(value, str),
    PropertyType.NUMBER: _is_number,
    PropertyType.BOOLEAN: lambda value: isinstance(value, bool),
    PropertyType.DATE: _is_date,
    PropertyType.TIME: _is_time,
}
