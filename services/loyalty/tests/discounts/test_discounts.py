"""What coupons take off baskets, to the cent, without any input or output (LO-7)."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.domain import Money
from chassis.money import money
from loyalty.discounts.domain import (
    Basket,
    BasketLine,
    Benefit,
    BenefitKind,
    Conditions,
    Offered,
    Refusal,
    Stacking,
    StackingRule,
    discounts,
    go_together,
    misfit,
)

KINDS = (BenefitKind.AMOUNT_OFF, BenefitKind.PERCENT_OFF, BenefitKind.FREE_ITEM)


def line(total: str, sku: str = "BEANS", quantity: str = "1", category: str = "") -> BasketLine:
    """Something in a basket."""
    return BasketLine(sku, sku, None, category, Decimal(quantity), money(total, "TWD").amount)


def basket(*lines: BasketLine, currency: str = "TWD", channel: str = "") -> Basket:
    """A purchase."""
    return Basket(currency, lines, channel)


def offered(
    benefit: Benefit,
    asked: Conditions | None = None,
    stacking: Stacking | None = None,
    pool: int = 1,
) -> Offered:
    """A coupon."""
    return Offered(UUID(int=pool), benefit, asked or Conditions(), stacking or Stacking())


def amount(off: str, currency: str = "TWD") -> Benefit:
    """So much off."""
    return Benefit(BenefitKind.AMOUNT_OFF, amount=money(off, currency))


def percent(off: str, at_most: str | None = None) -> Benefit:
    """A percentage off."""
    most = None if at_most is None else money(at_most, "TWD")
    return Benefit(BenefitKind.PERCENT_OFF, percent=Decimal(off), amount=most)


def free(*skus: str, quantity: int = 1) -> Benefit:
    """Pieces for free."""
    return Benefit(BenefitKind.FREE_ITEM, skus=skus, quantity=quantity)


def taken(purchase: Basket, *coupons: Offered) -> list[list[str]]:
    """What each coupon takes off each line."""
    return [[str(share) for share in one.lines] for one in discounts(purchase, coupons)]


def test_an_amount_is_shared_by_the_lines_and_adds_up() -> None:
    purchase = basket(line("100"), line("100", "TEA"), line("100", "MILK"))
    assert taken(purchase, offered(amount("100"))) == [["33.34", "33.33", "33.33"]]


def test_an_amount_takes_no_more_than_there_is() -> None:
    assert taken(basket(line("150")), offered(amount("200"))) == [["150.00"]]


def test_a_percentage_is_rounded_once_and_may_have_a_most() -> None:
    purchase = basket(line("33.33"), line("33.33", "TEA"))
    assert taken(purchase, offered(percent("15"))) == [["5.00", "5.00"]]
    assert taken(purchase, offered(percent("15", at_most="7"))) == [["3.50", "3.50"]]


def test_currencies_without_cents_stay_without() -> None:
    yen = Basket(
        "JPY", [BasketLine("1", "A", None, "", Decimal(1), Decimal(n)) for n in (101, 100)]
    )
    (off,) = discounts(yen, [offered(percent("10"))])
    assert [str(one) for one in off.lines] == ["10", "10"]
    assert off.total == Money(Decimal(20), "JPY")


def test_only_what_a_coupon_is_for_gets_cheaper() -> None:
    purchase = basket(line("100", category="coffee"), line("300", "GRINDER", category="machines"))
    coffee = offered(percent("10"), Conditions(categories=("coffee",)))
    assert taken(purchase, coffee) == [["10.00", "0.00"]]
    no_machines = offered(percent("10"), Conditions(excluded_categories=("machines",)))
    assert taken(purchase, no_machines) == [["10.00", "0.00"]]
    assert misfit(offered(percent("10"), Conditions(skus=("TEA",))), purchase) == (
        Refusal.NOTHING_APPLIES
    )


def test_the_cheapest_pieces_are_free() -> None:
    purchase = basket(line("300", "A", "2"), line("80", "B"), line("50", "C"))
    assert taken(purchase, offered(free("A", "B"))) == [["0.00", "80.00", "0.00"]]
    assert taken(purchase, offered(free("A", "B", quantity=2))) == [["150.00", "80.00", "0.00"]]
    assert taken(purchase, offered(free("A", quantity=5))) == [["300.00", "0.00", "0.00"]]
    assert misfit(offered(free("D")), purchase) == Refusal.ITEM_MISSING


def test_of_less_than_a_piece_all_is_free() -> None:
    assert taken(basket(line("40", quantity="0.25")), offered(free("BEANS"))) == [["40.00"]]


def test_free_items_come_before_percentages_and_those_before_amounts() -> None:
    purchase = basket(line("100"), line("60", "TEA"))
    coupons = [offered(amount("20")), offered(percent("50")), offered(free("TEA"))]
    assert taken(purchase, *coupons) == [["20.00", "0.00"], ["50.00", "0.00"], ["0.00", "60.00"]]
    assert taken(purchase, *reversed(coupons)) == list(reversed(taken(purchase, *coupons)))


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (Conditions(minimum_spend=money("1000", "TWD")), None),
        (Conditions(minimum_spend=money("1000.01", "TWD")), Refusal.MINIMUM_MISSED),
        (Conditions(minimum_spend=money("10", "USD")), Refusal.CURRENCY_DIFFERS),
        (Conditions(channels=("web",)), Refusal.CHANNEL_DIFFERS),
        (Conditions(channels=("store", "web")), None),
        (Conditions(branches=("Xinyi",)), Refusal.BRANCH_DIFFERS),
        (
            Conditions(minimum_spend=money("500", "TWD"), categories=("tea",)),
            Refusal.MINIMUM_MISSED,
        ),
    ],
)
def test_a_purchase_has_to_be_what_a_coupon_asks_for(
    asked: Conditions, why: Refusal | None
) -> None:
    purchase = basket(line("700"), line("300", "TEA", category="tea"), channel="store")
    assert misfit(offered(percent("10"), asked), purchase) == why


def test_both_of_two_coupons_have_to_allow_the_other() -> None:
    alone = offered(percent("10"), pool=1)
    anything = offered(percent("10"), stacking=Stacking(StackingRule.WITH_ANY), pool=2)
    listed = offered(
        percent("10"), stacking=Stacking(StackingRule.WITH_LISTED, (UUID(int=2),)), pool=3
    )
    assert not go_together(anything, [alone])
    assert not go_together(alone, [anything])
    assert go_together(anything, [listed])
    assert go_together(listed, [anything])
    other = offered(percent("10"), stacking=Stacking(StackingRule.WITH_ANY), pool=4)
    assert not go_together(other, [listed])
    assert go_together(other, [anything])


def test_of_one_pool_so_many_go_together_as_it_says() -> None:
    once = offered(percent("10"))
    twice = offered(percent("10"), stacking=Stacking(most_per_basket=2))
    assert not go_together(once, [once])
    assert go_together(twice, [twice])
    assert not go_together(twice, [twice, twice])


cents = st.integers(0, 5_000_000).map(lambda n: Decimal(n).scaleb(-2))
lines = st.lists(
    st.builds(
        BasketLine,
        line_id=st.uuids().map(str),
        sku=st.sampled_from(["A", "B", "C"]),
        product_id=st.none(),
        category=st.sampled_from(["", "x", "y"]),
        quantity=st.sampled_from([Decimal(n) for n in ("0.5", "1", "2", "3.5", "7")]),
        total=cents,
    ),
    min_size=1,
    max_size=8,
)
benefits = st.one_of(
    st.builds(
        Benefit,
        kind=st.just(BenefitKind.AMOUNT_OFF),
        amount=cents.map(lambda off: Money(off, "TWD")),
    ),
    st.builds(
        Benefit,
        kind=st.just(BenefitKind.PERCENT_OFF),
        percent=st.decimals(0, 100, places=4),
        amount=st.none() | cents.map(lambda off: Money(off, "TWD")),
    ),
    st.builds(
        Benefit,
        kind=st.just(BenefitKind.FREE_ITEM),
        skus=st.sets(st.sampled_from(["A", "B", "C"])).map(tuple),
        quantity=st.integers(1, 5),
    ),
    st.just(Benefit(BenefitKind.POINTS, points=10)),
    st.just(Benefit(BenefitKind.GIFT, gift={"en": "A cup"})),
)
asked_for = st.builds(
    Conditions,
    categories=st.sets(st.sampled_from(["x", "y"])).map(tuple),
    excluded_skus=st.sets(st.sampled_from(["A", "B"])).map(tuple),
)


@given(lines, st.lists(st.tuples(benefits, asked_for), max_size=4))
def test_shares_add_up_and_nothing_falls_below_zero(
    bought: list[BasketLine], coupons: list[tuple[Benefit, Conditions]]
) -> None:
    purchase = Basket("TWD", bought)
    found = discounts(purchase, [offered(*coupon) for coupon in coupons])
    assert len(found) == len(coupons)
    for one in found:
        assert sum(one.lines) == one.total.amount
        assert all(share >= 0 and share == round(share, 2) for share in one.lines)
    for place, bought_line in enumerate(bought):
        assert sum(one.lines[place] for one in found) <= bought_line.total


@given(lines, st.lists(st.tuples(benefits, asked_for), max_size=4))
def test_the_same_kinds_in_another_order_take_off_as_much_of_other_kinds(
    bought: list[BasketLine], coupons: list[tuple[Benefit, Conditions]]
) -> None:
    one_of_each = {benefit.kind: (benefit, asked) for benefit, asked in coupons}
    purchase = Basket("TWD", bought)
    shown = [offered(*coupon) for coupon in one_of_each.values()]
    there = discounts(purchase, shown)
    back = discounts(purchase, shown[::-1])
    assert list(there) == list(back)[::-1]
