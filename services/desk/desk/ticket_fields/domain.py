"""Fields of tickets that a tenant has defined: what they hold, and when they have to be there (DE-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Violation

MOST_FIELDS = 100
MOST_CHOICES = 200
LONGEST_VALUE = 500
_MOST_DIGITS: Final = 30
Given = str | bool


class FieldKind(StrEnum):
    """What a field holds; a number and a date are written as text."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values of a field of the kind `choice`."""

    key: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FieldDefinition:
    """What may change about a field; `required` is for tickets that are to be resolved."""

    label: Mapping[str, str]
    required: bool = False
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketFieldDefined(Fact):
    """Tickets have another field."""

    field: TicketField
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketFieldChanged(Fact):
    """Something about it is different."""

    field: TicketField
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketFieldArchived(Fact):
    """It takes no new values."""

    field: TicketField
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketFieldRestored(Fact):
    """It takes values again."""

    field: TicketField
    at: datetime


@dataclass(kw_only=True)
class TicketField(Aggregate):
    """A field of the tenant's own; its key and its kind are for good."""

    key: str
    kind: FieldKind
    definition: FieldDefinition
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def define(self) -> None:
        """Come into being. Raises `Invalid` for choices where there are none, or none where there are."""
        self._require_choices(self.definition)
        self.record(TicketFieldDefined(self, self.created_at))

    def change(self, definition: FieldDefinition, now: datetime) -> None:
        """Take over `definition`; nothing happens when nothing differs. Raises `Invalid`."""
        if definition == self.definition:
            return
        self._require_choices(definition)
        self.definition, self.updated_at = definition, now
        self.record(TicketFieldChanged(self, now))

    def archive(self, now: datetime) -> None:
        """Take no new values; those there are stay. Again is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(TicketFieldArchived(self, now))

    def restore(self, now: datetime) -> None:
        """Take values again. Raises `Conflict` for one that does."""
        if self.archived_at is None:
            raise Conflict("The field is not archived.", code="ticket_field_not_archived")
        self.archived_at, self.updated_at = None, now
        self.record(TicketFieldRestored(self, now))

    def read(self, value: Given) -> Given:
        """A value as it is kept. Raises ValueError that says what it has to be."""
        if self.kind is FieldKind.BOOLEAN:
            if not isinstance(value, bool):
                raise ValueError("has to be true or false")
            return value
        if isinstance(value, str):
            return _READERS[self.kind](self, value)
        raise ValueError("has to be text")

    def read_text(self, text: str) -> str:
        """A value from the text of a filter. Raises ValueError."""
        if self.kind is FieldKind.BOOLEAN:
            if text not in ("true", "false"):
                raise ValueError("has to be true or false")
            return text
        return str(self.read(text))

    def _require_choices(self, definition: FieldDefinition) -> None:
        has = bool(definition.choices)
        if has != (self.kind is FieldKind.CHOICE):
            message = "Choices are what a field of the kind choice has, and no other."
            raise Invalid.at("/choices", "choices_and_kind_differ", message)
        keys = [one.key for one in definition.choices]
        if len(keys) != len(set(keys)):
            raise Invalid.at("/choices", "choice_repeated", "Every choice has a key of its own.")


def check_values(
    fields: Mapping[str, TicketField], given: Mapping[str, str | bool | None]
) -> Mapping[str, str | bool | None]:
    """Values as they are kept; None takes one away, also of an archived field.

    Raises `Invalid` that names each value that its field does not take, and each that has no field.
    """
    values: dict[str, str | bool | None] = {}
    wrong: list[Violation] = []
    for key, value in given.items():
        field = fields.get(key)
        if field is None or (field.archived_at is not None and value is not None):
            message = f"Tickets have no field {key!r}."
            wrong.append(Violation(f"/custom_fields/{key}", "field_unknown", message))
            continue
        try:
            values[key] = None if value is None else field.read(value)
        except ValueError as error:
            wrong.append(Violation(f"/custom_fields/{key}", "value_not_of_kind", f"It {error}."))
    if wrong:
        raise Invalid("Not all custom fields take what is given.", violations=tuple(wrong))
    return values


def require_filled(fields: Sequence[TicketField], values: Mapping[str, object]) -> None:
    """Raises `Conflict` that names every field without which a ticket cannot be resolved."""
    missing = tuple(
        Violation(f"/custom_fields/{one.key}", "field_missing", f"{one.key} is missing.")
        for one in fields
        if one.definition.required and one.archived_at is None and values.get(one.key) in (None, "")
    )
    if missing:
        message = "Before the ticket is resolved, more has to be said; errors name it."
        raise Conflict(message, code="ticket_fields_missing", violations=missing)


def _text(_field: TicketField, value: str) -> str:
    if len(value) > LONGEST_VALUE or not value.strip():
        raise ValueError(f"has to have 1 to {LONGEST_VALUE} characters")
    return value


def _number(_field: TicketField, value: str) -> str:
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError("has to be a decimal number") from None
    digits, exponent = len(number.as_tuple().digits), number.as_tuple().exponent
    if not isinstance(exponent, int) or digits > _MOST_DIGITS or abs(exponent) > _MOST_DIGITS:
        raise ValueError(f"has to be a decimal number of at most {_MOST_DIGITS} digits")
    plain = f"{number:f}"
    trimmed = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if trimmed in ("-0", "") else trimmed


def _date(_field: TicketField, value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise ValueError("has to be a date like 2026-01-31") from None


def _choice(field: TicketField, value: str) -> str:
    if value not in {one.key for one in field.definition.choices}:
        raise ValueError("has to be one of its choices")
    return value


_READERS = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.CHOICE: _choice,
}
