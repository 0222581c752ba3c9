"""Limits on earning count what is told of within how long, whatever dates it bears (LO-13)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from chassis.clock import MovableClock
from services.loyalty.tests.builders import Loyalty, good
from services.loyalty.tests.gaining import VELOCITY, Gaining, fixed

EARNED_TWICE = ["blocked", "blocked", "earned", "earned"]


@pytest.fixture
def gaining(timed: Loyalty, clock: MovableClock) -> Gaining:
    """A program in which a member earns twice an hour, by a clock that the test moves."""
    made = Gaining(timed, clock)
    made.rule(fixed(10))
    body = {"program_id": made.program["id"], "name": "Twice an hour", "act": "earning", "most": 2}
    good(made.app.post(VELOCITY, {**body, "window_minutes": 60, "response": "block"}))
    return made


@pytest.fixture
def person(gaining: Gaining) -> UUID:
    """Who has been a member for two hundred days."""
    somebody = gaining.person()
    gaining.later(days=200)
    return somebody


def outcomes(gaining: Gaining, person: UUID, *days_ago: int) -> list[str]:
    """What becomes of purchases of some days ago that are told of one after the other."""
    for days in days_ago:
        at = gaining.clock.now() - timedelta(days=days)
        gaining.buy(person, ("coffee", "1"), at=at)
    return sorted(one["outcome"] for one in gaining.earnings(person))


@pytest.mark.parametrize(
    "days_ago",
    [(4, 3, 2, 1), (1, 2, 3, 4), (150, 140, 130, 120), (0, 150, 1, 100)],
    ids=["in order", "the latest first", "beyond every window", "mixed"],
)
def test_older_dates_and_other_orders_get_round_no_limit(
    gaining: Gaining, person: UUID, days_ago: tuple[int, ...]
) -> None:
    assert outcomes(gaining, person, *days_ago) == EARNED_TWICE
    assert gaining.free(person) == 20


def test_the_window_moves_on_from_when_it_was_told(gaining: Gaining, person: UUID) -> None:
    assert outcomes(gaining, person, 9, 8, 7, 6) == EARNED_TWICE
    gaining.later(minutes=61)
    assert outcomes(gaining, person, 5) == [*EARNED_TWICE, "earned"]


def test_told_at_once_with_dates_apart_no_more_than_the_limit_earn(
    gaining: Gaining, person: UUID
) -> None:
    now = gaining.clock.now()
    bought = [
        gaining.bought(person, ("coffee", "1"), at=now - timedelta(days=days)) for days in range(6)
    ]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(gaining.tell, bought))
    assert gaining.free(person) == 20
