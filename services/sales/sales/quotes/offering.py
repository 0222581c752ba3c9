"""What a quote offers: its configurations held against their rules, and priced (SA-9, SA-10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chassis.domain import Conflict, Invalid, Violation
from sales.price_books.configurations import Buyer, Choice, Configuration, check, price_for
from sales.price_books.pricing import Wanted
from sales.quote_offers.domain import Offer, QuoteItem, QuoteLine, QuoteTerms
from sales.transaction import SalesTx

_CANNOT_BE_SOLD = "Such a configuration cannot be sold."


def offer_of(tx: SalesTx, terms: QuoteTerms) -> Offer:
    """What the terms come to at the prices of today.

    Raises `Invalid` that names all that is wrong with configurations, `Conflict` without a price.
    """
    wanted: list[Wanted] = []
    items: list[int] = []
    wrong: list[Violation] = []
    for place, item in enumerate(terms.items):
        checked = list(_checked(tx, place, item))
        wrong += [one for one in checked if isinstance(one, Violation)]
        parts = [one for one in checked if isinstance(one, Wanted)]
        wanted += parts
        items += [place] * len(parts)
    if wrong:
        raise Invalid(_CANNOT_BE_SOLD, violations=tuple(wrong))
    on = tx.clock.now().date()
    buyer = Buyer(terms.currency, on, terms.person_id, terms.company_id)
    pricing = price_for(tx, wanted, buyer, terms.discount)
    lines = tuple(
        QuoteLine(
            item=place,
            option=one.wanted.option,
            product_id=one.wanted.product.id,
            sku=one.wanted.product.details.sku,
            name=one.wanted.product.details.name,
            category=one.wanted.product.details.category,
            terms=one.terms,
            amounts=one.amounts,
            steps=one.steps,
        )
        for place, one in zip(items, pricing.lines, strict=True)
    )
    return Offer(pricing.price_book_id, pricing.book.prices_include_tax, on, lines)


def require_sellable(tx: SalesTx, terms: QuoteTerms) -> None:
    """Hold what was configured once against the rules as they are now, in the rules' own words.

    Raises `Conflict` (`configuration_broken`): bundles may have changed since it was drafted.
    """
    wrong = [
        one
        for place, item in enumerate(terms.items)
        for one in _checked(tx, place, item)
        if isinstance(one, Violation)
    ]
    if wrong:
        told = " ".join(dict.fromkeys(one.message for one in wrong))
        message = f"{_CANNOT_BE_SOLD} {told} Change the quote first."
        raise Conflict(message, code="configuration_broken", violations=tuple(wrong))


def _checked(tx: SalesTx, place: int, item: QuoteItem) -> Iterator[Wanted | Violation]:
    """The products of an item with its discount, or every rule that it breaks, in its words."""
    at = f"/items/{place}"
    choices = tuple(Choice(key, pieces) for key, pieces in item.choices)
    try:
        checked = check(tx, Configuration(item.product_id, item.quantity, choices))
    except Invalid as wrong:
        for one in wrong.violations:
            yield Violation(at + one.pointer, one.code, one.message)
        return
    for broken in checked.broken:
        words = broken.message.get("en") or next(iter(broken.message.values()))
        yield Violation(f"{at}/choices", broken.code, words)
    for wanted in checked.wanted:
        yield replace(wanted, discount_percent=item.discount_percent)
