"""Kinds of interactions as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from contacts.custom_fields.models import Label
from contacts.interaction_kinds.built_in import BUILT_IN
from contacts.interaction_kinds.domain import (
    MOST_PROPERTIES,
    Direction,
    InteractionKind,
    KindDefinition,
    PropertyRule,
    PropertyType,
)


class PropertyRuleIn(Body):
    """A property that interactions of the kind have, or may have."""

    key: Annotated[str, Field(min_length=1, max_length=100)]
    type: PropertyType
    required: bool = False


class InteractionKindSettings(Body):
    """What may change about a kind."""

    label: Label = Field(default_factory=dict)
    direction: Direction = Direction.INBOUND
    sign_of_life: bool = False
    properties: Annotated[tuple[PropertyRuleIn, ...], Field(max_length=MOST_PROPERTIES)] = ()


class InteractionKindPatch(Patch, InteractionKindSettings):
    """What may change about a kind; its properties are replaced as a whole."""


class InteractionKindIn(InteractionKindSettings):
    """A new kind of interactions."""

    key: Annotated[str, Field(min_length=1, max_length=50, pattern="^[a-z][a-z0-9_]*$")]
    label: Label


class InteractionKindOut(BaseModel):
    """A kind of interactions. `built_in` ones come with the platform; version 0 is unchanged."""

    id: UUID
    version: int
    key: str
    label: dict[str, str]
    direction: Direction
    sign_of_life: bool
    properties: list[PropertyRuleIn]
    built_in: bool
    created_at: datetime | None
    updated_at: datetime | None
    archived_at: datetime | None


def definition_in(body: InteractionKindIn) -> KindDefinition:
    """The definition that a body gives."""
    return changed(KindDefinition(body.key, body.label), body)


def changed(definition: KindDefinition, body: InteractionKindSettings) -> KindDefinition:
    """The definition with what the body mentions."""
    given = body.model_fields_set
    changes: dict[str, Any] = {
        name: getattr(body, name) for name in given & {"label", "direction", "sign_of_life"}
    }
    if "properties" in given:
        changes["properties"] = tuple(
            PropertyRule(rule.key, rule.type, rule.required) for rule in body.properties
        )
    return replace(definition, **changes)


def shown(kind: InteractionKind) -> Mapping[str, Any]:
    """A kind as the API shows one, without reading it back."""
    definition = kind.definition
    return {
        "id": kind.id,
        "version": kind.version,
        "key": definition.key,
        "label": definition.label,
        "direction": definition.direction,
        "sign_of_life": definition.sign_of_life,
        "properties": definition.properties,
        "built_in": definition.key in BUILT_IN,
        "created_at": kind.created_at,
        "updated_at": kind.updated_at,
        "archived_at": kind.archived_at,
    }
