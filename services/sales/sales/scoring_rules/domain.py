"""How promising a lead is: rules that give points, each for something that can be named (SA-2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid, Violation
from sales.lead_conditions.domain import LeadCondition, LeadField, wrong_conditions
from sales.lead_facts.domain import TouchKind

MOST_RULES = 100


class RuleKind(StrEnum):
    """What a rule looks at."""

    FIELD = "field"
    TOUCH = "touch"
    CONSENT = "consent"
    QUALIFICATION = "qualification"


@dataclass(frozen=True, slots=True)
class TouchCriterion:
    """Touches that count, each for the rule's points: of any kind, source or campaign if none is named.

    The latest `most` count, and those within `window_days`. With `half_life_days` a touch gives half
    of its points after so many days, a quarter after twice as many, and so on, rounded towards zero.
    """

    kinds: tuple[TouchKind, ...] = ()
    sources: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    most: int = 1
    window_days: int | None = None
    half_life_days: int | None = None

    @property
    def window(self) -> timedelta | None:
        """How long a touch counts; None for ever."""
        return None if self.window_days is None else timedelta(days=self.window_days)

    @property
    def half_life(self) -> timedelta | None:
        """How long until a touch gives half; None when it gives the same for ever."""
        return None if self.half_life_days is None else timedelta(days=self.half_life_days)


@dataclass(frozen=True, slots=True)
class ConsentCriterion:
    """The last thing that was said about a purpose on a channel, on any if none is named."""

    purpose: str
    channel: str = ""
    granted: bool = True


@dataclass(frozen=True, slots=True)
class AnswerCriterion:
    """One of the answers to a framework's question."""

    framework_id: UUID
    question: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleDefinition:
    """Points for something: `conditions` that all hold, touches, a consent, or an answer."""

    name: Mapping[str, str]
    points: int
    conditions: tuple[LeadCondition, ...] = ()
    touch: TouchCriterion | None = None
    consent: ConsentCriterion | None = None
    answer: AnswerCriterion | None = None

    @property
    def kind(self) -> RuleKind:
        """What it looks at."""
        if self.touch is not None:
            return RuleKind.TOUCH
        if self.consent is not None:
            return RuleKind.CONSENT
        return RuleKind.FIELD if self.answer is None else RuleKind.QUALIFICATION


@dataclass(frozen=True, slots=True)
class ScoringRuleDefined(Fact):
    """A rule is new or different; all leads are scored anew."""

    scoring_rule_id: UUID
    kind: RuleKind
    points: int


@dataclass(frozen=True, slots=True)
class ScoringRuleRemoved(Fact):
    """A rule counts no more; all leads are scored anew."""

    scoring_rule_id: UUID


@dataclass(kw_only=True)
class ScoringRule(Aggregate):
    """A rule by which leads have points."""

    definition: RuleDefinition
    created_at: datetime
    updated_at: datetime

    def define(self) -> None:
        """Say that it is there. Raises `Invalid` that names everything wrong with it."""
        require_sound(self.definition)
        self.record(ScoringRuleDefined(self.id, self.definition.kind, self.definition.points))

    def redefine(self, definition: RuleDefinition, now: datetime) -> None:
        """Have it give other points, or for something else; nothing happens when nothing differs.

        Raises `Invalid`.
        """
        require_sound(definition)
        if definition != self.definition:
            self.definition, self.updated_at = definition, now
            self.record(ScoringRuleDefined(self.id, definition.kind, definition.points))

    def take_back(self) -> None:
        """Say that it counts no more."""
        self.record(ScoringRuleRemoved(self.id))


def require_sound(definition: RuleDefinition) -> None:
    """Check that it is clear what gives the points. Raises `Invalid` that names everything wrong."""
    others = (definition.touch, definition.consent, definition.answer)
    looks_at = bool(definition.conditions) + sum(one is not None for one in others)
    wrong: list[Violation] = []
    if looks_at != 1:
        message = "A rule has exactly one of conditions, touch, consent and answer."
        wrong.append(Violation("/conditions", "rule_ambiguous", message))
    # A score that depended on itself would never come to rest.
    wrong += wrong_conditions(definition.conditions, "/conditions", frozenset({LeadField.SCORE}))
    if wrong:
        raise Invalid("Such a rule cannot be.", violations=tuple(wrong))
