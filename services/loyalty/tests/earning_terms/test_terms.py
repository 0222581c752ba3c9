"""What rules may say: windows and caps by the calendar, and what contradicts itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.domain import Conflict, Invalid, Money
from loyalty.earning_rules.domain import EarningRule, RuleStatus
from loyalty.earning_rules.encoding import kept, terms_of
from loyalty.earning_terms.domain import (
    Basis,
    Cap,
    CapMeasure,
    CapPeriod,
    EarningTerms,
    Fixed,
    Multiplier,
    PerAmount,
    Rounding,
    Window,
    require_possible,
)
from loyalty.happenings.domain import HappeningKind

TAIPEI, NEW_YORK = ZoneInfo("Asia/Taipei"), ZoneInfo("America/New_York")
NOW = datetime(2031, 3, 5, 4, tzinfo=UTC)


def terms(**more: Any) -> EarningTerms:
    """Ten points for a delivery, unless said otherwise."""
    plain: dict[str, Any] = {
        "name": "Rule",
        "trigger": HappeningKind.ORDER_DELIVERED,
        "gives": Fixed(10),
    }
    return EarningTerms(**{**plain, **more})


@given(st.dates(date(1, 2, 1), date(9998, 12, 1)), st.sampled_from(CapPeriod))
def test_every_day_is_in_the_period_around_it_and_periods_do_not_overlap(
    day: date, period: CapPeriod
) -> None:
    first, last = period.around(day)
    assert first <= day <= last
    assert period.around(first) == period.around(last) == (first, last)
    if period is not CapPeriod.EVER:
        assert period.around(last + timedelta(days=1))[0] == last + timedelta(days=1)


def test_hours_may_go_past_midnight_and_are_those_of_the_clock_on_the_wall() -> None:
    night = Window(from_hour=22, until_hour=6)
    for hour, within in ((21, False), (22, True), (0, True), (5, True), (6, False)):
        local = datetime(2031, 3, 5, hour, tzinfo=TAIPEI)
        assert (night.refuses(local.astimezone(UTC), local) is None) is within, hour
    # On 9 March 2031 New York has no two o'clock: what is at 7:30 UTC is at 3:30 there.
    spring = datetime(2031, 3, 9, 7, 30, tzinfo=UTC)
    local = spring.astimezone(NEW_YORK)
    assert Window(from_hour=3, until_hour=4).refuses(spring, local) is None
    assert Window(from_hour=2, until_hour=3).refuses(spring, local) == "hour"


def test_a_window_takes_its_first_instant_and_not_its_last() -> None:
    window = Window(valid_from=NOW, valid_until=NOW + timedelta(hours=1), weekdays=(3,))
    local = NOW.astimezone(TAIPEI)
    assert window.refuses(NOW, local) is None
    assert window.refuses(NOW - timedelta(microseconds=1), local) == "window"
    assert window.refuses(NOW + timedelta(hours=1), local) == "window"
    assert window.refuses(NOW, local + timedelta(days=1)) == "weekday"


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        ({"name": " "}, "/name", "name_missing"),
        ({"trigger": HappeningKind.ORDER_REFUNDED}, "/trigger", "trigger_unknown"),
        ({"gives": Fixed(0)}, "/gives/points", "points_impossible"),
        ({"gives": Fixed(10**9 + 1)}, "/gives/points", "points_impossible"),
        ({"gives": Multiplier(Decimal(1))}, "/gives/factor", "factor_impossible"),
        ({"gives": Multiplier(Decimal("100.01"))}, "/gives/factor", "factor_impossible"),
        (
            {"gives": PerAmount(1, Money(Decimal(0), "TWD"))},
            "/gives/amount",
            "amount_impossible",
        ),
        (
            {"window": Window(valid_from=NOW, valid_until=NOW)},
            "/window/valid_until",
            "window_empty",
        ),
        ({"window": Window(weekdays=(1, 1))}, "/window/weekdays", "weekday_twice"),
        ({"window": Window(from_hour=1)}, "/window/until_hour", "hours_unclear"),
        ({"window": Window(from_hour=1, until_hour=1)}, "/window/until_hour", "window_empty"),
        (
            {"caps": (Cap(CapMeasure.POINTS, CapPeriod.DAY, 0),)},
            "/caps/0/limit",
            "cap_impossible",
        ),
        (
            {"caps": (Cap(CapMeasure.TIMES, CapPeriod.HAPPENING, 1),)},
            "/caps/0/measure",
            "cap_meaningless",
        ),
        ({"caps": (Cap(CapMeasure.POINTS, CapPeriod.DAY, 1),) * 2}, "/caps", "cap_twice"),
    ],
)
def test_terms_that_contradict_themselves_are_refused(
    change: dict[str, Any], place: str, code: str
) -> None:
    require_possible(terms())
    with pytest.raises(Invalid) as refusal:
        require_possible(terms(**change))
    assert [(one.pointer, one.code) for one in refusal.value.violations] == [(place, code)]


def test_terms_are_kept_as_they_are() -> None:
    amount = Money(Decimal("12.50"), "EUR")
    for gives in (
        Fixed(3),
        Multiplier(Decimal("1.5")),
        PerAmount(2, amount, Basis.NET, Rounding.LINE),
    ):
        given_terms = terms(
            gives=gives,
            condition="total > 1",
            categories=("tea",),
            skus=("A",),
            tiers=("gold",),
            window=Window(NOW, None, (6, 7), 22, 6),
            caps=(Cap(CapMeasure.TIMES, CapPeriod.WEEK, 3),),
            pending_days=14,
            priority=-2,
            group="g",
        )
        assert terms_of(kept(given_terms)) == given_terms


def rule() -> EarningRule:
    """A draft."""
    return EarningRule(
        id=uuid4(), program_id=uuid4(), terms=terms(), created_at=NOW, updated_at=NOW
    )


def test_a_rule_is_written_put_in_force_written_anew_and_put_to_rest() -> None:
    one = rule()
    one.create()
    one.activate(NOW)
    assert (one.status, one.number, one.begun_at, one.ended_at) == (
        RuleStatus.ACTIVE,
        1,
        NOW,
        None,
    )
    facts = len(one.recorded)
    one.activate(NOW)
    one.change(terms(), NOW)
    assert len(one.recorded) == facts
    one.change(terms(gives=Fixed(20)), NOW)
    assert (one.changed, one.number) == (True, 1)
    one.activate(NOW)
    assert (one.changed, one.number, one.ended_at) == (False, 2, NOW)
    one.pause(NOW)
    one.activate(NOW)
    assert one.number == 3
    one.archive(NOW)
    with pytest.raises(Conflict):
        one.activate(NOW)
    with pytest.raises(Conflict):
        one.change(terms(name="Other"), NOW)


def test_a_draft_cannot_rest() -> None:
    one = rule()
    with pytest.raises(Conflict) as refusal:
        one.pause(NOW)
    assert refusal.value.code == "earning_rule_not_active"
