"""How acts add up and fade, against a plain sum over all acts."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.domain import Invalid
from loyalty.acts.domain import Act, ActTable
from loyalty.engagement.decay import Tally, next_look, standing_of, with_act
from loyalty.engagement.domain import USUAL, Band, Scheme, Weight
from loyalty.happenings.domain import HappeningKind

START = datetime(2026, 1, 1, tzinfo=UTC)
CLICK = Weight(Act(HappeningKind.INTERACTION, "click"), Decimal("0.5"), Decimal(5))
REVIEW = Weight(Act(HappeningKind.INTERACTION, "review"), Decimal(8), Decimal(32))
BOUGHT = Weight(Act(HappeningKind.ORDER_DELIVERED), Decimal(10))
WEIGHTS = (CLICK, REVIEW, BOUGHT)
SCHEME = Scheme(30, WEIGHTS, USUAL.bands)

acts = st.lists(
    st.tuples(st.sampled_from(WEIGHTS), st.integers(0, 400 * 24 * 60)), min_size=1, max_size=40
)


def tallied(done: list[tuple[Weight, int]], scheme: Scheme = SCHEME) -> dict[str, Tally]:
    tallies: dict[str, Tally] = {}
    for weight, minutes in done:
        at = START + timedelta(minutes=minutes)
        key = weight.act.key
        tallies[key] = with_act(tallies.get(key), weight, at, scheme.half_life_days)
    return tallies


def plainly(done: list[tuple[Weight, int]], at: datetime) -> float:
    """The formula as it stands in the documentation, over all acts."""
    total = 0.0
    for weight in WEIGHTS:
        ages = [at - START - timedelta(minutes=m) for one, m in done if one is weight]
        worth = sum(float(weight.points) * 0.5 ** (age / timedelta(days=30)) for age in ages)
        total += worth if weight.most is None else min(worth, float(weight.most))
    return total


@given(acts, st.integers(0, 2000), st.randoms(use_true_random=False))
def test_what_is_counted_act_by_act_in_any_order_is_the_sum_over_all(
    done: list[tuple[Weight, int]], later: int, chance: random.Random
) -> None:
    at = START + timedelta(days=400 + later)
    chance.shuffle(done)
    score = standing_of(tallied(done), SCHEME, at).score(at, 30)
    assert math.isclose(score, plainly(done, at), rel_tol=1e-9, abs_tol=1e-9)


@given(acts, st.integers(0, 400 * 24), st.integers(0, 1000))
def test_a_standing_gives_the_score_until_a_kind_leaves_its_bound(
    done: list[tuple[Weight, int]], hours: int, more: int
) -> None:
    now = START + timedelta(days=400)
    standing = standing_of(tallied(done), SCHEME, now)
    at = now + timedelta(hours=more)
    if standing.holds_until is not None:
        at = min(at, standing.holds_until - timedelta(seconds=2))
    assert math.isclose(standing.score(at, 30), plainly(done, at), rel_tol=1e-6, abs_tol=1e-9)
    del hours


@given(acts)
def test_a_score_is_in_its_band_until_the_next_look_and_goes_down_to_the_lowest(
    done: list[tuple[Weight, int]],
) -> None:
    at, tallies = START + timedelta(days=400), tallied(done)
    for _ in range(20):
        standing = standing_of(tallies, SCHEME, at)
        band = SCHEME.band_of(standing.score(at, 30))
        look = next_look(standing, SCHEME, at)
        if look is None:
            assert band.key == "distant"
            return
        just_before = look - timedelta(seconds=2)
        if just_before > at:
            assert SCHEME.band_of(plainly(done, just_before)).key == band.key
        assert look > at
        at = look
    raise AssertionError("it never comes to rest")


def test_a_thousand_clicks_do_not_weigh_what_a_review_does() -> None:
    clicks = standing_of(tallied([(CLICK, 0)] * 1000), SCHEME, START)
    review = standing_of(tallied([(REVIEW, 0)]), SCHEME, START)
    assert (clicks.score(START, 30), review.score(START, 30)) == (5.0, 8.0)


def test_an_act_counts_half_after_the_half_life_and_one_dated_ahead_counts_once() -> None:
    tallies = tallied([(BOUGHT, 0)])
    later = START + timedelta(days=30)
    assert standing_of(tallies, SCHEME, later).score(later, 30) == 5.0
    before = START - timedelta(days=30)
    assert standing_of(tallies, SCHEME, before).score(before, 30) == 10.0


def test_the_most_exact_of_several_weights_counts() -> None:
    any_, click, mail = (
        Act(HappeningKind.INTERACTION),
        Act(HappeningKind.INTERACTION, "click"),
        Act(HappeningKind.INTERACTION, None, "email"),
    )
    table = ActTable([(any_, "any"), (click, "click"), (mail, "mail")])
    asked = [
        Act(HappeningKind.INTERACTION, "click", "email"),
        Act(HappeningKind.INTERACTION, "visit", "email"),
        Act(HappeningKind.INTERACTION, "visit", "web"),
        Act(HappeningKind.ORDER_PLACED),
    ]
    assert [table.of(act) for act in asked] == ["click", "mail", "any", None]


TWICE = (CLICK, CLICK)
UNBOUND = (Weight(CLICK.act, Decimal(5), Decimal(1)),)
NO_INTERACTION = (Weight(Act(HappeningKind.ORDER_DELIVERED, "click"), Decimal(5)),)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"weights": TWICE}, "/weights/1"),
        ({"weights": UNBOUND}, "/weights/0/most"),
        ({"weights": NO_INTERACTION}, "/weights/0/interaction_kind"),
        ({"bands": ()}, "/bands"),
        ({"bands": (Band("a", Decimal(1)),)}, "/bands"),
        ({"bands": (Band("a", Decimal(0)), Band("b", Decimal(0)))}, "/bands/1/lowest"),
        ({"bands": (Band("a", Decimal(0)), Band("a", Decimal(2)))}, "/bands"),
    ],
)
def test_a_scheme_that_contradicts_itself_is_refused(changes: dict[str, Any], pointer: str) -> None:
    asked = {"half_life_days": 30, "weights": WEIGHTS, "bands": USUAL.bands, **changes}
    with pytest.raises(Invalid) as refused:
        Scheme(**asked).require_sound()
    assert [violation.pointer for violation in refused.value.violations] == [pointer]


def test_what_tenants_begin_with_is_sound() -> None:
    USUAL.require_sound()
