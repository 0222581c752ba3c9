"""A peer that hangs cannot have everybody wait, and a quick one is never in anybody's way."""

from __future__ import annotations

from contacts.customer_view.bulkhead import Bulkhead


class Hands:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_while_answers_are_quick_any_number_may_wait() -> None:
    hands = Hands()
    bulkhead = Bulkhead(2, 0.25, hands)
    assert None not in [bulkhead.enter() for _ in range(50)]


def test_as_soon_as_one_has_waited_long_no_more_than_so_many_wait() -> None:
    hands = Hands()
    bulkhead = Bulkhead(2, 0.25, hands)
    first, second = bulkhead.enter(), bulkhead.enter()
    assert first is not None
    assert second is not None
    hands.at = 0.3
    assert bulkhead.enter() is None
    bulkhead.leave(first)
    third = bulkhead.enter()
    assert third is not None
    assert bulkhead.enter() is None


def test_whoever_has_left_twice_counts_once() -> None:
    hands = Hands()
    bulkhead = Bulkhead(1, 0.25, hands)
    number = bulkhead.enter()
    assert number is not None
    bulkhead.leave(number)
    bulkhead.leave(number)
    assert bulkhead.enter() is not None
    hands.at = 1
    assert bulkhead.enter() is None
