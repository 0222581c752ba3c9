"""What an order may do, without any input or output: what is refunded never passes what was paid."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.domain import Conflict, Invalid
from sales.document_lines.domain import LineTerms
from sales.order_lines.domain import NewLine, Piece, priced
from sales.orders.domain import Order, OrderStatus, OrderTerms, Refund

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def some_order(*prices: str, quantity: str = "1", currency: str = "TWD") -> Order:
    """A confirmed order with a line for each price."""
    lines = [NewLine("Beans", LineTerms(Decimal(price), Decimal(quantity))) for price in prices]
    order = Order(
        id=UUID(int=99),
        number="2026-000001",
        terms=OrderTerms(currency, person_id=UUID(int=7)),
        lines=priced(
            lines,
            [UUID(int=n + 1) for n in range(len(lines))],
            currency,
            prices_include_tax=True,
            discount=Decimal(0),
        ),
        placed_at=NOW,
        updated_at=NOW,
    )
    order.confirm(NOW)
    return order


def paid_back(order: Order, amount: Decimal, number: int) -> Refund:
    """A refund of so much, shared out to the lines."""
    return Refund(UUID(int=number), NOW, amount, order.shared_out(amount), "goodwill")


@given(
    prices=st.lists(st.integers(1, 10**6), min_size=1, max_size=6),
    refunds=st.lists(st.integers(1, 10**6), max_size=6),
)
def test_refunds_are_shared_out_and_never_pass_the_order_or_a_line(
    prices: list[int], refunds: list[int]
) -> None:
    order = some_order(*(str(Decimal(price) / 100) for price in prices))
    for number, wanted in enumerate(refunds):
        left = order.total.amount - order.refunded
        amount = min(Decimal(wanted) / 100, left)
        if amount:
            order.refund(paid_back(order, amount, number))
    assert order.refunded <= order.total.amount
    assert all(order.refundable(line) >= 0 for line in order.lines)
    left_of_lines = sum(order.refundable(line) for line in order.lines)
    assert order.total.amount - order.refunded == left_of_lines


def test_an_order_goes_from_placed_to_delivered_by_its_parts() -> None:
    order = some_order("10", quantity="2")
    assert order.status is OrderStatus.CONFIRMED
    (line,) = order.lines
    for status in (OrderStatus.PARTLY_DELIVERED, OrderStatus.DELIVERED):
        order.deliver(UUID(int=5), [Piece(line.id, Decimal(1))], NOW)
        assert order.status is status
    assert order.version == len(order.recorded)


def test_a_return_that_the_order_does_not_have_is_not_paid_back() -> None:
    order = some_order("10")
    refund = Refund(UUID(int=5), NOW, Decimal(1), {}, "goodwill", return_id=UUID(int=6))
    with pytest.raises(Invalid, match="no such return"):
        order.refund(refund)
    with pytest.raises(Invalid, match="no such return"):
        order.refundable_return(UUID(int=6))


def test_what_was_cancelled_is_neither_delivered_nor_confirmed_again() -> None:
    order = some_order("10")
    order.cancel("out_of_stock", NOW)
    recorded = len(order.recorded)
    order.cancel("out_of_stock", NOW)
    assert len(order.recorded) == recorded
    with pytest.raises(Conflict):
        order.deliver(UUID(int=5), [Piece(order.lines[0].id, Decimal(1))], NOW)
