"""By which rules tickets find a queue, and what they need of who takes care of them (DE-5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid
from desk.agents.domain import Skill
from desk.ticket_facts.domain import Priority

MOST_RULES = 200
MOST_NEEDED = 20


@dataclass(frozen=True, slots=True)
class RoutingDefinition:
    """What an administrator says of a rule.

    Rules are tried by `position`, the lowest first, and the first whose condition holds takes the
    ticket; an empty condition always holds. `queue_id` is where the ticket goes unless it was opened
    in a queue. `skills` are needed of the agent at their level at least, and with `same_language`
    the language of the ticket. With `owner_first` the customer's owner gets it, if they are an agent
    who can take it.
    """

    name: Mapping[str, str]
    position: int
    condition: str = ""
    queue_id: UUID | None = None
    skills: tuple[Skill, ...] = ()
    same_language: bool = False
    raise_priority_to: Priority | None = None
    owner_first: bool = False


@dataclass(frozen=True, slots=True)
class RoutingRuleDefined(Fact):
    """A rule is new or different."""

    routing_rule_id: UUID
    definition: RoutingDefinition


@dataclass(frozen=True, slots=True)
class RoutingRuleArchived(Fact):
    """A rule is tried no more."""

    routing_rule_id: UUID


@dataclass(frozen=True, slots=True)
class RoutingRuleRestored(Fact):
    """An archived rule is tried again."""

    routing_rule_id: UUID


@dataclass(kw_only=True)
class RoutingRule(Aggregate):
    """One of the rules by which tickets find a queue."""

    definition: RoutingDefinition
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def define(self) -> None:
        """Say that it is there. Raises `Invalid`."""
        _require_sound(self.definition)
        self.record(RoutingRuleDefined(self.id, self.definition))

    def redefine(self, definition: RoutingDefinition, now: datetime) -> None:
        """Go by something else from now on. Raises `Invalid`."""
        _require_sound(definition)
        if definition != self.definition:
            self.definition, self.updated_at = definition, now
            self.record(RoutingRuleDefined(self.id, definition))

    def archive(self, now: datetime) -> None:
        """Be tried no more; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(RoutingRuleArchived(self.id))

    def restore(self, now: datetime) -> None:
        """Be tried again; nothing happens to one that is."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(RoutingRuleRestored(self.id))


def _require_sound(definition: RoutingDefinition) -> None:
    keys = [one.key for one in definition.skills]
    if len(set(keys)) < len(keys):
        raise Invalid.at("/skills", "skill_repeated", "A skill is there twice.")
