"""What becomes of a rule by which people earn points: written, in force, written anew, at rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid
from loyalty.earning_terms.domain import EarningTerms, require_possible


class RuleStatus(StrEnum):
    """How far a rule has come."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class EarningRuleCreated(Fact):
    """There is a rule that was not there before."""

    rule: EarningRule


@dataclass(frozen=True, slots=True)
class EarningRuleChanged(Fact):
    """A rule was written anew; what is in force stays so."""

    rule: EarningRule


@dataclass(frozen=True, slots=True)
class EarningRuleActivated(Fact):
    """A version of a rule is in force from now on."""

    rule: EarningRule
    valid_from: datetime


@dataclass(frozen=True, slots=True)
class EarningRulePaused(Fact):
    """No version of a rule is in force for now."""

    rule: EarningRule


@dataclass(frozen=True, slots=True)
class EarningRuleArchived(Fact):
    """A rule is in force no more."""

    rule: EarningRule


@dataclass(frozen=True, slots=True)
class EarningRuleRestored(Fact):
    """An archived rule is back, and nothing of it is in force yet."""

    rule: EarningRule


@dataclass(kw_only=True)
class EarningRule(Aggregate):
    """A rule of a program.

    `terms` are what was written last; what was activated last has the `number`, and they are not
    the same while `changed`. `ended_at` and `begun_at` say what this change did to versions: the
    one in force ended, and the one with the number began.
    """

    program_id: UUID
    terms: EarningTerms
    status: RuleStatus = RuleStatus.DRAFT
    number: int = 0
    changed: bool = False
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None = field(default=None, compare=False)
    begun_at: datetime | None = field(default=None, compare=False)

    def create(self) -> None:
        """Come into being, as a draft. Raises `Invalid`."""
        require_possible(self.terms)
        self.record(EarningRuleCreated(self))

    def change(self, terms: EarningTerms, now: datetime) -> None:
        """Be written anew; nothing happens when nothing differs. Raises `Invalid`, `Conflict`."""
        self._require_not_archived()
        require_possible(terms)
        if terms != self.terms:
            self.terms, self.updated_at = terms, now
            self.changed = self.number > 0
            self.record(EarningRuleChanged(self))

    def activate(self, now: datetime) -> None:
        """Have what is written be in force from now on, instead of what was before.

        Nothing happens when it is already. Raises `Conflict` for an archived one.
        """
        self._require_not_archived()
        if self.status is RuleStatus.ACTIVE:
            if not self.changed:
                return
            self.ended_at = now
        self.status, self.changed, self.updated_at = RuleStatus.ACTIVE, False, now
        self.number, self.begun_at = self.number + 1, now
        self.record(EarningRuleActivated(self, now))

    def activate_since(self, since: datetime, now: datetime) -> None:
        """Have what is written be in force since a time that has passed, as the first of its versions.

        So purchases that are told late, or taken over from elsewhere, earn by it; whatever was judged
        before stays as it is. Raises `Invalid` for a time to come, `Conflict` for an archived rule and
        for one that was in force before: what it said then counts.
        """
        self._require_not_archived()
        if since > now:
            raise Invalid.at("/since", "since_to_come", "A rule is in force since now, or before.")
        if self.number:
            message = "The rule was in force before; what it said then is not written anew."
            raise Conflict(message, code="earning_rule_was_active")
        self.status, self.changed, self.updated_at = RuleStatus.ACTIVE, False, now
        self.number, self.begun_at = 1, since
        self.record(EarningRuleActivated(self, since))

    def pause(self, now: datetime) -> None:
        """Have nothing be in force for now. Raises `Conflict` unless something is, or it rests."""
        if self.status is RuleStatus.PAUSED:
            return
        if self.status is not RuleStatus.ACTIVE:
            raise Conflict(f"The rule is {self.status}.", code="earning_rule_not_active")
        self.status, self.ended_at, self.updated_at = RuleStatus.PAUSED, now, now
        self.record(EarningRulePaused(self))

    def archive(self, now: datetime) -> None:
        """Be in force no more; nothing happens to one that is archived."""
        if self.status is RuleStatus.ARCHIVED:
            return
        if self.status is RuleStatus.ACTIVE:
            self.ended_at = now
        self.status, self.updated_at = RuleStatus.ARCHIVED, now
        self.record(EarningRuleArchived(self))

    def restore(self, now: datetime) -> None:
        """Be back, at rest, as it was written; nothing happens to one that is not archived.

        What happened meanwhile earns nothing by it: it was not in force, nor is it before it is activated.
        """
        if self.status is not RuleStatus.ARCHIVED:
            return
        self.status = RuleStatus.PAUSED if self.number else RuleStatus.DRAFT
        self.updated_at = now
        self.record(EarningRuleRestored(self))

    def _require_not_archived(self) -> None:
        if self.status is RuleStatus.ARCHIVED:
            raise Conflict("The rule is archived.", code="earning_rule_archived")
