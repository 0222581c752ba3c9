"""What a quote asks for, says and offers (SA-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext
from uuid import UUID

from chassis.domain import Money
from chassis.money import EXACT, total
from sales.document_lines.domain import LineAmounts, LineTerms
from sales.price_books.domain import PriceStep

MOST_ITEMS = 100
_HUNDRED = Decimal(100)
_FINE = Decimal("1e-30")
"""Finer than any two percentages differ that amounts of 10^15 and four places can give."""


@dataclass(frozen=True, slots=True)
class QuoteItem:
    """A product with what was chosen along, as it was asked for."""

    product_id: UUID
    quantity: Decimal
    choices: tuple[tuple[str, int], ...] = ()
    discount_percent: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a quote is made out to, as its first lines say."""

    name: str
    address: str = ""
    tax_id: str = ""


@dataclass(frozen=True, slots=True)
class QuoteTerms:
    """What a quote says besides prices. `valid_until` is the last day, of UTC.

    `language` is that of the document; empty until somebody has said it or the customer is asked.
    `channel` and `branch` are where the order will have been sold; empty for the opportunity's.
    """

    currency: str
    valid_until: date
    items: tuple[QuoteItem, ...]
    discount: Decimal = Decimal(0)
    person_id: UUID | None = None
    company_id: UUID | None = None
    owner_id: UUID | None = None
    opportunity_id: UUID | None = None
    channel: str = ""
    branch: str = ""
    conditions: str = ""
    language: str = ""
    addressee: Addressee | None = None

    def known_as(self, person: str, company: str, language: str) -> QuoteTerms:
        """The terms with what is known of the customer, where they do not say it themselves.

        What goes to a person at a company is made out to the company, with the person's name below.
        """
        known = Addressee(company or person, person if company else "")
        addressee = self.addressee or (known if known.name else None)
        return replace(self, addressee=addressee, language=self.language or language)


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """A product on a quote, what it comes to and how; `item` is the place of its item."""

    item: int
    option: str | None
    product_id: UUID
    sku: str
    name: Mapping[str, str]
    category: str
    terms: LineTerms
    amounts: LineAmounts
    steps: tuple[PriceStep, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """What was offered, by which price book, on which day."""

    price_book_id: UUID
    prices_include_tax: bool
    priced_on: date
    lines: tuple[QuoteLine, ...]

    def total(self, currency: str) -> Money:
        """What it comes to, with tax."""
        return total([line.amounts.total for line in self.lines], currency)

    def largest_discount(self, off_the_whole: Decimal) -> Decimal:
        """The percentage off the line with the largest, its part of what is off the whole included.

        It is worked out of what was agreed, and not of rounded amounts, which may come to more: a
        line's own percentage, and of what is left to pay the part that `off_the_whole` is of all of
        it. So a discount of exactly a limit is never above it.
        """
        with localcontext(EXACT):
            due = off_the_whole + sum(
                line.amounts.list_amount - line.amounts.discount for line in self.lines
            )
            left = 1 - off_the_whole / due if due else Decimal(1)
            return max(
                (
                    (_HUNDRED - (_HUNDRED - line.terms.discount_percent) * left).quantize(_FINE)
                    for line in self.lines
                    if line.amounts.list_amount
                ),
                default=Decimal(0),
            )
