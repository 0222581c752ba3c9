"""What of a quote is shown to its customer, on paper and on the page of its link, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from chassis.money import total
from sales.letterheads.domain import LetterheadContent
from sales.quote_offers.domain import Addressee, QuoteLine

MOST_LINES = 1_000
"""More than that is not printed: a page takes about twenty, and rendering takes time."""


@dataclass(frozen=True, slots=True)
class TaxShare:
    """What is taxed by one rate, and the tax on it."""

    percent: Decimal
    net: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class QuoteDocument:
    """A version of a quote, or with `is_draft` what would be one; `made_at` is when it was sent."""

    number: str
    revision: int
    is_draft: bool
    made_at: datetime
    valid_until: date
    currency: str
    prices_include_tax: bool
    lines: Sequence[QuoteLine]
    conditions: str
    language: str
    addressee: Addressee | None
    letterhead: LetterheadContent | None

    @property
    def taxes(self) -> Sequence[TaxShare]:
        """What is taxed by which rate, the highest first; they add up to net and tax of the whole."""
        rates = sorted({line.terms.tax_percent for line in self.lines}, reverse=True)
        return [TaxShare(rate, self._sum("net", rate), self._sum("tax", rate)) for rate in rates]

    @property
    def list_amount(self) -> Decimal:
        """What it would come to without discounts; with tax where prices include it."""
        return self._sum("list_amount")

    @property
    def discount(self) -> Decimal:
        """All that is off, shares of a discount on the whole included."""
        return self._sum("discount")

    @property
    def net(self) -> Decimal:
        """Without tax."""
        return self._sum("net")

    @property
    def total(self) -> Decimal:
        """With tax."""
        return self._sum("total")

    def line_amount(self, line: QuoteLine) -> Decimal:
        """What a line comes to, in the terms that its price is in."""
        return line.amounts.total if self.prices_include_tax else line.amounts.net

    def _sum(self, name: str, rate: Decimal | None = None) -> Decimal:
        chosen = (line for line in self.lines if rate is None or line.terms.tax_percent == rate)
        return total([getattr(line.amounts, name) for line in chosen], self.currency).amount
