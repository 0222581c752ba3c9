"""Statements of commissions as the REST face takes and shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from chassis.http.body import Body
from chassis.http.money import MoneyOut, amount_out, decimal_out
from chassis.http.query_string import Query
from chassis.money import rounded
from sales.commission_plans.documents import terms_document
from sales.commission_plans.models import TermsOut
from sales.commission_statements.domain import (
    CORRECTED_PERIODS,
    CommissionStatement,
    LineKind,
    Statement,
    StatementLine,
)
from sales.commission_statements.drafting import Draft
from sales.periods.models import InPeriod, PeriodName, period_out
from sales.quotas.domain import percent_of
from sales.sales_credits.domain import Source

STATEMENT_DEFINITIONS = {
    "credited": "With the basis won, the amounts of opportunities won on a day that counts, in the"
    " base currency by the rate of that day. With the basis delivered, the net amounts of what was"
    " delivered of orders on one, by its rate, less what was paid back of it by now.",
    "rate": "The plan's percentage for the product category, before tiers.",
    "attained_percent": "Credited / quota x 100, to two places; null without a quota for exactly this"
    " period, and then the first tier holds.",
    "amount": "The commission on all credits up to and including the line, rounded half up to the"
    " minor unit, less that on all up to the line before. So lines add up to the total, and the total"
    " does not depend on the order of deals.",
    "correction": "What a closed period was wrong by, reckoned by that period's own terms and quota,"
    f" going on from what was credited for it so far. The latest {CORRECTED_PERIODS} closed periods"
    " are looked at; what is older stays as it was paid.",
    "total": "The sum of all lines.",
}


class StatementChoice(Query):
    plan_id: UUID
    user_id: UUID
    period: PeriodName


class StatementIn(Body):
    """Which statement is closed."""

    plan_id: UUID
    user_id: UUID
    period: PeriodName


class LineOut(BaseModel):
    """A deal and what is owed for it; of a correction, `credited` is what the period was wrong by."""

    number: int
    kind: LineKind
    period: str
    source: Source
    source_id: UUID
    category: str
    credited_on: date
    credited: MoneyOut
    rate: str
    amount: MoneyOut


class SummaryOut(InPeriod):
    """A closed statement without its lines."""

    id: UUID
    version: int
    plan_id: UUID
    user_id: UUID
    credited: MoneyOut
    corrected: MoneyOut
    total: MoneyOut
    closed_at: datetime
    closed_by: str


class ContentOut(InPeriod):
    """What somebody has earned in a period, line by line.

    `counted_from` and `counted_until` are the days of it that count for the person.
    """

    plan_id: UUID
    user_id: UUID
    counted_from: date | None
    counted_until: date | None
    terms: TermsOut
    quota: MoneyOut | None
    credited: MoneyOut
    attained_percent: str | None
    lines: list[LineOut]
    corrected: MoneyOut
    total: MoneyOut
    definitions: dict[str, str]


class StatementOut(ContentOut):
    """A closed statement."""

    id: UUID
    version: int
    state: Literal["closed"]
    closed_at: datetime
    closed_by: str


class DraftOut(ContentOut):
    """A statement as it would be closed now; corrections come with the one whose turn it is."""

    state: Literal["open"]
    next_period: str


def shown(statement: CommissionStatement) -> dict[str, Any]:
    """A closed statement as the API shows one."""
    return {
        **_content(statement.content),
        "id": statement.id,
        "version": statement.version,
        "state": "closed",
        "closed_at": statement.closed_at,
        "closed_by": statement.closed_by,
    }


def draft_shown(draft: Draft) -> dict[str, Any]:
    """A draft as the API shows one."""
    name = draft.next_period.name
    return {**_content(draft.statement), "state": "open", "next_period": name}


def _content(statement: Statement) -> dict[str, Any]:
    terms, reckoning = statement.terms, statement.terms.reckoning
    currency, quota, counted = terms.currency, reckoning.quota, reckoning.counted
    attained = None if quota is None else percent_of(statement.credited, quota)
    return {
        "plan_id": terms.plan_id,
        "user_id": terms.user_id,
        **period_out(reckoning.period),
        "counted_from": None if counted is None else counted.first,
        "counted_until": None if counted is None else counted.last,
        "terms": terms_document(reckoning.terms),
        "quota": None if quota is None else amount_out(quota, currency),
        "credited": amount_out(rounded(statement.credited, currency), currency),
        "attained_percent": None if attained is None else decimal_out(attained),
        "lines": [_line(number, line, currency) for number, line in enumerate(statement.lines, 1)],
        "corrected": amount_out(rounded(statement.corrected, currency), currency),
        "total": amount_out(rounded(statement.total, currency), currency),
        "definitions": STATEMENT_DEFINITIONS,
    }


def _line(number: int, line: StatementLine, currency: str) -> dict[str, Any]:
    credit = line.credit
    return {
        "number": number,
        "kind": line.kind,
        "period": line.period.name,
        "source": credit.source,
        "source_id": credit.source_id,
        "category": credit.category,
        "credited_on": credit.on,
        "credited": amount_out(rounded(credit.amount, currency), currency),
        "rate": decimal_out(line.rate),
        "amount": amount_out(rounded(line.amount, currency), currency),
    }
