"""Prices by the book that applies, and says step by step how each came about (SA-9).

One book prices all that is wanted: the first of those that apply which has a price for every product
at its quantity, and a tax for every product's tax class. Books that come before it and do not are
named with what they lack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from chassis.domain import Conflict
from sales.document_lines.domain import Amounts, LineAmounts, LineTerms, amounts_of
from sales.price_books.domain import PriceBookTerms, PriceStep, Tier, tier_for
from sales.products.storage import Sold

Prices = Mapping[tuple[UUID, UUID], tuple[Tier, ...]]
"""Tiers by book and product."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """So much of a product; `option` is the key by which it was chosen, if it was."""

    product: Sold
    quantity: Decimal
    option: str | None = None
    discount_percent: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """What a wanted product comes to, and how."""

    wanted: Wanted
    terms: LineTerms
    amounts: LineAmounts
    steps: tuple[PriceStep, ...]


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A book that applies and cannot price what is wanted, and what it lacks."""

    price_book_id: UUID
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pricing:
    """What all that is wanted comes to, by which book."""

    price_book_id: UUID
    book: PriceBookTerms
    lines: tuple[PricedLine, ...]
    amounts: Amounts
    passed_over: tuple[PassedOver, ...]


def price(
    wanted: Sequence[Wanted],
    books: Sequence[tuple[UUID, PriceBookTerms]],
    prices: Prices,
    discount: Decimal = Decimal(0),
) -> Pricing:
    """Price by the first book that can, with `discount` off the whole.

    Raises `Conflict` when none does, naming what each lacks, `Invalid` for a discount that is
    larger than what there is to pay.
    """
    passed_over: list[PassedOver] = []
    for book_id, book in books:
        lacking = tuple(_lacking(wanted, book_id, book, prices))
        if not lacking:
            return _priced(wanted, (book_id, book), prices, tuple(passed_over), discount)
        passed_over.append(PassedOver(book_id, lacking))
    reasons = [f"{one.price_book_id}: {reason}" for one in passed_over for reason in one.because]
    told = "; ".join(reasons[:20]) or "no price book of this currency applies on that day"
    raise Conflict(f"There is no price for this: {told}.", code="price_missing")


def _lacking(
    wanted: Sequence[Wanted], book_id: UUID, book: PriceBookTerms, prices: Prices
) -> Iterator[str]:
    for one in wanted:
        sku = one.product.details.sku
        tiers = prices.get((book_id, one.product.id), ())
        if not tiers:
            yield f"it has no price for {sku}"
        elif tier_for(tiers, one.quantity) is None:
            yield f"it sells {sku} from {tiers[0].from_quantity:f} on"
        if one.product.details.tax_class not in (book.taxes or {}):
            yield f"it has no tax for the class {one.product.details.tax_class}"


def _priced(
    wanted: Sequence[Wanted],
    chosen: tuple[UUID, PriceBookTerms],
    prices: Prices,
    passed_over: tuple[PassedOver, ...],
    discount: Decimal,
) -> Pricing:
    book_id, book = chosen
    taxes = book.taxes or {}
    tiers = [_tier(prices[book_id, one.product.id], one.quantity) for one in wanted]
    terms = [
        LineTerms(
            unit_price=tier.unit_price,
            quantity=one.quantity,
            discount_percent=one.discount_percent,
            tax_percent=taxes[one.product.details.tax_class],
        )
        for one, tier in zip(wanted, tiers, strict=True)
    ]
    amounts = amounts_of(
        terms, book.currency, prices_include_tax=book.prices_include_tax, discount=discount
    )
    lines = tuple(
        PricedLine(one, term, amount, _steps(one, tier, amount, book))
        for one, tier, term, amount in zip(wanted, tiers, terms, amounts.lines, strict=True)
    )
    return Pricing(book_id, book, lines, amounts, passed_over)


def _tier(tiers: tuple[Tier, ...], quantity: Decimal) -> Tier:
    tier = tier_for(tiers, quantity)
    if tier is None:
        raise ValueError("a book that lacks a tier was passed over before")
    return tier


def _steps(
    one: Wanted, tier: Tier, amounts: LineAmounts, book: PriceBookTerms
) -> tuple[PriceStep, ...]:
    details = one.product.details
    percent = (book.taxes or {})[details.tax_class]
    how = "within the price" if book.prices_include_tax else "on top of the price"
    return (
        PriceStep(
            "unit_price",
            tier.unit_price,
            f"{one.quantity:f} reach the tier from {tier.from_quantity:f} on",
        ),
        PriceStep(
            "list_amount",
            amounts.list_amount,
            f"{one.quantity:f} times {tier.unit_price:f}, rounded to the currency's minor unit",
        ),
        PriceStep(
            "discount",
            amounts.discount,
            f"{one.discount_percent:f} % off the line, and its share of what is off the whole",
        ),
        PriceStep("net", amounts.net, "the amount without tax"),
        PriceStep("tax", amounts.tax, f"{percent:f} % of the class {details.tax_class}, {how}"),
        PriceStep("total", amounts.total, "net and tax"),
    )
