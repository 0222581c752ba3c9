"""Drafts statements from what people are credited with now, and from what was settled before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.domain import Invalid, NotFound
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.commission_plans.domain import CommissionPlan
from sales.commission_statements.domain import (
    CORRECTED_PERIODS,
    LineKind,
    Reckoning,
    Statement,
    StatementLine,
    StatementTerms,
    corrections,
    reckoned,
)
from sales.commission_statements.storage import closed_reckonings, settled_credits
from sales.periods.domain import Period
from sales.quotas.domain import Measure
from sales.quotas.storage import target_in_base
from sales.sales_credits.crediting import credits_of
from sales.sales_credits.domain import Credit, Key, added_up


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement as it would be closed now, and the period whose turn it is to be closed."""

    statement: Statement
    next_period: Period

    @property
    def is_next(self) -> bool:
        """Whether it is its turn; only then it has the corrections of closed periods."""
        return self.statement.terms.reckoning.period == self.next_period


def draft(
    reading: Reading | UnitOfWork, plan: CommissionPlan, user_id: UUID, period: Period
) -> Draft:
    """The statement of somebody by a plan for a period that is not closed.

    Raises `NotFound` for somebody who does not earn by it, `Invalid` for a period of another length,
    or one before the person's first, `Conflict` for a missing exchange rate.
    """
    definition = plan.definition
    one = definition.participant(user_id)
    if one is None:
        raise NotFound.of("participant", user_id)
    first = Period.containing(definition.begins_for(one), definition.frequency)
    if period.length is not definition.frequency or period.first < first.first:
        message = f"Statements are for each {definition.frequency}, from {first.name} on."
        raise Invalid.at("/period", "period_not_of_plan", message)
    measure = Measure.of(definition.terms.basis)
    reckoning = Reckoning(
        period=period,
        terms=definition.terms,
        quota=target_in_base(reading, user_id, period, measure),
        counted=definition.counted(one, period),
    )
    closed = closed_reckonings(reading, plan.id, user_id)
    # Whoever takes part from a later day on, than when they had statements, has none in between.
    upcoming = max(closed[-1].period.following(), first) if closed else first
    terms = StatementTerms(plan.id, user_id, definition.currency, reckoning)
    corrected = closed[-CORRECTED_PERIODS:] if period == upcoming else ()
    found = _credits(reading, terms, [*corrected, reckoning])
    lines = reckoned(reckoning, {}, found[period].values(), LineKind.CREDIT, definition.currency)
    if corrected:
        lines = [*lines, *_corrections(reading, terms, corrected, found)]
    return Draft(Statement(terms, tuple(lines)), upcoming)


def _corrections(
    reading: Reading | UnitOfWork,
    terms: StatementTerms,
    closed: Sequence[Reckoning],
    found: Mapping[Period, Mapping[Key, Credit]],
) -> Sequence[StatementLine]:
    since = closed[0].period.first
    settled = settled_credits(reading, terms.plan_id, terms.user_id, terms.currency, since)
    return [
        line
        for one in closed
        for line in corrections(one, settled.get(one.period, {}), found[one.period], terms.currency)
    ]


def _credits(
    reading: Reading | UnitOfWork, terms: StatementTerms, reckonings: Sequence[Reckoning]
) -> Mapping[Period, Mapping[Key, Credit]]:
    """What is credited in each period by now, all of them looked up at once."""
    counted = [one.counted for one in reckonings if one.counted is not None]
    given: Sequence[Credit] = ()
    if counted:
        whole = Period(min(one.first for one in counted), max(one.last for one in counted))
        basis = terms.reckoning.terms.basis
        people = [terms.user_id]
        given = credits_of(reading, basis, people, whole, terms.currency)[terms.user_id]
    return {
        one.period: added_up(
            [credit for credit in given if one.counted is not None and credit.on in one.counted]
        )
        for one in reckonings
    }
