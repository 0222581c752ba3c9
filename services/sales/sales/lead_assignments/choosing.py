"""Which rule takes a lead and whom it chooses, with why every other rule did not (SA-3).

Rules are tried in their order. The first whose conditions are met, and which finds somebody who can
take the lead, takes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sales.assignment_rules.domain import AssignmentRule, LeadTraits, Method
from sales.lead_assignments.domain import Considered, PoolReason, Skipped
from sales.territories.domain import Territory

FULL = "full"
HAD_IT = "had_it"


class Workforce(Protocol):
    """Who is there to take leads, and how much each has by now."""

    @property
    def territories(self) -> Sequence[Territory]:
        """Those that count, the oldest first."""
        ...

    def owner_of(self, company_id: UUID) -> UUID | None:
        """Whose account a company is."""
        ...

    def unavailable(self, user_ids: Collection[UUID]) -> Mapping[UUID, str]:
        """Those who can take nothing new today, each with why."""
        ...

    def open_leads(self, user_ids: Collection[UUID]) -> Mapping[UUID, int]:
        """How many open leads each has; who has none may be missing."""
        ...

    def turns(self, assignment_rule_id: UUID, user_ids: Collection[UUID]) -> Mapping[UUID, int]:
        """When it was each one's turn last, in growing numbers; who never had one is missing."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """Who gets a lead by which rule; without them the reason why it stays in the pool."""

    considered: tuple[Considered, ...]
    rule: AssignmentRule | None = None
    owner_id: UUID | None = None
    territory_id: UUID | None = None
    reason: PoolReason | None = None


@dataclass(frozen=True, slots=True)
class _Candidates:
    user_ids: tuple[UUID, ...] = ()
    territory_id: UUID | None = None
    unmet: tuple[str, ...] = ()


def choose(
    rules: Sequence[AssignmentRule],
    traits: LeadTraits,
    workforce: Workforce,
    barred: Collection[UUID] = (),
) -> Choice:
    """Who is to take a lead; nobody of the barred, who had it already."""
    covering = [
        one for one in workforce.territories if not one.definition.criteria.unmet(traits.customer)
    ]
    considered: list[Considered] = []
    reason = PoolReason.NO_RULE
    for rule in rules:
        candidates = _candidates(rule, traits, covering, workforce)
        if candidates.unmet:
            considered.append(Considered(rule.id, unmet=candidates.unmet))
            continue
        skipped = tuple(_skipped(rule, candidates.user_ids, workforce, barred))
        free = set(candidates.user_ids).difference(one.user_id for one in skipped)
        considered.append(Considered(rule.id, taken=bool(free), skipped=skipped))
        if free:
            owner_id = _next(rule, [one for one in candidates.user_ids if one in free], workforce)
            return Choice(tuple(considered), rule, owner_id, candidates.territory_id)
        reason = PoolReason.NOBODY_AVAILABLE
    return Choice(tuple(considered), reason=reason)


def _candidates(
    rule: AssignmentRule,
    traits: LeadTraits,
    covering: Sequence[Territory],
    workforce: Workforce,
) -> _Candidates:
    definition = rule.definition
    unmet = definition.conditions.unmet(traits, {one.id for one in covering})
    if unmet:
        return _Candidates(unmet=unmet)
    if definition.method is Method.TERRITORY:
        return _people_of_territory(definition.conditions.territory_ids, covering)
    if definition.method is Method.COMPANY_OWNER:
        if traits.company_id is None:
            return _Candidates(unmet=("company_unknown",))
        owner_id = workforce.owner_of(traits.company_id)
        return _Candidates((owner_id,)) if owner_id else _Candidates(unmet=("company_unowned",))
    return _Candidates(definition.user_ids)


def _people_of_territory(named: Sequence[UUID], covering: Sequence[Territory]) -> _Candidates:
    """Those of the first territory that the lead is in: in the rule's order, else the oldest."""
    places = {territory_id: place for place, territory_id in enumerate(named)}
    among = [one for one in covering if not named or one.id in places]
    if not among:
        return _Candidates(unmet=("outside_territories",))
    first = min(among, key=lambda one: places.get(one.id, 0))
    if not first.definition.user_ids:
        return _Candidates(unmet=("territory_without_people",))
    return _Candidates(first.definition.user_ids, first.id)


def _skipped(
    rule: AssignmentRule,
    user_ids: Sequence[UUID],
    workforce: Workforce,
    barred: Collection[UUID],
) -> Iterator[Skipped]:
    unavailable = workforce.unavailable(user_ids)
    most = rule.definition.most_open_leads
    has = {} if most is None else workforce.open_leads(user_ids)
    for user_id in user_ids:
        if user_id in barred:
            yield Skipped(user_id, HAD_IT)
        elif user_id in unavailable:
            yield Skipped(user_id, unavailable[user_id])
        elif most is not None and has.get(user_id, 0) >= most:
            yield Skipped(user_id, FULL)


def _next(rule: AssignmentRule, free: Sequence[UUID], workforce: Workforce) -> UUID:
    """Whose turn it is: who waits longest; by load among those alone who have the fewest leads.

    Who comes back or is new waits longest once, and makes up for nothing.
    """
    turns = workforce.turns(rule.id, free)
    has = workforce.open_leads(free) if rule.definition.method is Method.LOAD else {}
    return min(free, key=lambda user_id: (has.get(user_id, 0), turns.get(user_id, 0)))
