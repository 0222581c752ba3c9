"""Tiers multiply what members earn, and open rules to them, as they stood when it happened (LO-3, LO-5)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from loyalty.happenings.domain import HappeningKind
from services.loyalty.tests.builders import Loyalty, create_program, enrol, good
from services.loyalty.tests.gaining import RULES, Gaining, fixed, per, times

PROGRAMS = "/v1/loyalty/programs"


@pytest.fixture
def gaining(timed: Loyalty, clock: MovableClock) -> Gaining:
    """A program whose members are gold from 1,000 dollars on, and earn half as many points again."""
    gaining = Gaining(timed, clock)
    tiered(gaining, 150)
    return gaining


def tiered(gaining: Gaining, percent: int) -> None:
    """Have gold members earn so many per cent."""
    benefits = [{"kind": "earning_multiplier", "percent": percent}]
    tiers = [
        {"key": "basic", "name": {"en": "Basic"}, "threshold": "0"},
        {"key": "gold", "name": {"en": "Gold"}, "threshold": "1000", "benefits": benefits},
    ]
    path = f"{PROGRAMS}/{gaining.program['id']}/tiers"
    good(gaining.app.put(path, {"tiers": tiers, "by": "spend"}))


def given(gaining: Gaining, person: Any) -> list[tuple[str | None, int]]:
    """What was given by tiers and by rules, the latest first."""
    return [(one["tier"], one["points"]) for one in gaining.earnings(person) if one["points"]]


def test_a_tier_multiplies_from_the_purchase_after_the_one_that_reached_it(
    gaining: Gaining,
) -> None:
    gaining.rule(per("10"))
    person = gaining.person()
    gaining.buy(person, ("coffee", "1000"))
    assert given(gaining, person) == [(None, 100)]
    gaining.later(days=1)
    gaining.buy(person, ("coffee", "100"))
    assert sorted(given(gaining, person)[:2], key=str) == [("gold", 5), (None, 10)]
    assert gaining.free(person) == 115


def test_a_purchase_of_before_is_judged_by_the_tier_of_before(gaining: Gaining) -> None:
    gaining.rule(per("10"))
    person = gaining.person()
    before = gaining.clock.now()
    gaining.later(days=1)
    gaining.buy(person, ("coffee", "1000"))
    gaining.later(days=1)
    late = gaining.buy(person, ("coffee", "100"), placed_at=before)
    assert given(gaining, person) == [(None, 10), (None, 100)]
    gaining.tell(gaining.refunded(late, ("coffee", "100")))
    tiered(gaining, 200)
    gaining.later(days=1)
    gaining.buy(person, ("coffee", "100"), placed_at=gaining.clock.now())
    assert ("gold", 10) in given(gaining, person)


def test_rules_for_a_tier_are_for_who_is_in_it(gaining: Gaining) -> None:
    gaining.rule(fixed(7), tiers=["gold"])
    gaining.rule(fixed(3), condition="member.tier == 'basic'")
    person = gaining.person()
    gaining.told(HappeningKind.ENROLLED, person, gaining.program)
    gaining.later(minutes=1)
    gaining.buy(person, ("coffee", "1000"))
    gaining.later(days=1)
    gaining.buy(person, ("coffee", "10"))
    assert sorted(gaining.why(person)) == ["3", "3", "7", "condition", "tier"]


def test_what_a_tier_gave_on_top_goes_back_with_the_money(gaining: Gaining) -> None:
    gaining.rule(per("10"))
    gaining.rule(times("2"))
    person = gaining.person()
    gaining.buy(person, ("coffee", "5000"))
    before = gaining.free(person)
    gaining.later(days=1)
    order = gaining.buy(person, ("coffee", "100"))
    assert gaining.free(person) - before == 10 + 10 + 5
    gaining.tell(gaining.refunded(order, ("coffee", "100")))
    assert gaining.free(person) == before


def test_tiers_count_when_a_rule_is_tried(gaining: Gaining) -> None:
    person = gaining.person()
    gaining.buy(person, ("coffee", "1000"))
    gaining.later(days=1)
    gaining.buy(person, ("coffee", "100"))
    rule = gaining.draft(per("10"))
    span = {"since": "2031-01-01T00:00:00Z", "until": "2032-01-01T00:00:00Z"}
    found = good(gaining.app.post(f"{RULES}/{rule['id']}/simulate", span))
    assert (found["points"], found["before"], found["after"]) == (110, 0, 115)


def test_what_loyalty_tells_of_one_program_earns_nothing_in_another(gaining: Gaining) -> None:
    other = create_program(gaining.app, key="other")
    gaining.rule(fixed(50), trigger="occasion_reached")
    terms = {"name": "Gift", "trigger": "occasion_reached", "gives": fixed(9)}
    gaining.activate(good(gaining.app.post(RULES, {"program_id": other["id"], **terms})))
    person = uuid4()
    first, second = (enrol(gaining.app, one, person) for one in (gaining.program, other))
    gaining.told(HappeningKind.OCCASION_REACHED, person, other)
    path = "/v1/loyalty/members/{}/earnings"
    given_there = good(gaining.app.get(path.format(second["id"])))["items"]
    assert [one["points"] for one in given_there] == [9]
    assert good(gaining.app.get(path.format(first["id"])))["items"] == []
