"""What a macro is: several changes and a reply in one action of an agent (DE-6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid
from desk.ticket_actions.domain import Action, require_sound
from desk.ticket_facts.domain import TicketHeader

MOST_MACROS = 1_000
"""How many a tenant may have, archived ones included."""


class Sharing(StrEnum):
    """For whom a macro is."""

    SHARED = "shared"
    TEAM = "team"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class MacroDefinition:
    """What may change about a macro; `team_id` is there for a team's alone."""

    name: Mapping[str, str]
    actions: tuple[Action, ...]
    sharing: Sharing = Sharing.SHARED
    team_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class MacroFact(Fact):
    """Something that happened to a macro; `at` is when."""

    macro_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class MacroCreated(MacroFact):
    """Agents have another macro."""

    definition: MacroDefinition
    owner_id: UUID | None


@dataclass(frozen=True, slots=True)
class MacroChanged(MacroFact):
    """A macro is something else."""

    definition: MacroDefinition
    owner_id: UUID | None


@dataclass(frozen=True, slots=True)
class MacroArchived(MacroFact):
    """A macro is applied no more."""


@dataclass(frozen=True, slots=True)
class MacroRestored(MacroFact):
    """An archived macro is applied again."""


@dataclass(frozen=True, slots=True)
class MacroApplied(Fact):
    """A macro was applied to a ticket."""

    use_id: UUID
    macro_id: UUID
    ticket: TicketHeader
    applied_by: UUID | None
    at: datetime


@dataclass(kw_only=True)
class Macro(Aggregate):
    """Actions under a name; `owner_id` is the user who made it, None for an app."""

    definition: MacroDefinition
    owner_id: UUID | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def create(self) -> None:
        """Come into being. Raises `Invalid`."""
        _require_sound(self.definition, self.owner_id)
        self.record(MacroCreated(self.id, self.created_at, self.definition, self.owner_id))

    def change(self, definition: MacroDefinition, now: datetime) -> None:
        """Be something else from now on. Raises `Invalid`."""
        _require_sound(definition, self.owner_id)
        if definition != self.definition:
            self.definition, self.updated_at = definition, now
            self.record(MacroChanged(self.id, now, definition, self.owner_id))

    def archive(self, now: datetime) -> None:
        """Be applied no more; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(MacroArchived(self.id, now))

    def restore(self, now: datetime) -> None:
        """Be applied again; nothing happens to one that is."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(MacroRestored(self.id, now))

    def require_in_use(self) -> None:
        """Raises `Conflict` for one that is archived."""
        if self.archived_at is not None:
            raise Conflict("The macro is archived.", code="macro_archived")


def _require_sound(definition: MacroDefinition, owner_id: UUID | None) -> None:
    require_sound(definition.actions, by_itself=False)
    if (definition.sharing is Sharing.TEAM) != (definition.team_id is not None):
        message = "A team's macro names the team, and no other does."
        raise Invalid.at("/team_id", "team_of_macro", message)
    if definition.sharing is Sharing.PERSONAL and owner_id is None:
        raise Invalid.at("/sharing", "macro_nobodys", "A personal macro is a user's.")
