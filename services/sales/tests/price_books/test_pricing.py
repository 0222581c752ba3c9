"""What is wanted comes to the same in any order, and each line's steps lead to its total."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from sales.price_books.domain import PriceBookTerms, Tier, tier_for
from sales.price_books.pricing import Wanted, price
from sales.products.domain import ProductDetails
from sales.products.storage import Sold

TAXES = {"standard": Decimal(5), "reduced": Decimal("7.7")}
PRODUCTS = [
    Sold(UUID(int=n), ProductDetails(f"A-{n}", {"en": "A"}, tax_class=tax), active=True)
    for n, tax in enumerate(["standard", "reduced", "standard"])
]
BOOK = UUID(int=99)
PRICE = st.decimals(0, 10**6, places=3)
TIERS = st.dictionaries(st.decimals(1, 100, places=0), PRICE, min_size=1, max_size=4).map(
    lambda tiers: (
        Tier(Decimal("0.0001"), Decimal(7)),
        *(Tier(*one) for one in sorted(tiers.items())),
    )
)
WANTED = st.lists(
    st.builds(
        Wanted, product=st.sampled_from(PRODUCTS), quantity=st.decimals("0.001", 200, places=3)
    ),
    min_size=1,
    max_size=6,
)


@given(
    wanted=WANTED,
    tiers=st.lists(TIERS, min_size=3, max_size=3),
    currency=st.sampled_from(["JPY", "TWD", "KWD"]),
    inclusive=st.booleans(),
    chance=st.randoms(use_true_random=False),
)
def test_totals_add_up_for_any_order_and_steps_say_how(
    wanted: list[Wanted],
    tiers: list[tuple[Tier, ...]],
    currency: str,
    chance: Random,
    *,
    inclusive: bool,
) -> None:
    book = PriceBookTerms({"en": "B"}, currency, date.min, None, inclusive, taxes=TAXES)
    prices = {(BOOK, one.id): steps for one, steps in zip(PRODUCTS, tiers, strict=True)}
    pricing = price(wanted, [(BOOK, book)], prices)
    for line in pricing.lines:
        came_to = {step.step: step.value for step in line.steps}
        tier = max(
            (
                one
                for one in prices[BOOK, line.wanted.product.id]
                if one.from_quantity <= line.terms.quantity
            ),
            key=lambda one: one.from_quantity,
        )
        assert came_to["unit_price"] == tier.unit_price == line.terms.unit_price
        assert came_to["net"] + came_to["tax"] == came_to["total"] == line.amounts.total
    assert sum(line.amounts.total for line in pricing.lines) == pricing.amounts.total.amount
    shuffled = list(wanted)
    chance.shuffle(shuffled)
    again = price(shuffled, [(BOOK, book)], prices).amounts
    assert (again.net, again.tax, again.total) == (
        pricing.amounts.net,
        pricing.amounts.tax,
        pricing.amounts.total,
    )


@given(TIERS, st.decimals(0, 300, places=2))
def test_a_quantity_reaches_the_last_tier_that_it_is_not_below(
    tiers: tuple[Tier, ...], quantity: Decimal
) -> None:
    found = tier_for(tiers, quantity)
    for tier in tiers:
        within = tier.from_quantity <= quantity
        assert not within or (found is not None and found.from_quantity >= tier.from_quantity)
    assert found is None or found.from_quantity <= quantity
