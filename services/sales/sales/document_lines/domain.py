"""What the lines of a quote or an order come to: discounts, taxes and totals, to the minor unit.

Each line is rounded by itself, and totals are sums of rounded lines, so the same lines give the same
totals in any order. With prices that include tax, the tax is taken out of the line's total; without,
it is put on top. A discount on the whole document is shared out to its lines by what they come to,
so that each line knows what was really paid for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from chassis.domain import Invalid, Money, Violation
from chassis.money import EXACT, LARGEST, apportioned, rounded, total

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class LineTerms:
    """What is agreed about a line.

    `discount_percent` and `tax_percent` are from 0 to 100; `discount_amount` is taken off the whole
    line, after the percentage.
    """

    unit_price: Decimal
    quantity: Decimal
    discount_percent: Decimal = Decimal(0)
    discount_amount: Decimal = Decimal(0)
    tax_percent: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """What a line comes to: `net` + `tax` is `total`; all discounts are off."""

    list_amount: Decimal
    """Price times quantity."""
    discount: Decimal
    """All that was taken off `list_amount`, the line's share of the document's discount included."""
    net: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a document comes to: the sums of its lines."""

    lines: tuple[LineAmounts, ...]
    list_amount: Money
    discount: Money
    net: Money
    tax: Money
    total: Money


def amounts_of(
    lines: Sequence[LineTerms],
    currency: str,
    *,
    prices_include_tax: bool,
    discount: Decimal = Decimal(0),
) -> Amounts:
    """What the lines come to, with `discount` off the whole of them.

    Raises `Invalid` for a discount that is larger than what there is to pay, and for lines that come
    to more than any amount may.
    """
    listed = [rounded(_product(one.unit_price, one.quantity), currency) for one in lines]
    _require_possible(listed)
    before = [
        _less_own_discount(one, lst, currency) for one, lst in zip(lines, listed, strict=True)
    ]
    _require_discounts(lines, before, discount)
    shares = _shares(lines, before, Money(discount, currency))
    computed = tuple(
        _line(one, lst, due - share, currency, prices_include_tax=prices_include_tax)
        for one, lst, due, share in zip(lines, listed, before, shares, strict=True)
    )
    _require_possible([line.total for line in computed])
    return Amounts(
        lines=computed,
        list_amount=total([line.list_amount for line in computed], currency),
        discount=total([line.discount for line in computed], currency),
        net=total([line.net for line in computed], currency),
        tax=total([line.tax for line in computed], currency),
        total=total([line.total for line in computed], currency),
    )


def _require_possible(amounts: Sequence[Decimal]) -> None:
    """What lines come to stays below what any amount may be, each and together. Raises `Invalid`."""
    message = f"This comes to more than any amount may: {LARGEST:f}."
    wrong = [
        Violation(f"/lines/{place}", "amount_too_large", message)
        for place, amount in enumerate(amounts)
        if amount >= LARGEST
    ]
    if not wrong and sum(amounts) >= LARGEST:
        wrong = [Violation("/lines", "amount_too_large", message)]
    if wrong:
        raise Invalid(message, violations=tuple(wrong))


def _product(left: Decimal, right: Decimal) -> Decimal:
    return EXACT.multiply(left, right)


def _less_own_discount(terms: LineTerms, listed: Decimal, currency: str) -> Decimal:
    with localcontext(EXACT):
        percent = rounded(listed * terms.discount_percent / _HUNDRED, currency)
        return listed - percent - terms.discount_amount


def _require_discounts(
    lines: Sequence[LineTerms], before: Sequence[Decimal], discount: Decimal
) -> None:
    message = "The discount is larger than what there is to pay."
    wrong = [
        Violation(f"/lines/{place}/discount", "discount_too_large", message)
        for place, (_, due) in enumerate(zip(lines, before, strict=True))
        if due < 0
    ]
    if not wrong and discount > sum(before):
        wrong = [Violation("/discount", "discount_too_large", message)]
    if wrong:
        raise Invalid(message, violations=tuple(wrong))


def _shares(
    lines: Sequence[LineTerms], before: Sequence[Decimal], discount: Money
) -> Sequence[Decimal]:
    """Each line's share of the document's discount.

    Lines are taken in an order that their own terms give: who gets the odd cent must not depend on
    where a line stands, since lines may be taxed differently.
    """
    if not discount.amount:
        return [Decimal(0)] * len(lines)
    order = sorted(range(len(lines)), key=lambda n: (before[n], _terms_key(lines[n])), reverse=True)
    given = apportioned(discount, [before[place] for place in order])
    shares = dict(zip(order, given, strict=True))
    return [shares[place] for place in range(len(lines))]


def _terms_key(terms: LineTerms) -> tuple[Decimal, ...]:
    return (
        terms.tax_percent,
        terms.unit_price,
        terms.quantity,
        terms.discount_percent,
        terms.discount_amount,
    )


def _line(
    terms: LineTerms, listed: Decimal, due: Decimal, currency: str, *, prices_include_tax: bool
) -> LineAmounts:
    with localcontext(EXACT):
        if prices_include_tax:
            net = rounded(due * _HUNDRED / (_HUNDRED + terms.tax_percent), currency)
            tax = due - net
        else:
            net = due
            tax = rounded(due * terms.tax_percent / _HUNDRED, currency)
        return LineAmounts(listed, listed - due, net, tax, net + tax)
