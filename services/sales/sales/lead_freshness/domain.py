"""How long leads stay fresh, and what becomes of stale ones, as the tenant sets it (SA-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid, Violation
from sales.lead_conditions.domain import LeadCondition, wrong_conditions
from sales.lead_facts.domain import Freshness
from sales.leads.domain import Lead

MOST_RULES = 50


@dataclass(frozen=True, slots=True)
class FreshnessLimits:
    """After how many hours without a touch a lead is warm, cold, stale; before that it is hot."""

    warm_after_hours: int = 3 * 24
    cold_after_hours: int = 14 * 24
    stale_after_hours: int = 30 * 24

    @property
    def steps(self) -> Sequence[tuple[timedelta, Freshness]]:
        """From which age on it is what."""
        return (
            (timedelta(hours=self.warm_after_hours), Freshness.WARM),
            (timedelta(hours=self.cold_after_hours), Freshness.COLD),
            (timedelta(hours=self.stale_after_hours), Freshness.STALE),
        )

    def freshness(self, since: datetime, now: datetime) -> Freshness:
        """What a lead is by now; on the limit it is what comes after."""
        reached = [freshness for age, freshness in self.steps if now - since >= age]
        return reached[-1] if reached else Freshness.HOT

    def next_change(self, since: datetime, now: datetime) -> datetime | None:
        """When time alone makes it less fresh; None for a stale one."""
        return next((since + age for age, _ in self.steps if since + age > now), None)

    def stale_at(self, since: datetime) -> datetime:
        """When it is stale."""
        return since + timedelta(hours=self.stale_after_hours)


class StaleAction(StrEnum):
    """What becomes of a stale lead."""

    RECYCLE = "recycle"
    ARCHIVE = "archive"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class StaleRule:
    """What becomes of stale leads of which all the conditions hold."""

    key: str
    name: Mapping[str, str]
    action: StaleAction
    conditions: tuple[LeadCondition, ...] = ()


@dataclass(frozen=True, slots=True)
class LeadFreshnessSettingsChanged(Fact):
    """How long leads stay fresh, or what becomes of stale ones, is different."""

    settings_id: UUID
    limits: FreshnessLimits
    rules: tuple[str, ...]


@dataclass(kw_only=True)
class LeadFreshnessSettings(Aggregate):
    """A tenant's limits, and its rules for stale leads: the first that fits decides."""

    limits: FreshnessLimits
    rules: tuple[StaleRule, ...] = ()
    updated_at: datetime

    def change(self, limits: FreshnessLimits, rules: tuple[StaleRule, ...], now: datetime) -> None:
        """Have others hold; nothing happens when nothing differs. Raises `Invalid`."""
        require_sound(limits, rules)
        if (limits, rules) == (self.limits, self.rules):
            return
        self.limits, self.rules, self.updated_at = limits, rules, now
        keys = tuple(rule.key for rule in rules)
        self.record(LeadFreshnessSettingsChanged(self.id, limits, keys))

    def fitting(self, lead: Lead) -> StaleRule | None:
        """The rule that decides about a stale lead."""
        fits = (rule for rule in self.rules if all(one.holds(lead) for one in rule.conditions))
        return next(fits, None)


def default_settings(settings_id: UUID, now: datetime) -> LeadFreshnessSettings:
    """What holds until the tenant says otherwise: stale leads stay where they are."""
    return LeadFreshnessSettings(id=settings_id, limits=FreshnessLimits(), updated_at=now)


def require_sound(limits: FreshnessLimits, rules: Sequence[StaleRule]) -> None:
    """Check that each state comes after the one before, and every rule can be understood.

    Raises `Invalid` that names everything wrong.
    """
    wrong: list[Violation] = []
    ages = ("warm_after_hours", "cold_after_hours", "stale_after_hours")
    for earlier, later in pairwise(ages):
        if getattr(limits, earlier) >= getattr(limits, later):
            message = f"It has to be more than {earlier}."
            wrong.append(Violation(f"/{later}", "limits_out_of_order", message))
    keys = [rule.key for rule in rules]
    for place, rule in enumerate(rules):
        at = f"/rules/{place}"
        if rule.key in keys[:place]:
            wrong.append(Violation(f"{at}/key", "key_repeated", f"{rule.key!r} is there twice."))
        wrong += wrong_conditions(rule.conditions, f"{at}/conditions")
    if wrong:
        raise Invalid("Leads cannot be kept fresh by that.", violations=tuple(wrong))
