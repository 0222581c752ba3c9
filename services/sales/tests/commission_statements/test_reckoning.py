"""How commissions are reckoned: lines that add up, in any order, and corrections that make up (SA-14)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.commission_plans.domain import EarningTerms, Tier, TierMethod
from sales.commission_statements.domain import LineKind, Reckoning, corrections, reckoned
from sales.periods.domain import Period
from sales.sales_credits.domain import Basis, Credit, Source, added_up

JANUARY = Period.parse("2031-01")


def D(text: str) -> Decimal:  # noqa: N802 - as short as a literal
    return Decimal(text)


def credit(number: int, amount: Decimal, category: str = "", day: int = 1) -> Credit:
    """A credit for a deal of its own."""
    on = date(2031, 1, day)
    return Credit(Source.OPPORTUNITY, UUID(int=number), category, on, amount)


def terms(*tiers: tuple[str, str], rate: str = "10", **more: object) -> EarningTerms:
    """Terms with these tiers."""
    made = tuple(Tier(D(since), D(times)) for since, times in tiers or (("0", "1"),))
    return EarningTerms(basis=Basis.DELIVERED, rate=D(rate), tiers=made, **more)  # type: ignore[arg-type]


def amounts(by: EarningTerms, quota: str | None, *given: str, currency: str = "TWD") -> list[str]:
    """What the lines of deals of these amounts come to, one on each day."""
    reckoning = Reckoning(JANUARY, by, None if quota is None else D(quota), JANUARY)
    deals = [credit(n, D(amount), day=n) for n, amount in enumerate(given, 1)]
    lines = reckoned(reckoning, {}, deals, LineKind.CREDIT, currency)
    return [f"{line.amount:f}" for line in lines]


ACCELERATED = (("0", "1"), ("100", "1.5"))


@pytest.mark.parametrize(
    ("by", "quota", "deals", "expected"),
    [
        (terms(), None, ("100", "50"), ["10.00", "5.00"]),
        # The second deal lies half below the quota and half above it.
        (terms(*ACCELERATED), "150", ("100", "100"), ["10.00", "12.50"]),
        (
            terms(*ACCELERATED, method=TierMethod.RETROACTIVE),
            "150",
            ("100", "50", "50"),
            ["10.00", "12.50", "7.50"],
        ),
        # Below the threshold nothing is earned; what was missed is made up for when it is reached.
        (
            terms(("0", "0"), ("80", "1"), method=TierMethod.RETROACTIVE),
            "100",
            ("50", "29.99", "0.01"),
            ["0.00", "0.00", "8.00"],
        ),
        (terms(("0", "0"), ("80", "1")), "100", ("50", "50"), ["0.00", "2.00"]),
        # Without a quota the first tier holds.
        (terms(*ACCELERATED), None, ("1000",), ["100.00"]),
        # A third of a cent at a time: none is lost.
        (terms(rate="33.3333"), None, ("0.01", "0.01", "0.01"), ["0.00", "0.01", "0.00"]),
        (terms(), None, ("-0.05",), ["-0.01"]),
    ],
)
def test_tiers_and_rounding_by_hand(
    by: EarningTerms, quota: str | None, deals: Sequence[str], expected: list[str]
) -> None:
    assert amounts(by, quota, *deals) == expected


def test_a_currency_without_minor_unit_is_paid_in_whole_units() -> None:
    assert amounts(terms(rate="5"), None, "10", "10", "10", currency="JPY") == ["1", "0", "1"]


def test_a_category_has_a_rate_of_its_own() -> None:
    by = terms(rate="10", category_rates={"beans": D("2")})
    reckoning = Reckoning(JANUARY, by, None, JANUARY)
    deals = [credit(1, D("100"), "beans"), credit(1, D("100"), "mills")]
    lines = reckoned(reckoning, {}, deals, LineKind.CREDIT, "TWD")
    assert [(line.rate, line.amount) for line in lines] == [
        (D("2"), D("2.00")),
        (D("10"), D("10.00")),
    ]


cents = st.integers(-(10**9), 10**9).map(lambda n: Decimal(n).scaleb(-2))
categories = st.sampled_from(["", "beans", "mills"])
deals = st.lists(
    st.builds(credit, st.integers(0, 20), cents, categories, st.integers(1, 31)), max_size=12
)
percentages = st.integers(0, 10**6).map(lambda n: Decimal(n).scaleb(-4))
multipliers = st.integers(0, 10**5).map(lambda n: Decimal(n).scaleb(-4))


@st.composite
def any_terms(draw: st.DrawFn) -> EarningTerms:
    """Terms with any tiers, of either method."""
    above = sorted(draw(st.sets(st.integers(1, 300), max_size=4)))
    return EarningTerms(
        basis=Basis.DELIVERED,
        rate=draw(percentages),
        category_rates={"beans": draw(percentages)},
        tiers=tuple(Tier(Decimal(since), draw(multipliers)) for since in (0, *above)),
        method=draw(st.sampled_from(TierMethod)),
    )


quotas = st.none() | st.integers(1, 10**9).map(lambda n: Decimal(n).scaleb(-2))


def exact(by: EarningTerms, quota: Decimal | None, given: Sequence[Credit]) -> Fraction:
    """The commission on all the deals at once, before it is rounded."""
    sums: dict[str, Decimal] = {}
    for one in given:
        sums[one.category] = sums.get(one.category, Decimal(0)) + one.amount
    return by.earned(quota, sums)


@given(any_terms(), quotas, deals)
def test_lines_add_up_to_the_commission_to_the_last_cent(
    by: EarningTerms, quota: Decimal | None, given_deals: list[Credit]
) -> None:
    reckoning = Reckoning(JANUARY, by, quota, JANUARY)
    lines = reckoned(reckoning, {}, given_deals, LineKind.CREDIT, "TWD")
    total = sum((line.amount for line in lines), Decimal(0))
    assert len(lines) == len(given_deals)
    assert abs(Fraction(total) - exact(by, quota, given_deals)) <= Fraction(1, 200)
    assert all(line.amount == line.amount.quantize(D("0.01")) for line in lines)


@given(any_terms(), quotas, deals, st.randoms(use_true_random=False), cents)
def test_neither_the_order_nor_the_splitting_of_deals_changes_the_total(
    by: EarningTerms,
    quota: Decimal | None,
    given_deals: list[Credit],
    chance: Random,
    part: Decimal,
) -> None:
    reckoning = Reckoning(JANUARY, by, quota, JANUARY)

    def total(some: Sequence[Credit]) -> Decimal:
        lines = reckoned(reckoning, {}, some, LineKind.CREDIT, "TWD")
        return sum((line.amount for line in lines), Decimal(0))

    shuffled = [
        Credit(one.source, one.source_id, one.category, date(2031, 1, chance.randint(1, 31)), a)
        for one in given_deals
        for a in (part, one.amount - part)
    ]
    chance.shuffle(shuffled)
    assert total(shuffled) == total(given_deals)


@given(any_terms(), quotas, deals, st.lists(deals, max_size=3))
def test_corrections_make_up_for_whatever_changes_after_closing(
    by: EarningTerms, quota: Decimal | None, closed: list[Credit], histories: list[list[Credit]]
) -> None:
    reckoning = Reckoning(JANUARY, by, quota, JANUARY)
    paid = list(reckoned(reckoning, {}, added_up(closed).values(), LineKind.CREDIT, "TWD"))
    for actual in histories:
        settled = added_up([line.credit for line in paid])
        paid += corrections(reckoning, settled, added_up(actual), "TWD")
        # All that was paid is what a statement of what is true now would say.
        anew = reckoned(reckoning, {}, added_up(actual).values(), LineKind.CREDIT, "TWD")
        assert sum(line.amount for line in paid) == sum(line.amount for line in anew)
        # Once that is settled, there is nothing to correct any more.
        settled = added_up([line.credit for line in paid])
        assert corrections(reckoning, settled, added_up(actual), "TWD") == []
