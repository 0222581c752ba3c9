"""When customers drift, are lost and come back, against the definition asked at single moments."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.domain import Invalid, Money
from loyalty.acts.domain import Act
from loyalty.happenings.domain import HappeningKind
from loyalty.retention.calendar import Length, periods_of
from loyalty.retention.domain import CustomerState, Rules, Sign, Timing, ValueBand
from loyalty.retention.evaluation import next_evaluation
from loyalty.retention.life import Course, life_of, state_of, timing_of, value_band_of
from loyalty.retention.rhythm import (
    CycleSource,
    Estimate,
    Purchase,
    cycle_of,
    main_category,
    rhythms_of,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
TAIPEI = ZoneInfo("Asia/Taipei")
LAPSE, DRIFT = timedelta(days=90), timedelta(days=45)


def bought(day: float, amount: str = "100", *categories: str) -> Purchase:
    at = START + timedelta(days=day)
    return Purchase(at, Decimal(amount), "TWD", frozenset(categories))


def signed(day: float, weight: str) -> tuple[datetime, Decimal]:
    return START + timedelta(days=day), Decimal(weight)


days = st.integers(0, 1500)
purchases = st.lists(days, min_size=1, max_size=12).map(lambda found: [bought(d) for d in found])
signs = st.lists(st.tuples(days, st.sampled_from(("0.2", "0.5", "1"))), max_size=12).map(
    lambda found: [signed(day, weight) for day, weight in found]
)


def clock_at(
    at: datetime, done: list[Purchase], seen: list[tuple[datetime, Decimal]]
) -> datetime | None:
    """From where the clock runs at a time, by the definition; None for somebody who has not bought."""
    made = [one.at for one in done if one.at <= at]
    if not made:
        return None
    last = max(made)
    ahead = [last + (when - last) * float(w) for when, w in seen if last <= when <= at]
    return max([last, *ahead])


@given(purchases, signs, days)
def test_somebody_is_a_customer_exactly_when_the_definition_says_so(
    done: list[Purchase], seen: list[tuple[datetime, Decimal]], day: int
) -> None:
    at = START + timedelta(days=day, minutes=1)
    clock = clock_at(at, done, seen)
    life = life_of(done, seen, LAPSE)
    is_one = any(spell.began_at <= at < spell.ends_at for spell in life.spells)
    assert is_one == (clock is not None and at < clock + LAPSE)


@given(purchases, signs, st.randoms(use_true_random=False))
def test_the_order_in_which_it_is_told_makes_no_difference_and_spells_never_overlap(
    done: list[Purchase], seen: list[tuple[datetime, Decimal]], chance: random.Random
) -> None:
    life = life_of(done, seen, LAPSE)
    chance.shuffle(done)
    chance.shuffle(seen)
    assert life_of(done, seen, LAPSE) == life
    ends = [spell.ends_at for spell in life.spells]
    begins = [spell.began_at for spell in life.spells]
    assert all(end <= begin for end, begin in zip(ends, begins[1:], strict=False))
    assert begins[0] == min(one.at for one in done)


@given(purchases, signs, days)
def test_another_purchase_never_makes_anybody_lost_at_any_time(
    done: list[Purchase], seen: list[tuple[datetime, Decimal]], day: int
) -> None:
    before = life_of(done, [], LAPSE)
    after = life_of([*done, bought(day)], [], LAPSE)
    for spell in before.spells:
        assert any(
            one.began_at <= spell.began_at and spell.ends_at <= one.ends_at for one in after.spells
        )
    del seen


@given(purchases, signs)
def test_what_is_walked_act_by_act_is_the_life_of_all_acts_together(
    done: list[Purchase], seen: list[tuple[datetime, Decimal]]
) -> None:
    done.sort(key=lambda one: one.at)
    course = Course(done[0].at, done[0].at, done[0].at)
    acts = [(one.at, None) for one in done] + [(at, w) for at, w in seen if at >= done[0].at]
    for at, weight in sorted(acts, key=lambda act: act[0]):  # of one moment in any order
        course = course.bought(at, LAPSE) if weight is None else course.seen(at, weight, LAPSE)
    life = life_of(done, seen, LAPSE)
    assert (course, course.spell(LAPSE)) == (life.course, life.spells[-1])


@given(st.lists(days, min_size=1, max_size=20))
def test_a_rhythm_that_is_added_to_is_that_of_all_purchases_with_the_same_median(
    told: list[int],
) -> None:
    done = [bought(day, "1", "tea") for day in sorted(told)]
    rhythm = rhythms_of(done[:1], TAIPEI)["tea"]
    for one in done[1:]:
        following = rhythm.and_then(one.at, TAIPEI)
        assert following is not None
        rhythm = following
    assert rhythm == rhythms_of(done[::-1], TAIPEI)["tea"]
    days_of = sorted({one.at.astimezone(TAIPEI).date() for one in done})
    plain = [(after - before).days for before, after in pairwise(days_of)]
    expected = int(median(plain) + 0.5) if plain else None
    assert rhythm.every_days == expected
    assert rhythm.and_then(done[0].at - timedelta(seconds=1), TAIPEI) is None


@pytest.mark.parametrize(
    ("day", "state", "since"),
    [
        (44, CustomerState.ACTIVE, 0),
        (45, CustomerState.DRIFTING, 45),
        (89, CustomerState.DRIFTING, 45),
        (90, CustomerState.LAPSED, 90),
        (900, CustomerState.LAPSED, 90),
    ],
)
def test_a_customer_drifts_and_then_is_lost_at_the_very_moment(
    day: int, state: CustomerState, since: int
) -> None:
    life = life_of([bought(0)], [], LAPSE)
    now = START + timedelta(days=day)
    assert state_of(life, DRIFT, now) == (state, START + timedelta(days=since))


def test_a_sign_of_life_takes_its_part_of_the_time_off() -> None:
    life = life_of([bought(0)], [signed(40, "0.5")], LAPSE)
    assert life.counted_from == START + timedelta(days=20)
    assert life.spells[-1].ends_at == START + timedelta(days=110)
    again = life_of([bought(0)], [signed(40, "0.5"), signed(100, "1")], LAPSE)
    assert [spell.ends_at for spell in again.spells] == [START + timedelta(days=190)]


def test_who_was_lost_comes_back_by_a_purchase_and_not_by_a_small_sign() -> None:
    life = life_of([bought(0), bought(300)], [signed(120, "0.1")], LAPSE)
    assert [(spell.began_at, spell.ends_at) for spell in life.spells] == [
        (START, START + LAPSE),
        (START + timedelta(days=300), START + timedelta(days=390)),
    ]


def test_the_main_category_is_the_one_of_most_purchases_then_the_one_bought_last() -> None:
    coffee, tea = bought(0, "1", "coffee"), bought(5, "1", "tea")

    def main(*done: Purchase) -> str:
        return main_category(rhythms_of(done, TAIPEI))

    assert main(coffee, tea) == "tea"
    assert main(coffee, tea, bought(1, "1", "coffee", "milk")) == "coffee"
    assert main(bought(0), bought(1), tea) == "tea"
    assert main(bought(0)) == ""


def test_a_cycle_comes_from_the_first_who_knows_one() -> None:
    estimates = {"tea": Estimate(20, 30), "": Estimate(50, 90)}
    rules = Rules(cycles={"coffee": 30}, own_from_purchases=3)
    rhythm = [bought(day, "1", "coffee") for day in (0, 10, 24)]

    def found(category: str, done: list[Purchase], known: Any = estimates) -> tuple[int, str]:
        rhythm = rhythms_of(done, TAIPEI).get(category)
        cycle = cycle_of(category, rhythm, rules, known)
        return cycle.days, cycle.source

    assert found("coffee", rhythm) == (12, CycleSource.OWN)
    assert found("coffee", rhythm[:2]) == (30, CycleSource.GIVEN)
    assert found("tea", rhythm) == (20, CycleSource.ESTIMATED)
    assert found("milk", rhythm) == (50, CycleSource.ESTIMATED_OVERALL)
    assert found("milk", rhythm, {}) == (90, CycleSource.DEFAULT)


def test_several_purchases_on_one_local_day_are_one_for_the_rhythm() -> None:
    late = datetime(2026, 1, 1, 15, 30, tzinfo=UTC)  # 23:30 in Taipei

    def gaps(moments: list[datetime], zone: ZoneInfo) -> Mapping[int, int]:
        done = [Purchase(at, Decimal(1), "TWD", frozenset()) for at in moments]
        return rhythms_of(done, zone)[""].gaps

    assert gaps([late, late + timedelta(hours=1)], TAIPEI) == {1: 1}
    assert gaps([late, late + timedelta(hours=1)], ZoneInfo("UTC")) == {}


def test_worth_is_told_by_the_year_up_to_the_last_purchase_in_one_currency() -> None:
    rules = Rules(high_value=Money(Decimal(300), "TWD"))
    done = [bought(0, "250"), bought(300, "100"), bought(400, "100")]
    dollars = Purchase(START + timedelta(days=300), Decimal(999), "USD", frozenset())
    assert value_band_of([*done, dollars], rules, START + timedelta(days=300)) is ValueBand.HIGH
    assert value_band_of([*done, dollars], rules, START + timedelta(days=400)) is ValueBand.LOW
    assert value_band_of(done, Rules(), START) is None


def test_early_is_who_bought_for_a_short_time_only() -> None:
    rules = Rules(early_days=180)
    assert timing_of(START, START + timedelta(days=179), rules) is Timing.EARLY
    assert timing_of(START, START + timedelta(days=180), rules) is Timing.LATE


CLICK = Act(HappeningKind.INTERACTION, "click")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"drift_factor": Decimal(3)}, "/lapse_factor"),
        ({"drift_factor": Decimal(0)}, "/lapse_factor"),
        ({"signs": (Sign(CLICK, Decimal(0)),)}, "/signs/0/weight"),
        ({"signs": (Sign(CLICK, Decimal("1.1")),)}, "/signs/0/weight"),
        ({"signs": (Sign(CLICK, Decimal(1)), Sign(CLICK, Decimal(1)))}, "/signs/1"),
        ({"time_zone": "Asia/Atlantis"}, "/time_zone"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(
    changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        Rules(**changes).require_sound()
    assert [violation.pointer for violation in refused.value.violations] == [pointer]


@pytest.mark.parametrize(
    ("now", "following"),
    [
        ("2026-03-07T09:30:00+00:00", "2026-03-08T07:00:00+00:00"),  # 2:00 is skipped that day
        ("2026-03-08T07:00:00+00:00", "2026-03-09T06:00:00+00:00"),
        ("2026-10-31T12:00:00+00:00", "2026-11-01T07:00:00+00:00"),
        ("2026-11-01T06:30:00+00:00", "2026-11-01T07:00:00+00:00"),  # 1:30 comes twice
    ],
)
def test_the_hour_of_judging_is_local_also_when_clocks_change(now: str, following: str) -> None:
    rules, zone = Rules(evaluate_hour=2), ZoneInfo("America/New_York")
    found = next_evaluation(datetime.fromisoformat(now), rules, zone)
    assert found == datetime.fromisoformat(following)


def test_periods_are_those_of_the_calendar_in_the_zone() -> None:
    months = periods_of(Length.MONTH, date(2025, 12, 31), date(2026, 1, 1), TAIPEI, 60)
    assert [month.name for month in months] == ["2025-12", "2026-01"]
    assert months[1].begins_at == datetime(2025, 12, 31, 16, tzinfo=UTC)
    quarters = periods_of(Length.QUARTER, date(2025, 11, 1), date(2026, 4, 1), TAIPEI, 60)
    assert [quarter.name for quarter in quarters] == ["2025-Q4", "2026-Q1", "2026-Q2"]
    years = periods_of(Length.YEAR, date(2025, 11, 1), date(2025, 12, 1), TAIPEI, 1)
    assert [(year.name, year.next_on) for year in years] == [("2025", date(2026, 1, 1))]
    with pytest.raises(Invalid):
        periods_of(Length.MONTH, date(2025, 1, 1), date(2026, 1, 1), TAIPEI, 12)
