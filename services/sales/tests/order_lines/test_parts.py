"""However a line is cut into deliveries, they add up to the line, to the minor unit."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.domain import Invalid
from sales.document_lines.domain import LineTerms
from sales.order_lines.domain import NewLine, OrderLine, Piece, part_of, priced, require_within

LINE = UUID(int=1)
CURRENCIES = st.sampled_from(["JPY", "TWD", "KWD"])
CUTS = st.lists(st.integers(1, 50), min_size=1, max_size=8)


def some_line(
    price: Decimal, quantity: Decimal, currency: str, discount: Decimal = Decimal(0)
) -> OrderLine:
    """A line with 5 % of tax in its price."""
    terms = LineTerms(price, quantity, discount_percent=discount, tax_percent=Decimal(5))
    new = NewLine("Beans", terms)
    return priced([new], [LINE], currency, prices_include_tax=True, discount=Decimal(0))[0]


@given(
    price=st.decimals("0.01", 10**5, places=2),
    discount=st.decimals(0, 100, places=2),
    currency=CURRENCIES,
    cuts=CUTS,
)
def test_parts_add_up_to_their_line(
    price: Decimal, discount: Decimal, currency: str, cuts: list[int]
) -> None:
    line = some_line(price, Decimal(sum(cuts)), currency, discount)
    parts, before = [], Decimal(0)
    for cut in cuts:
        parts.append(part_of(line, Piece(LINE, Decimal(cut)), before, currency))
        before += cut
    assert sum(part.net for part in parts) == line.amounts.net
    assert sum(part.total for part in parts) == line.amounts.total
    assert all(part.total >= 0 for part in parts)


@pytest.mark.parametrize(
    ("pieces", "pointer", "code"),
    [
        ([], "/lines", "lines_missing"),
        ([Piece(UUID(int=2), Decimal(1))], "/lines/0/line_id", "line_unknown"),
        ([Piece(LINE, Decimal(1)), Piece(LINE, Decimal(1))], "/lines/1/line_id", "line_repeated"),
        ([Piece(LINE, Decimal(0))], "/lines/0/quantity", "too_much"),
        ([Piece(LINE, Decimal("2.5"))], "/lines/0/quantity", "too_much"),
        ([Piece(LINE, Decimal(2), ("a",))], "/lines/0/serial_numbers", "serial_numbers_differ"),
    ],
)
def test_pieces_that_cannot_be_are_refused_where_they_stand(
    pieces: list[Piece], pointer: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        require_within(pieces, {LINE: Decimal(2)}, "too_much", "left")
    assert [(v.pointer, v.code) for v in refused.value.violations] == [(pointer, code)]
