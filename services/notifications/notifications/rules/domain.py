"""What a rule is: which fact, under which condition, sends what to whom (NO-3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.domain import Aggregate, Fact

MOST_RULES = 500
LONGEST_DELAY = 366 * 24 * 3600


class RecipientKind(StrEnum):
    """Who gets the message: somebody in contacts, a user of the tenant, or all who hold a permission."""

    PERSON = "person"
    USER = "user"
    HOLDERS = "holders"


class HolderReach(StrEnum):
    """How far a permission has to go at least: whoever holds it for less is not told."""

    OWN = "own"
    TEAM = "team"
    ALL = "all"


class OncePer(StrEnum):
    """How often a rule fires for one recipient: once for what the facts are about, or for each fact."""

    AGGREGATE = "aggregate"
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class RecipientChoice:
    """Whom a rule writes to: whose id is in a field of the fact, always the same user, or holders.

    Holders are the active users with the `permission` at least as far as `reach`; with a `field`, those of
    them who have the role whose id it holds. Whoever caused the fact is none of them.
    """

    kind: RecipientKind = RecipientKind.PERSON
    field: str = "person_id"
    user_id: UUID | None = None
    permission: str = ""
    reach: HolderReach = HolderReach.ALL


@dataclass(frozen=True, slots=True)
class VariableSource:
    """Where a variable's value comes from: a field of the fact, or it is always the same."""

    field: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True)
class RuleDefinition:
    """All that an administrator says about a rule. An empty condition always holds."""

    name: str
    fact_type: str
    template: str
    channel: str
    purpose: str = ""
    condition: Mapping[str, Any] = field(default_factory=dict)
    recipient: RecipientChoice = field(default_factory=RecipientChoice)
    variables: Mapping[str, VariableSource] = field(default_factory=dict)
    delay_seconds: int = 0
    once_per: OncePer = OncePer.AGGREGATE
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class RuleDefined(Fact):
    """A rule is what this says from now on."""

    rule_id: UUID
    definition: RuleDefinition


@dataclass(frozen=True, slots=True)
class RuleRemoved(Fact):
    """A rule is gone."""

    rule_id: UUID


@dataclass(kw_only=True)
class Rule(Aggregate):
    """A rule of a tenant."""

    definition: RuleDefinition
    created_at: datetime
    updated_at: datetime

    @classmethod
    def define(cls, rule_id: UUID, definition: RuleDefinition, now: datetime) -> Rule:
        """A new rule."""
        rule = cls(id=rule_id, definition=definition, created_at=now, updated_at=now)
        rule.record(RuleDefined(rule_id, definition))
        return rule

    def redefine(self, definition: RuleDefinition, now: datetime) -> None:
        """Take over another definition; nothing happens when it is the same."""
        if definition != self.definition:
            self.definition, self.updated_at = definition, now
            self.record(RuleDefined(self.id, definition))

    def remove(self) -> None:
        """Say that it is gone."""
        self.record(RuleRemoved(self.id))
