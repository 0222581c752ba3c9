"""A discount of exactly a limit is not above it, whatever its amounts are rounded to (SA-10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from chassis.money import minor_unit
from sales.document_lines.domain import LineTerms, amounts_of
from sales.quote_offers.domain import Offer, QuoteLine
from services.sales.tests.builders import Sales, good
from services.sales.tests.catalogue import price_all, price_book, product
from services.sales.tests.quoting import APPROVAL_RULES, QUOTES, draft

CURRENCIES = st.sampled_from(["JPY", "TWD", "KWD"])
LIMITS = st.decimals(0, 99, places=4)
PRICES = st.decimals("0.0001", 10**5, places=4)
QUANTITIES = st.decimals("0.001", 1000, places=3)
HUNDREDTH = Decimal("0.01")


def offered(
    lines: Sequence[LineTerms], currency: str, discount: Decimal = Decimal(0)
) -> tuple[Offer, Decimal]:
    """An offer of these lines, and what is on its lists."""
    amounts = amounts_of(lines, currency, prices_include_tax=False, discount=discount)
    made = tuple(
        QuoteLine(
            item=place,
            option=None,
            product_id=UUID(int=place),
            sku="A",
            name={"en": "A"},
            category="",
            terms=terms,
            amounts=one,
            steps=(),
        )
        for place, (terms, one) in enumerate(zip(lines, amounts.lines, strict=True))
    )
    return Offer(UUID(int=1), False, date(2026, 1, 1), made), amounts.list_amount.amount  # noqa: FBT003


@given(price=PRICES, quantity=QUANTITIES, limit=LIMITS, currency=CURRENCIES)
@example(price=Decimal("33.3300"), quantity=Decimal(1), limit=Decimal(15), currency="TWD")
@example(price=Decimal(1), quantity=Decimal(1), limit=Decimal(50), currency="JPY")
def test_a_discount_of_exactly_the_limit_is_not_above_it_and_one_a_hundredth_larger_is(
    price: Decimal, quantity: Decimal, limit: Decimal, currency: str
) -> None:
    exact, listed = offered([LineTerms(price, quantity, limit)], currency)
    assume(listed)
    assert exact.largest_discount(Decimal(0)) <= limit
    above, _ = offered([LineTerms(price, quantity, limit + HUNDREDTH)], currency)
    assert above.largest_discount(Decimal(0)) > limit


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(
    prices=st.lists(PRICES, min_size=1, max_size=6),
    percent=st.integers(0, 100),
    currency=CURRENCIES,
)
def test_an_amount_off_the_whole_of_exactly_the_limit_is_not_above_it_on_any_line(
    prices: list[Decimal], percent: int, currency: str
) -> None:
    lines = [LineTerms(price, Decimal(1)) for price in prices]
    _, listed = offered(lines, currency)
    with_limit = listed * percent / 100
    unit = Decimal(1).scaleb(-minor_unit(currency))
    assume(listed and with_limit == with_limit.quantize(unit))
    exact, _ = offered(lines, currency, with_limit)
    assert exact.largest_discount(with_limit) <= percent
    if percent < 100:
        above, _ = offered(lines, currency, with_limit + unit)
        assert above.largest_discount(with_limit + unit) > percent


@given(own=LIMITS, parts=st.integers(1, 1000), currency=CURRENCIES)
def test_what_is_off_the_line_and_off_the_whole_counts_together(
    own: Decimal, parts: int, currency: str
) -> None:
    lines = [LineTerms(Decimal(10**6), Decimal(1), own), LineTerms(Decimal(10**6), Decimal(1))]
    before, _ = offered(lines, currency)
    due = sum((one.amounts.list_amount - one.amounts.discount for one in before.lines), Decimal(0))
    off = (due / parts).to_integral_value()
    offer, _ = offered(lines, currency, off)
    expected = 100 - (100 - own) * (1 - off / due)
    assert abs(offer.largest_discount(off) - expected) < Decimal("1e-20")
    assert offer.largest_discount(off) >= own


def test_a_quote_with_a_discount_of_exactly_the_limit_is_approved_at_once(sales: Sales) -> None:
    client = sales.app_client(sales.new_tenant())
    sold = product(client)
    price_all(client, price_book(client), sold, "33.33")  # 15 % of it is 4.9995, rounded to 5.00
    rule = {"name": {"en": "Over 15"}, "over_percent": "15", "role_id": str(UUID(int=1))}
    good(client.post(APPROVAL_RULES, rule))
    status = {}
    for percent in ("15", "15.01"):
        items = [{"product_id": sold["id"], "discount_percent": percent}]
        quote = draft(client, items=items)
        assert quote["lines"][0]["discount"] == "5.00"
        status[percent] = good(client.post(f"{QUOTES}/{quote['id']}/submit"))["status"]
    assert status == {"15": "approved", "15.01": "in_approval"}
