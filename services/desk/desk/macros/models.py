"""Macros as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from desk.macros.domain import Macro, MacroDefinition, Sharing
from desk.names import Label
from desk.ticket_actions.documents import documents_of
from desk.ticket_actions.models import ActionIn, Actions, EffectOut, actions_in

MOST_AT_ONCE = 100


class MacroFields(Body):
    """What a macro does, and for whom it is: `shared` with all, a `team`'s, or `personal`.

    All its actions are done to a ticket, or none of them is.
    """

    sharing: Sharing = Sharing.SHARED
    team_id: UUID | None = None


class MacroIn(MacroFields):
    """A new macro."""

    name: Label
    actions: Actions


class MacroPatch(Patch, MacroFields):
    """What may change about a macro; actions are replaced as a whole."""

    name: Label = Field(default_factory=dict)
    actions: Actions = ()


class MacroOut(BaseModel):
    """A macro. `uses` is how often it was applied."""

    id: UUID
    version: int
    name: dict[str, str]
    sharing: Sharing
    team_id: UUID | None
    owner_id: UUID | None
    actions: list[ActionIn]
    uses: int
    last_used_at: datetime | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


class MacroPreviewIn(Body):
    """For which ticket."""

    ticket_id: UUID


class MacroPreviewOut(BaseModel):
    """What would be done, action by action."""

    effects: list[EffectOut]


class MacroOnManyIn(Body):
    """To which tickets a macro is applied, each by itself."""

    ticket_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MOST_AT_ONCE)]


def definition_in(body: MacroIn) -> MacroDefinition:
    """The definition that a body gives."""
    return MacroDefinition(body.name, actions_in(body.actions), body.sharing, body.team_id)


def changed(definition: MacroDefinition, body: MacroPatch) -> MacroDefinition:
    """The definition with what the body mentions."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "actions" in changes:
        changes["actions"] = actions_in(body.actions)
    return replace(definition, **changes)


def shown(macro: Macro, uses: int, last_used_at: datetime | None) -> dict[str, Any]:
    """A macro as the API shows one."""
    definition = macro.definition
    return {
        "id": macro.id,
        "version": macro.version,
        "name": definition.name,
        "sharing": definition.sharing,
        "team_id": definition.team_id,
        "owner_id": macro.owner_id,
        "actions": documents_of(definition.actions),
        "uses": uses,
        "last_used_at": last_used_at,
        "created_at": macro.created_at,
        "updated_at": macro.updated_at,
        "archived_at": macro.archived_at,
    }
