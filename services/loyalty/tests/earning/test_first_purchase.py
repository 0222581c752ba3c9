"""The purchase that makes somebody a member is one of a member's: it earns points, too (LO-1, LO-3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from services.loyalty.tests.builders import MEMBERS, PROGRAMS, Loyalty, create_program, good
from services.loyalty.tests.gaining import RULES, Gaining, fixed, per

BY_DELIVERY = {"first_purchase": "delivered"}


@pytest.fixture
def gaining(timed: Loyalty, clock: MovableClock) -> Gaining:
    """A program that a first delivery makes people members of, with a point for ten dollars."""
    made = Gaining(timed, clock, enrolment=BY_DELIVERY)
    made.rule(per("10"))
    return made


def test_the_purchase_that_enrols_somebody_earns_and_earns_once(gaining: Gaining) -> None:
    person = uuid4()
    first = gaining.bought(person, ("coffee", "500"))
    gaining.tell(first, first)
    assert gaining.member(person)["source"] == "first_purchase"
    assert gaining.free(person) == 50
    gaining.later(days=1)
    gaining.buy(person, ("coffee", "100"))
    assert gaining.why(person) == ["10", "50"]


def test_it_earns_in_each_program_that_it_makes_somebody_a_member_of(gaining: Gaining) -> None:
    other = create_program(gaining.app, key="circle", enrolment=BY_DELIVERY)
    terms = {"name": "Welcome", "trigger": "order_delivered", "gives": fixed(7)}
    gaining.activate(good(gaining.app.post(RULES, {"program_id": other["id"], **terms})))
    person = uuid4()
    gaining.buy(person, ("coffee", "500"))
    found = gaining.app.get(f"{MEMBERS}?person_id={person}").json["items"]
    points = {
        one["program_id"]: good(gaining.app.get(f"{MEMBERS}/{one['id']}"))["points"]["available"]
        for one in found
    }
    assert points == {gaining.program["id"]: 50, other["id"]: 7}


def test_two_first_purchases_at_once_make_one_member_and_both_earn(gaining: Gaining) -> None:
    person: UUID = uuid4()
    bought = [gaining.bought(person, ("coffee", "100")) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(gaining.tell, bought))
    assert gaining.why(person) == ["10", "10"]


def test_a_purchase_that_makes_nobody_a_member_earns_nothing(gaining: Gaining) -> None:
    late, early = uuid4(), uuid4()
    before = gaining.clock.now() - timedelta(days=1)
    gaining.buy(early, ("coffee", "100"), at=before)
    good(gaining.app.post(f"{PROGRAMS}/{gaining.program['id']}/close", {}))
    gaining.buy(late, ("coffee", "100"))
    for person in (late, early):
        assert gaining.app.get(f"{MEMBERS}?person_id={person}").json["items"] == []
