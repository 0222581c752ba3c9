"""Random histories of points, compared step by step with a plain model (LO-2, LO-4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.clock import MovableClock
from chassis.domain import Conflict
from loyalty.ledger.domain import Posting
from loyalty.ledger.recount import recount
from loyalty.programs.domain import ExpiryKind, ExpiryPolicy
from services.loyalty.tests.builders import Loyalty, lasting_app
from services.loyalty.tests.ledger.model import Model, Refused
from services.loyalty.tests.ledgering import Points

TAIPEI = ZoneInfo("Asia/Taipei")
NEVER = ExpiryPolicy()
BY_AGE = ExpiryPolicy(ExpiryKind.AFTER_MONTHS, months=1)
IDLE = ExpiryPolicy(ExpiryKind.INACTIVITY, months=1)
ACTS = ("earn", "earn", "earn_later", "spend", "reserve", "redeem", "cancel", "reverse", "restore")
STEPS = st.lists(
    st.tuples(st.sampled_from([*ACTS, "again", "wait"]), st.integers(0, 9), st.integers(1, 150)),
    min_size=5,
    max_size=40,
)


class History:
    """One member, whose points are moved in the ledger and in the model alike."""

    def __init__(self, points: Points, model: Model, clock: MovableClock) -> None:
        self.points, self.model, self.clock = points, model, clock
        self.member: UUID = points.member()
        self.done: list[tuple[str, tuple[object, ...], Posting]] = []
        self.keys: dict[str, list[str]] = {"earn": [], "reserve": [], "spend": []}

    def step(self, act: str, which: int, amount: int) -> None:
        """Take one step in both, and see that both agree."""
        if act == "wait":
            self.clock.move(timedelta(hours=amount * 4))
        elif act == "again":
            self._again(which)
        else:
            self.model.pass_time(self.clock.now())
            key = f"{act}-{len(self.done)}"
            getattr(self, f"_{act}")(key, which, amount)
        self.model.pass_time(self.clock.now())
        self.agree()

    def agree(self) -> None:
        """Both have the same points in the same accounts."""
        has = self.points.has(self.member)
        expected = self.model.sums()
        assert {name: getattr(has, name) for name in expected} == expected
        assert has.issued == -sum(expected.values())

    def _earn(self, key: str, _which: int, amount: int) -> None:
        self.model.earn(self.clock.now(), key, amount, None)
        self._both("earn", key, self.member, amount, key)

    def _earn_later(self, key: str, which: int, amount: int) -> None:
        until = self.clock.now() + timedelta(days=which + 1)
        self.model.earn(self.clock.now(), key, amount, until)
        posting = self.points.earn(self.member, amount, key, pending_until=until)
        self.keys["earn"].append(key)
        self.done.append(("earn", (self.member, amount, key), posting))

    def _spend(self, key: str, _which: int, amount: int) -> None:
        self._use("spend", key, amount, "redeemed")

    def _reserve(self, key: str, _which: int, amount: int) -> None:
        self._use("reserve", key, amount, "reserved")

    def _use(self, act: str, key: str, amount: int, account: str) -> None:
        try:
            self.model.use(self.clock.now(), key, amount, account)
        except Refused:
            with pytest.raises(Conflict):
                getattr(self.points, act)(self.member, amount, key)
        else:
            self._both(act, key, self.member, amount, key)

    def _redeem(self, key: str, which: int, _amount: int) -> None:
        self._end("redeem", key, which)

    def _cancel(self, key: str, which: int, _amount: int) -> None:
        self._end("cancel", key, which)

    def _end(self, act: str, key: str, which: int) -> None:
        if (reservation := self._pick("reserve", which)) is None:
            return
        try:
            if act == "redeem":
                self.model.redeem(self.clock.now(), reservation, key)
            else:
                self.model.cancel(self.clock.now(), reservation)
        except Refused:
            with pytest.raises(Conflict):
                getattr(self.points, act)(self.member, reservation, key)
        else:
            self._both(act, key, self.member, reservation, key)

    def _reverse(self, key: str, which: int, amount: int) -> None:
        if (earning := self._pick("earn", which)) is not None:
            part = None if amount > 120 else amount
            short, dealt = self.model.short, self.model.reverse(earning, part)
            posting = self._both("reverse", key, self.member, earning, key, part)
            assert (posting.points, posting.short) == (dealt, self.model.short - short)

    def _restore(self, key: str, which: int, amount: int) -> None:
        if (redemption := self._pick("spend", which)) is not None:
            part = None if amount > 120 else amount
            given_back = self.model.restore(self.clock.now(), redemption, part)
            posting = self._both("restore", key, self.member, redemption, key, part)
            assert posting.points == given_back

    def _again(self, which: int) -> None:
        """The same cause once more moves nothing, whatever has happened since."""
        if self.done:
            act, asked, before = self.done[which % len(self.done)]
            posting: Posting = getattr(self.points, act)(*asked)
            assert not posting.is_new
            assert (posting.id, posting.points, posting.short, posting.expired) == (
                before.id,
                before.points,
                before.short,
                before.expired,
            )

    def _both(self, act: str, key: str, *asked: object) -> Posting:
        posting: Posting = getattr(self.points, act)(*asked)
        assert posting.is_new
        self.done.append((act, asked, posting))
        self.keys["spend" if act == "redeem" else act] = [
            *self.keys.get("spend" if act == "redeem" else act, []),
            key,
        ]
        return posting

    def _pick(self, kind: str, which: int) -> str | None:
        keys = self.keys[kind]
        return keys[which % len(keys)] if keys else None


@pytest.mark.parametrize("when_spent", ["owe", "write_off"])
@pytest.mark.parametrize("expiry", [NEVER, BY_AGE, IDLE], ids=["for good", "by age", "idle"])
def test_any_history_moves_points_as_the_model_says(
    timed: Loyalty, clock: MovableClock, expiry: ExpiryPolicy, when_spent: str
) -> None:
    policies: dict[str, dict[str, Any]] = {
        "expiry": {"kind": expiry.kind, "months": expiry.months},
        "refunds": {"when_spent": when_spent},
    }
    points = Points(timed, lasting_app(timed, clock), **policies)

    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(steps=STEPS)
    def check(steps: list[tuple[str, int, int]]) -> None:
        history = History(points, Model(expiry, TAIPEI, owe=when_spent == "owe"), clock)
        for step in steps:
            history.step(*step)

    check()
    found = points.read(recount)
    assert found["is_right"], found["differences"]
