"""Debts of lots are made up for by lots with points, in few steps however many lots there are (LO-2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from loyalty.ledger.domain import Account, Lot
from loyalty.ledger.moves import Moves

EARNED = datetime(2031, 3, 5, tzinfo=UTC)
MANY = 500


class Looking(Moves):
    """Counts how often it looks at what a lot holds."""

    looks = 0

    def held(self, lot_id: UUID, account: Account) -> int:
        """The same, and counted."""
        self.looks += 1
        return super().held(lot_id, account)


def lots(available: Sequence[int]) -> list[Lot]:
    """Lots of one member with so many points each, below zero where they are owed."""
    return [
        Lot(UUID(int=n), UUID(int=n), UUID(int=n), EARNED + timedelta(n), None, None, available=has)
        for n, has in enumerate(available)
    ]


def settled(moves: Moves) -> list[int]:
    """What each lot has then."""
    moves.settle()
    return [lot.available for lot in moves.after()]


def plainly(available: Sequence[int]) -> list[int]:
    """The same point by point: the oldest with points makes up for the oldest that owes."""
    has = list(available)
    while min(has, default=0) < 0 < max(has):
        has[next(n for n, one in enumerate(has) if one > 0)] -= 1
        has[next(n for n, one in enumerate(has) if one < 0)] += 1
    return has


@given(st.lists(st.integers(-9, 9), max_size=12))
def test_the_oldest_make_up_for_the_oldest_until_one_kind_is_gone(available: list[int]) -> None:
    moves = Moves(lots(available))
    assert settled(moves) == plainly(available)
    assert sum(entry.points for entry in moves.entries()) == 0


def test_where_nothing_is_owed_nothing_is_looked_for() -> None:
    moves = Looking(lots([5] * MANY))
    moves.settle()
    assert (moves.looks, list(moves.entries())) == (0, [])


def test_each_lot_is_looked_at_a_few_times_however_many_owe() -> None:
    moves = Looking(lots([-3, 2] * MANY))
    moves.settle()
    assert moves.looks <= 10 * MANY
