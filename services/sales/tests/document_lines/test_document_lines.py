"""Lines come to the same in any order, and what they come to adds up to the minor unit."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.domain import Invalid
from chassis.money import minor_unit
from sales.document_lines.domain import Amounts, LineTerms, amounts_of

CURRENCIES = st.sampled_from(["JPY", "TWD", "KWD"])
PERCENTS = st.decimals(0, 100, places=2)
LINES = st.lists(
    st.builds(
        LineTerms,
        unit_price=st.decimals(0, 10**5, places=0),
        quantity=st.decimals("0.001", 1000, places=3),
        discount_percent=PERCENTS,
        tax_percent=st.sampled_from([Decimal(0), Decimal(5), Decimal(8), Decimal("19.6")]),
    ),
    min_size=1,
    max_size=8,
)


def worked_out(
    lines: list[LineTerms], currency: str, share: Decimal, *, prices_include_tax: bool
) -> Amounts:
    """What the lines come to with this percentage off the whole document."""
    undiscounted = amounts_of(lines, currency, prices_include_tax=prices_include_tax)
    due = undiscounted.list_amount.amount - undiscounted.discount.amount
    discount = (due * share / 100).quantize(Decimal(1).scaleb(-minor_unit(currency)))
    return amounts_of(
        lines, currency, prices_include_tax=prices_include_tax, discount=min(discount, due)
    )


@given(lines=LINES, currency=CURRENCIES, share=PERCENTS, inclusive=st.booleans())
def test_every_sum_is_the_sum_of_its_lines(
    lines: list[LineTerms], currency: str, share: Decimal, *, inclusive: bool
) -> None:
    amounts = worked_out(lines, currency, share, prices_include_tax=inclusive)
    for name in ("list_amount", "discount", "net", "tax", "total"):
        whole = sum(getattr(line, name) for line in amounts.lines)
        assert getattr(amounts, name).amount == whole, name
    assert amounts.net.amount + amounts.tax.amount == amounts.total.amount
    paid = amounts.list_amount.amount - amounts.discount.amount
    assert paid == (amounts.total if inclusive else amounts.net).amount


@given(
    lines=LINES,
    currency=CURRENCIES,
    share=PERCENTS,
    inclusive=st.booleans(),
    chance=st.randoms(use_true_random=False),
)
def test_the_order_of_lines_changes_no_total(
    lines: list[LineTerms], currency: str, share: Decimal, chance: Random, *, inclusive: bool
) -> None:
    amounts = worked_out(lines, currency, share, prices_include_tax=inclusive)
    shuffled = list(lines)
    chance.shuffle(shuffled)
    again = worked_out(shuffled, currency, share, prices_include_tax=inclusive)
    assert (again.total, again.tax, again.net) == (amounts.total, amounts.tax, amounts.net)
    assert sorted(map(str, again.lines)) == sorted(map(str, amounts.lines))


def test_tax_is_taken_out_of_prices_that_include_it_and_put_on_others() -> None:
    line = LineTerms(Decimal(105), Decimal(1), tax_percent=Decimal(5))
    within = amounts_of([line], "TWD", prices_include_tax=True)
    assert [f"{m.amount:f}" for m in (within.net, within.tax, within.total)] == [
        "100.00",
        "5.00",
        "105.00",
    ]
    on_top = amounts_of([line], "TWD", prices_include_tax=False)
    assert [f"{m.amount:f}" for m in (on_top.net, on_top.tax, on_top.total)] == [
        "105.00",
        "5.25",
        "110.25",
    ]


def test_the_odd_cent_goes_to_the_larger_line() -> None:
    lines = [LineTerms(Decimal(10), Decimal(1)), LineTerms(Decimal(20), Decimal(1))]
    amounts = amounts_of(lines, "JPY", prices_include_tax=False, discount=Decimal(1))
    assert [line.discount for line in amounts.lines] == [0, 1]


def test_a_discount_beyond_what_there_is_to_pay_is_refused_where_it_stands() -> None:
    line = LineTerms(Decimal(10), Decimal(1), discount_amount=Decimal(11))
    with pytest.raises(Invalid) as refused:
        amounts_of([LineTerms(Decimal(1), Decimal(1)), line], "TWD", prices_include_tax=True)
    assert [v.pointer for v in refused.value.violations] == ["/lines/1/discount"]
    with pytest.raises(Invalid) as refused:
        amounts_of(
            [LineTerms(Decimal(1), Decimal(1))],
            "TWD",
            prices_include_tax=True,
            discount=Decimal(2),
        )
    assert [v.pointer for v in refused.value.violations] == ["/discount"]
