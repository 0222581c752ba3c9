"""Custom fields as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from contacts.custom_fields.definition_rules import MOST_CHOICES
from contacts.custom_fields.domain import (
    Choice,
    CustomField,
    Definition,
    FieldType,
    Limits,
    RecordKind,
    ReferenceTarget,
)
from contacts.custom_fields.pattern import LONGEST_PATTERN
from contacts.custom_fields.values import LONGEST_TEXT

Label = Annotated[
    dict[str, Annotated[str, Field(max_length=200)]],
    Field(max_length=30, description="Texts by language tag.", examples=[{"en": "Budget"}]),
]
HelpText = Annotated[dict[str, Annotated[str, Field(max_length=2000)]], Field(max_length=30)]
Bound = Annotated[str, Field(max_length=40)]
Length = Annotated[int, Field(ge=0, le=LONGEST_TEXT)]
Position = Annotated[int, Field(ge=0, le=1_000_000)]


class ChoiceIn(Body):
    """One answer to choose. Records hold its key, so a new label renames it everywhere."""

    key: Annotated[str, Field(min_length=1, max_length=50)]
    label: Label
    archived: bool = False


class LimitsIn(Body):
    """What a value has to keep to: numbers and amounts are decimal strings, dates ISO."""

    minimum: Bound | None = None
    maximum: Bound | None = None
    min_length: Length | None = None
    max_length: Length | None = None
    pattern: Annotated[str, Field(min_length=1, max_length=LONGEST_PATTERN)] | None = None


Choices = Annotated[tuple[ChoiceIn, ...], Field(max_length=MOST_CHOICES)]


class CustomFieldSettings(Body):
    """What may change about a field."""

    label: Label = Field(default_factory=dict)
    help_text: HelpText = Field(default_factory=dict)
    required: bool = False
    default: Any = None
    choices: Choices = ()
    validation: LimitsIn | None = None
    position: Position = 0


class CustomFieldPatch(Patch, CustomFieldSettings):
    """What may change about a field; choices are replaced as a whole, and none may be missing."""


class CustomFieldIn(CustomFieldSettings):
    """A new field of people or companies."""

    object: RecordKind
    key: Annotated[str, Field(min_length=1, max_length=50, pattern="^[a-z][a-z0-9_]*$")]
    type: FieldType
    label: Label
    reference_to: ReferenceTarget | None = None


class ChoiceOut(BaseModel):
    key: str
    label: dict[str, str]
    archived: bool


class LimitsOut(BaseModel):
    minimum: str | None
    maximum: str | None
    min_length: int | None
    max_length: int | None
    pattern: str | None


class CustomFieldOut(BaseModel):
    """A field of people or companies that the tenant has defined."""

    id: UUID
    version: int
    object: RecordKind
    key: str
    type: FieldType
    label: dict[str, str]
    help_text: dict[str, str]
    required: bool
    default: Any
    choices: list[ChoiceOut]
    validation: LimitsOut
    reference_to: ReferenceTarget | None
    position: int
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def definition_in(body: CustomFieldIn) -> Definition:
    """The definition that a body gives."""
    identity = Definition(
        object=body.object,
        key=body.key,
        type=body.type,
        label=body.label,
        reference_to=body.reference_to,
    )
    return changed(identity, body)


def changed(definition: Definition, body: CustomFieldSettings) -> Definition:
    """The definition with what the body mentions."""
    return replace(definition, **_mentioned(body, definition.limits))


def _mentioned(body: CustomFieldSettings, limits: Limits) -> dict[str, Any]:
    given = body.model_fields_set
    plain = given & {"label", "help_text", "required", "default", "position"}
    changes: dict[str, Any] = {name: getattr(body, name) for name in plain}
    if "choices" in given:
        changes["choices"] = tuple(Choice(c.key, c.label, c.archived) for c in body.choices)
    if "validation" in given:
        changes["limits"] = _limits(body.validation, limits)
    return changes


def _limits(body: LimitsIn | None, before: Limits) -> Limits:
    if body is None:
        return Limits()
    return replace(before, **{name: getattr(body, name) for name in body.model_fields_set})


def shown(field: CustomField) -> Mapping[str, Any]:
    """A field as the API shows one, without reading it back."""
    definition = field.definition
    return {
        "id": field.id,
        "version": field.version,
        "object": definition.object,
        "key": definition.key,
        "type": definition.type,
        "label": definition.label,
        "help_text": definition.help_text,
        "required": definition.required,
        "default": definition.default,
        "choices": definition.choices,
        "validation": definition.limits,
        "reference_to": definition.reference_to,
        "position": definition.position,
        "created_at": field.created_at,
        "updated_at": field.updated_at,
        "archived_at": field.archived_at,
    }
