"""Points and pieces after any history of redemptions, compared with a plain count (LO-6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.clock import MovableClock
from services.loyalty.tests.builders import Loyalty, fire, lasting_app
from services.loyalty.tests.redeeming import Shop, held

STOCK, POINTS, PRICE = 4, 500, 100

steps = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), st.integers(0, 1), st.integers(1, 3)),
        st.tuples(st.sampled_from(["collect", "cancel", "return"]), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("wait"), st.integers(1, 20), st.just(0)),
    ),
    max_size=14,
)


@dataclass
class Plain:
    """What there has to be, counted without any ledger."""

    day: int = 0
    left: int = STOCK
    has: list[list[int]] = field(default_factory=lambda: [[POINTS, 0, 0], [POINTS, 0, 0]])
    held: list[dict[str, Any]] = field(default_factory=list)

    def reserve(self, who: int, pieces: int) -> bool:
        """Hold points and pieces, if both are there."""
        points = pieces * PRICE
        if self.has[who][0] < points or self.left < pieces:
            return False
        self.left -= pieces
        self.has[who][0] -= points
        self.has[who][1] += points
        self.held.append({"who": who, "n": pieces, "state": "reserved", "until": self.day + 15})
        return True

    def end(self, verb: str, place: int) -> bool:
        """Collect, call off or return what was reserved at that place."""
        one = self.held[place]
        before = {"collect": "reserved", "cancel": "reserved", "return": "collected"}[verb]
        if one["state"] != before:
            return False
        has, points = self.has[one["who"]], one["n"] * PRICE
        if verb == "collect":
            has[1], has[2] = has[1] - points, has[2] + points
            one["state"] = "collected"
            return True
        has[0] += points
        has[1 if verb == "cancel" else 2] -= points
        self.left += one["n"]
        one["state"] = "cancelled" if verb == "cancel" else "returned"
        return True

    def wait(self, days: int) -> None:
        """Let time pass: what nobody came for is free again."""
        self.day += days
        for place, one in enumerate(self.held):
            if one["state"] == "reserved" and self.day >= one["until"]:
                self.end("cancel", place)
                one["state"] = "expired"


class Played:
    """The same history, played through the API."""

    def __init__(self, loyalty: Loyalty, clock: MovableClock) -> None:
        clock.move(datetime(2031, 1, 1, 4, tzinfo=UTC) - clock.now())
        self.loyalty, self.clock = loyalty, clock
        self.shop = Shop(loyalty, lasting_app(loyalty, clock))
        self.reward = self.shop.reward(stock=STOCK, points=PRICE)
        self.members: list[UUID] = [self.shop.rich(POINTS) for _ in range(2)]
        self.held: list[dict[str, Any]] = []

    def reserve(self, who: int, pieces: int) -> bool:
        """Ask for pieces."""
        answer = self.shop.ask(self.reward, self.members[who], quantity=pieces)
        assert answer.status_code in (201, 409), answer.text
        if answer.status_code == 201:
            self.held.append(answer.json)
        return answer.status_code == 201

    def end(self, verb: str, place: int) -> bool:
        """Collect, call off or return."""
        one = self.held[place]
        if verb == "collect":
            return self.shop.collect(one["code"]).status_code == 200
        more = {"restock": True} if verb == "return" else {}
        return self.shop.do(one, verb, reason="History", **more).status_code == 200

    def wait(self, days: int) -> None:
        """Let time pass."""
        self.clock.move(timedelta(days=days))
        fire(self.loyalty)

    def now(self) -> tuple[int, list[list[int]], list[str]]:
        """What there is."""
        balances = [list(held(self.shop.has(one))) for one in self.members]
        states = [self.shop.now(one)["state"] for one in self.held]
        return self.shop.left(self.reward)[""], balances, states


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=steps)
def test_points_and_pieces_are_where_a_plain_count_has_them(
    timed: Loyalty, clock: MovableClock, history: list[tuple[str, int, int]]
) -> None:
    played, plain = Played(timed, clock), Plain()
    for verb, number, pieces in history:
        if verb == "reserve":
            assert played.reserve(number, pieces) == plain.reserve(number, pieces)
        elif verb == "wait":
            played.wait(number)
            plain.wait(number)
        elif number < len(plain.held):
            assert played.end(verb, number) == plain.end(verb, number), verb
    assert played.now() == (plain.left, plain.has, [one["state"] for one in plain.held])
