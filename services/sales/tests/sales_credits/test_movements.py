"""What orders are credited with: net, as it is delivered, and less what is paid back (SA-14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from sales.document_lines.domain import LineTerms
from sales.order_lines.domain import NewLine, Piece, priced
from sales.orders.domain import Order, OrderTerms, Refund
from sales.sales_credits.domain import Credit, Source, added_up, movements_of

DAY = datetime(2031, 1, 1, tzinfo=UTC)


def ordered(*prices: int, quantity: int = 1, tax: str = "5") -> Order:
    """A confirmed order with a line for each price in cents; a category for each line."""
    lines = [
        NewLine(
            "Beans",
            LineTerms(Decimal(price).scaleb(-2), Decimal(quantity), tax_percent=Decimal(tax)),
            category=f"c{number}",
        )
        for number, price in enumerate(prices)
    ]
    order = Order(
        id=UUID(int=99),
        number="2031-000001",
        terms=OrderTerms("TWD", person_id=UUID(int=7)),
        lines=priced(
            lines,
            [UUID(int=n + 1) for n in range(len(lines))],
            "TWD",
            prices_include_tax=True,
            discount=Decimal(0),
        ),
        placed_at=DAY,
        updated_at=DAY,
    )
    order.confirm(DAY)
    return order


def deliver(order: Order, quantity: int, after: int) -> None:
    """So many of each line are handed over, so many days later."""
    pieces = [Piece(line.id, Decimal(quantity)) for line in order.lines]
    order.deliver(UUID(int=1000 + after), pieces, DAY + timedelta(days=after))


def pay_back(order: Order, cents: int, after: int) -> None:
    """So much is paid back, so many days later, or what is left of it."""
    amount = min(Decimal(cents).scaleb(-2), order.total.amount - order.refunded)
    if amount:
        shares = order.shared_out(amount)
        at = DAY + timedelta(days=after)
        order.refund(Refund(UUID(int=2000 + after), at, amount, shares, "late"))


def credited(order: Order) -> list[tuple[int, str, str]]:
    """The movements of an order: after how many days, of which category, how much."""
    return [((one.at - DAY).days, one.category, f"{one.amount:f}") for one in movements_of(order)]


def test_what_is_delivered_is_credited_net_and_what_is_paid_back_is_off_the_last() -> None:
    order = ordered(10500, 21000, quantity=2)
    assert credited(order) == []
    deliver(order, 1, 3)
    deliver(order, 1, 8)
    both = [(3, "c0", "100.00"), (3, "c1", "200.00"), (8, "c0", "100.00"), (8, "c1", "200.00")]
    assert credited(order) == both
    pay_back(order, 6300, 9)
    assert credited(order) == [*both[:2], (8, "c0", "80.00"), (8, "c1", "160.00")]
    pay_back(order, 31500, 20)
    assert credited(order) == [(3, "c0", "80.00"), (3, "c1", "160.00")]


def test_what_is_paid_back_before_it_is_delivered_is_never_less_than_nothing() -> None:
    order = ordered(10500, quantity=2)
    pay_back(order, 10500, 1)
    assert credited(order) == []
    deliver(order, 1, 2)
    assert credited(order) == [(2, "c0", "100.00")]
    deliver(order, 1, 5)
    assert credited(order) == [(2, "c0", "100.00")]


def test_what_is_paid_back_for_goods_that_never_came_leaves_the_credit_for_those_that_did() -> None:
    order = ordered(10500, quantity=2)
    deliver(order, 1, 3)
    pay_back(order, 10500, 5)
    assert credited(order) == [(3, "c0", "100.00")]
    piece = Piece(order.lines[0].id, Decimal(1))
    order.take_back(UUID(int=3000), [piece], "broken", DAY + timedelta(days=6))
    back = order.refundable_return(UUID(int=3000))
    at = DAY + timedelta(days=7)
    order.refund(Refund(UUID(int=4000), at, Decimal(105), back, "broken", UUID(int=3000)))
    assert credited(order) == []


@given(
    prices=st.lists(st.integers(0, 10**6), min_size=1, max_size=4),
    tax=st.sampled_from(["0", "5", "7.7", "20"]),
    parts=st.lists(st.integers(1, 3), min_size=1, max_size=3),
    refunds=st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 9)), max_size=4),
)
def test_movements_add_up_to_what_is_left_of_the_order_however_it_is_cut(
    prices: list[int], tax: str, parts: list[int], refunds: list[tuple[int, int]]
) -> None:
    order = ordered(*prices, quantity=sum(parts), tax=tax)
    for day, part in enumerate(parts):
        deliver(order, part, day)
    net = sum(line.amounts.net for line in order.lines)
    assert sum(one.amount for one in movements_of(order)) == net
    for place, (cents, after) in enumerate(refunds):
        pay_back(order, cents, 10 * place + after)
    moved = movements_of(order)
    assert all(one.amount > 0 for one in moved)
    assert sum(one.amount for one in moved) <= net
    if order.refunded == order.total.amount:
        assert sum(one.amount for one in moved) == 0
    times = [one.at for one in moved]
    assert times == sorted(times)


def test_credits_of_a_deal_and_category_are_one_and_those_of_nothing_none() -> None:
    day = DAY.date()
    one, other = (UUID(int=n) for n in (1, 2))
    given_credits = [
        Credit(Source.ORDER, one, "beans", day, Decimal("1.00")),
        Credit(Source.ORDER, one, "mills", day, Decimal("5.00")),
        Credit(Source.ORDER, one, "beans", day + timedelta(days=2), Decimal("2.00")),
        Credit(Source.ORDER, other, "beans", day, Decimal("4.00")),
        Credit(Source.ORDER, other, "beans", day, Decimal("-4.00")),
    ]
    found = added_up(given_credits)
    assert {key[1:]: (credit.on, credit.amount) for key, credit in found.items()} == {
        (one, "beans"): (day + timedelta(days=2), Decimal("3.00")),
        (one, "mills"): (day, Decimal("5.00")),
    }
