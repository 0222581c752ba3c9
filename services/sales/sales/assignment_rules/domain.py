"""By which rules leads find an owner: conditions, a way to choose, and a promise of first contact (SA-3)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid, Violation
from sales.territories.domain import Traits

MOST_RULES = 200
MOST_PEOPLE = 200
MOST_WORDS = 100
"""How many sources, campaigns, languages or territories a condition names."""
LONGEST_PROMISE = 30 * 24 * 60
"""In minutes."""
MOST_REASSIGNMENTS = 20


class Method(StrEnum):
    """How a rule chooses among people."""

    TERRITORY = "territory"
    ROUND_ROBIN = "round_robin"
    LOAD = "load"
    COMPANY_OWNER = "company_owner"


@dataclass(frozen=True, slots=True)
class LeadTraits:
    """What is looked at in a lead; empty where nothing is known."""

    customer: Traits = field(default_factory=Traits)
    source: str = ""
    campaign: str = ""
    language: str = ""
    score: int = 0
    company_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """For which leads a rule is: all that is said has to be true, and what is not said is not asked.

    Words are the tenant's own, large or small. `en` is also true of `en-GB`. Of territories the
    lead has to be in one at least.
    """

    sources: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    territory_ids: tuple[UUID, ...] = ()
    lowest_score: int | None = None
    highest_score: int | None = None

    def unmet(self, traits: LeadTraits, territory_ids: Collection[UUID]) -> tuple[str, ...]:
        """What keeps a lead that is in these territories out, as names of the conditions."""
        return tuple(self._unmet(traits, territory_ids))

    def _unmet(self, traits: LeadTraits, territory_ids: Collection[UUID]) -> Iterator[str]:
        if self.sources and _word(traits.source) not in map(_word, self.sources):
            yield "sources"
        if self.campaigns and _word(traits.campaign) not in map(_word, self.campaigns):
            yield "campaigns"
        if self.languages and not any(_speaks(traits.language, one) for one in self.languages):
            yield "languages"
        if self.territory_ids and not set(self.territory_ids).intersection(territory_ids):
            yield "territory_ids"
        if self.lowest_score is not None and traits.score < self.lowest_score:
            yield "lowest_score"
        if self.highest_score is not None and traits.score > self.highest_score:
            yield "highest_score"


@dataclass(frozen=True, slots=True)
class Promise:
    """First contact within so many minutes, as time passes, nights and holidays included.

    When it is broken the lead goes to the next person, `most_reassignments` times at most; after
    that to `escalation_user_id`, or into the pool.
    """

    within_minutes: int
    most_reassignments: int = 3
    escalation_user_id: UUID | None = None

    def due_at(self, now: datetime) -> datetime:
        """When it is broken, of a lead that is assigned now."""
        return now + timedelta(minutes=self.within_minutes)


@dataclass(frozen=True, slots=True)
class RuleDefinition:
    """What an administrator says of a rule.

    Rules are tried by `position`, the lowest first. `user_ids` are those whom `round_robin` and
    `load` choose among; a territory brings its own people. Whoever has `most_open_leads` open leads
    gets no more.
    """

    name: Mapping[str, str]
    position: int
    method: Method
    conditions: Conditions = field(default_factory=Conditions)
    user_ids: tuple[UUID, ...] = ()
    most_open_leads: int | None = None
    promise: Promise | None = None


@dataclass(frozen=True, slots=True)
class AssignmentRuleDefined(Fact):
    """A rule is new or different."""

    assignment_rule_id: UUID
    definition: RuleDefinition


@dataclass(frozen=True, slots=True)
class AssignmentRuleArchived(Fact):
    """A rule is tried no more."""

    assignment_rule_id: UUID


@dataclass(frozen=True, slots=True)
class AssignmentRuleRestored(Fact):
    """An archived rule is tried again."""

    assignment_rule_id: UUID


@dataclass(kw_only=True)
class AssignmentRule(Aggregate):
    """One of the rules by which leads find an owner."""

    definition: RuleDefinition
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def define(self) -> None:
        """Say that it is there. Raises `Invalid`."""
        require_sound(self.definition)
        self.record(AssignmentRuleDefined(self.id, self.definition))

    def redefine(self, definition: RuleDefinition, now: datetime) -> None:
        """Go by something else from now on. Raises `Invalid`."""
        require_sound(definition)
        if definition != self.definition:
            self.definition, self.updated_at = definition, now
            self.record(AssignmentRuleDefined(self.id, definition))

    def archive(self, now: datetime) -> None:
        """Be tried no more; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(AssignmentRuleArchived(self.id))

    def restore(self, now: datetime) -> None:
        """Be tried again; nothing happens to one that is."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(AssignmentRuleRestored(self.id))


def require_sound(definition: RuleDefinition) -> None:
    """Check that it can choose somebody. Raises `Invalid` that names everything wrong."""
    wrong = tuple(_wrong(definition))
    if wrong:
        raise Invalid("Such a rule cannot be.", violations=wrong)


def _wrong(definition: RuleDefinition) -> Iterator[Violation]:
    people, method = definition.user_ids, definition.method
    if method in (Method.ROUND_ROBIN, Method.LOAD):
        if not people:
            message = f"{method} chooses among users: name them."
            yield Violation("/user_ids", "users_missing", message)
    elif people:
        message = f"{method} brings its own people; it takes no users."
        yield Violation("/user_ids", "users_unused", message)
    if len(set(people)) < len(people):
        yield Violation("/user_ids", "user_repeated", "A user is there twice.")
    lowest, highest = definition.conditions.lowest_score, definition.conditions.highest_score
    if lowest is not None and highest is not None and highest < lowest:
        message = f"It cannot be less than {lowest}."
        yield Violation("/conditions/highest_score", "range_reversed", message)


def _word(text: str) -> str:
    return text.strip().casefold()


def _speaks(language: str, wanted: str) -> bool:
    spoken, asked = _word(language), _word(wanted)
    return spoken == asked or spoken.startswith(f"{asked}-")
