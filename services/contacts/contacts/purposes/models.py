"""Purposes as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from contacts.contact_points.domain import Channel
from contacts.custom_fields.models import HelpText, Label
from contacts.purposes.built_in import BUILT_IN
from contacts.purposes.domain import LegalBasis, Purpose, PurposeDefinition, PurposeKind

Channels = Annotated[tuple[Channel, ...], Field(max_length=len(Channel))]
_SETTINGS = ("name", "description", "kind", "channels", "double_opt_in", "legal_basis")


class PurposeSettings(Body):
    """What may change about a purpose. Names and descriptions are shown to people."""

    name: Label = Field(default_factory=dict)
    description: HelpText = Field(default_factory=dict)
    kind: PurposeKind = PurposeKind.PROMOTIONAL
    channels: Channels = (Channel.EMAIL,)
    double_opt_in: bool = False
    legal_basis: LegalBasis = LegalBasis.CONSENT


class PurposePatch(Patch, PurposeSettings):
    """What may change about a purpose; channels are replaced as a whole."""


class PurposeIn(PurposeSettings):
    """A new purpose; its key is for good."""

    key: Annotated[str, Field(min_length=1, max_length=50, pattern="^[a-z][a-z0-9_]*$")]
    name: Label


class PurposeOut(BaseModel):
    """A purpose. `built_in` ones come with the platform; version 0 is unchanged."""

    id: UUID
    version: int
    key: str
    name: dict[str, str]
    description: dict[str, str]
    kind: PurposeKind
    channels: list[Channel]
    double_opt_in: bool
    legal_basis: LegalBasis
    built_in: bool
    created_at: datetime | None
    updated_at: datetime | None
    archived_at: datetime | None


def definition_in(body: PurposeIn) -> PurposeDefinition:
    """The definition that a body gives."""
    return changed(PurposeDefinition(body.key, body.name), body)


def changed(definition: PurposeDefinition, body: PurposeSettings) -> PurposeDefinition:
    """The definition with what the body mentions."""
    given = body.model_fields_set
    changes: dict[str, Any] = {name: getattr(body, name) for name in _SETTINGS if name in given}
    return replace(definition, **changes)


def shown(purpose: Purpose) -> Mapping[str, Any]:
    """A purpose as the API shows one, without reading it back."""
    definition = purpose.definition
    return {
        "id": purpose.id,
        "version": purpose.version,
        "key": definition.key,
        **{name: getattr(definition, name) for name in _SETTINGS},
        "built_in": definition.key in BUILT_IN,
        "created_at": purpose.created_at,
        "updated_at": purpose.updated_at,
        "archived_at": purpose.archived_at,
    }
