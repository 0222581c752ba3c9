"""What people have earned in a period, line by line, to the minor unit.

The rounding rule: the commission on all that is credited is exact until it is rounded once, half up.
A line's amount is the rounded commission on all credits up to and including it, less that on all up to
the line before. So the lines add up to the commission to the last cent, and the commission does not
depend on the order of the deals, nor on how they are split.

A closed statement stays. When what it counted turns out different later - a deal reopened, something
paid back for a day of the period - the next statement has a correction: the closed period is reckoned
anew by the same rule, terms and quota, going on from what was credited for it so far. That goes for the
latest `CORRECTED_PERIODS` closed periods.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from chassis.domain import Aggregate, Fact
from chassis.money import EXACT, minor_unit, rounded
from sales.commission_plans.domain import EarningTerms
from sales.periods.domain import Period
from sales.sales_credits.domain import Credit, Key

CORRECTED_PERIODS = 24
"""So many closed periods are looked at again, the latest ones: what is older stays as it was paid."""


class LineKind(StrEnum):
    """Whether a line is of the statement's own period, or corrects a closed one."""

    CREDIT = "credit"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Reckoning:
    """By what a period is reckoned; `counted` are its days that count, None when none does.

    `quota` is in the base currency.
    """

    period: Period
    terms: EarningTerms
    quota: Decimal | None
    counted: Period | None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A deal, and what is owed for it; the credit of a correction is what it was wrong by.

    `rate` is that of the plan in per cent, before tiers. `period` is the one that is reckoned.
    """

    kind: LineKind
    period: Period
    credit: Credit
    rate: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class StatementTerms:
    """Whose statement it is, by which plan, and by what it is reckoned."""

    plan_id: UUID
    user_id: UUID
    currency: str
    reckoning: Reckoning


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody has earned in a period; it may still change until it is closed."""

    terms: StatementTerms
    lines: tuple[StatementLine, ...]

    @property
    def credited(self) -> Decimal:
        """What the person is credited with in the period itself."""
        own = (one.credit.amount for one in self.lines if one.kind is LineKind.CREDIT)
        return sum(own, self._nothing)

    @property
    def corrected(self) -> Decimal:
        """What is owed, or owed back, for closed periods."""
        return self._sum_of(LineKind.CORRECTION)

    @property
    def total(self) -> Decimal:
        """What is owed: the sum of all lines."""
        return sum((one.amount for one in self.lines), self._nothing)

    def _sum_of(self, kind: LineKind) -> Decimal:
        return sum((one.amount for one in self.lines if one.kind is kind), self._nothing)

    @property
    def _nothing(self) -> Decimal:
        return rounded(Decimal(0), self.terms.currency)


@dataclass(frozen=True, slots=True)
class CommissionStatementClosed(Fact):
    """What somebody has earned in a period is settled."""

    statement: CommissionStatement


@dataclass(kw_only=True)
class CommissionStatement(Aggregate):
    """A closed statement; it never changes."""

    content: Statement
    closed_by: str
    closed_at: datetime

    def close(self) -> None:
        """Say that it is settled."""
        self.record(CommissionStatementClosed(self))


def reckoned(
    reckoning: Reckoning,
    before: Mapping[str, Decimal],
    changes: Iterable[Credit],
    kind: LineKind,
    currency: str,
) -> Sequence[StatementLine]:
    """A line for each change, in the order of their days, going on from what was credited `before`.

    `before` is by product category. The amounts add up to the rounded commission on everything less
    the rounded commission on what was there before.
    """
    terms, quota = reckoning.terms, reckoning.quota
    credited = dict(before)
    upto = _in_minor_units(terms.earned(quota, credited), currency)
    lines = []
    for one in sorted(changes, key=lambda c: (c.on, c.source_id, c.category)):
        credited[one.category] = credited.get(one.category, Decimal(0)) + one.amount
        now = _in_minor_units(terms.earned(quota, credited), currency)
        rate = terms.rate_of(one.category)
        lines.append(StatementLine(kind, reckoning.period, one, rate, now - upto))
        upto = now
    return lines


def corrections(
    reckoning: Reckoning,
    settled: Mapping[Key, Credit],
    actual: Mapping[Key, Credit],
    currency: str,
) -> Sequence[StatementLine]:
    """What a closed period was wrong by: `settled` is what was credited for it so far.

    A correction has the day of what is there now, or of what was there once.
    """
    changes = []
    for key in settled.keys() | actual.keys():
        old, new = settled.get(key), actual.get(key)
        known = new or old
        if known is None:
            continue
        amount = (new.amount if new else Decimal(0)) - (old.amount if old else Decimal(0))
        if amount:
            changes.append(Credit(known.source, known.source_id, known.category, known.on, amount))
    before: dict[str, Decimal] = {}
    for one in settled.values():
        before[one.category] = before.get(one.category, Decimal(0)) + one.amount
    return reckoned(reckoning, before, changes, LineKind.CORRECTION, currency)


def _in_minor_units(amount: Fraction, currency: str) -> Decimal:
    """The amount rounded half up, away from zero, from its exact value."""
    places = minor_unit(currency)
    units = abs(amount) * 10**places + Fraction(1, 2)
    whole = units.numerator // units.denominator
    return Decimal(-whole if amount < 0 else whole).scaleb(-places, EXACT) + 0
