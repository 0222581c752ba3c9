"""What members earn for what befalls them, by the rules of its time, once however it is told (LO-3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from loyalty.happenings.domain import HappeningKind
from loyalty.membership import profile_refresher
from rapport.loyalty.events.v1 import points_events_pb2 as events
from services.loyalty.tests.builders import (
    MEMBERS,
    Loyalty,
    create_program,
    delivered,
    enrol,
    facts,
    good,
    lasting_app,
    order_line,
    refused,
)
from services.loyalty.tests.fakes import FakePeople
from services.loyalty.tests.gaining import RULES, Gaining, cap, fixed, per, times


@pytest.fixture
def gaining(timed: Loyalty, clock: MovableClock) -> Gaining:
    """A program by a clock that the test moves."""
    return Gaining(timed, clock)


def test_a_delivery_that_is_told_three_times_earns_once(
    loyalty: Loyalty, bus: Bus, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    program, person = create_program(app), uuid4()
    member = enrol(app, program, person)
    terms = {"name": "One for ten", "trigger": "order_delivered", "gives": per("10")}
    rule = good(app.post(RULES, {"program_id": program["id"], **terms}))
    good(app.post(f"{RULES}/{rule['id']}/activate"))
    fact = delivered(person, "1255", lines=[order_line("1255")])
    for _ in range(3):
        bus.say(fact, app.tenant_id, UUID(fact.order_id))
    eventually(lambda: facts(loyalty, app, events.PointsEarned))
    eventually(bus.is_settled)
    (earned,) = facts(loyalty, app, events.PointsEarned)
    assert (earned.member_id, earned.points) == (member["id"], 125)
    assert earned.movement.cause.key == f"{rule['id']}:order_delivered:{fact.delivery_id}"
    assert earned.movement.cause.reference == "2031-000001"
    (judged,) = good(app.get(f"{MEMBERS}/{member['id']}/earnings"))["items"]
    assert (judged["rule_id"], judged["number"], judged["outcome"]) == (rule["id"], 1, "earned")
    assert judged["base_amount"] == {"amount": "1255.00", "currency": "TWD"}
    assert (judged["points"], judged["taken_back"], judged["order_id"]) == (125, 0, fact.order_id)


def test_what_was_judged_is_shown_to_whoever_may_and_no_other_tenant(
    timed: Loyalty, clock: MovableClock, gaining: Gaining
) -> None:
    gaining.rule(fixed(10))
    person = gaining.person()
    gaining.buy(person, ("coffee", "100"))
    path = f"{MEMBERS}/{gaining.member(person)['id']}/earnings"
    assert refused(timed.anonymous().get(path)) == (401, "token_missing")
    assert lasting_app(timed, clock).get(path).status_code == 404
    blind = lasting_app(timed, clock, gaining.app.tenant_id, "loyalty.members.read")
    assert blind.get(path).status_code == 403
    assert len(gaining.earnings(person, "?outcome=earned&kind=order_delivered")) == 1
    assert gaining.earnings(person, "?outcome=held") == []


def test_a_purchase_is_judged_by_what_was_in_force_when_it_was_made(gaining: Gaining) -> None:
    person = gaining.person()
    before = gaining.clock.now()
    gaining.later(days=1)
    rule = gaining.rule(fixed(10))
    first = gaining.clock.now()
    gaining.later(days=1)
    gaining.change(rule, gives=fixed(20))
    unactivated = gaining.clock.now()
    gaining.later(days=1)
    gaining.activate(rule)
    second = gaining.clock.now()
    gaining.later(days=1)
    good(gaining.app.post(f"{RULES}/{rule['id']}/archive"))
    gaining.later(days=30)
    now = gaining.clock.now()
    moments = (before, first, unactivated, second, now)
    for made in moments:  # all are delivered, and told of, only now
        gaining.buy(person, ("coffee", "100"), placed_at=made)
    told = {one["judged_at"]: (one["points"], one["number"]) for one in gaining.earnings(person)}
    assert told == {
        f"{first:%Y-%m-%dT%H:%M:%SZ}": (10, 1),
        f"{unactivated:%Y-%m-%dT%H:%M:%SZ}": (10, 1),
        f"{second:%Y-%m-%dT%H:%M:%SZ}": (20, 2),
    }
    assert gaining.free(person) == 40


def test_what_happened_before_somebody_was_a_member_earns_nothing(gaining: Gaining) -> None:
    gaining.rule(fixed(10))
    long_ago = gaining.clock.now()
    gaining.later(hours=1)
    person = gaining.person()
    gaining.buy(person, ("coffee", "100"), at=long_ago)
    gaining.buy(person, ("coffee", "100"), placed_at=long_ago)  # delivered to a member
    assert sorted(gaining.why(person)) == ["10", "not_a_member"]
    assert gaining.free(person) == 10
    gaining.buy(uuid4(), ("coffee", "100"))  # nobody's member


def test_conditions_decide_and_what_they_cannot_say_gives_nothing(gaining: Gaining) -> None:
    gaining.rule(fixed(1), condition="total >= 100000 && 'coffee' in categories")
    gaining.rule(
        fixed(5),
        trigger="interaction",
        condition="properties.interaction_kind == 'review'",
    )
    gaining.rule(fixed(7), trigger="interaction", condition="properties.stars > 3")
    person = gaining.person()
    gaining.buy(person, ("coffee", "999.99"))
    gaining.buy(person, ("coffee", "600"), ("tea", "400"))
    gaining.buy(person, ("tea", "5000"))
    assert sorted(gaining.why(person)) == ["1", "condition", "condition"]
    gaining.did(person, "review")
    gaining.did(person, "click")
    reasons = [one["reason"] for one in gaining.earnings(person, "?kind=interaction")]
    assert sorted(reasons) == ["", "condition", "condition_unanswered", "condition_unanswered"]
    assert gaining.free(person) == 6


def test_amounts_are_rounded_down_once_or_line_by_line_and_only_lines_that_count(
    gaining: Gaining,
) -> None:
    rules = {
        "whole": gaining.rule(per("100")),
        "line": gaining.rule(per("100", rounding="line")),
        "coffee": gaining.rule(per("100", 3), categories=["coffee"], skus=["MILK"]),
        "euro": gaining.rule(
            {**per("1"), "amount": {"amount": "1.00", "currency": "EUR"}},
        ),
        "bread": gaining.rule(fixed(9), categories=["bread"]),
    }
    person = gaining.person()
    gaining.buy(person, ("coffee", "150"), ("tea", "99.99"), ("milk", "51"))
    found = {one["rule_id"]: one for one in gaining.earnings(person)}
    given = {name: found[rule["id"]] for name, rule in rules.items()}
    assert {name: one["points"] for name, one in given.items()} == {
        "whole": 3,
        "line": 1,
        "coffee": 6,
        "euro": 0,
        "bread": 0,
    }
    assert given["coffee"]["base_amount"] == {"amount": "201.00", "currency": "TWD"}
    assert (given["euro"]["reason"], given["bread"]["reason"]) == ("currency", "lines")


def test_multipliers_go_on_top_and_of_a_group_one_counts(gaining: Gaining) -> None:
    base = gaining.rule(per("10"), name="Base")
    double = gaining.rule(times("2"), name="Double", group="promotion")
    half = gaining.rule(times("1.5"), name="Half more", group="promotion", priority=1)
    coffee = gaining.rule(times("3"), name="Coffee", categories=["coffee"])
    one, other = gaining.rule(fixed(7), group="gift"), gaining.rule(fixed(9), group="gift")
    person = gaining.person()
    gaining.buy(person, ("coffee", "100"), ("tea", "300"))
    found = {judged["rule_id"]: judged for judged in gaining.earnings(person)}
    points = {rule["id"]: found[rule["id"]]["points"] for rule in (base, half, coffee, other)}
    # Of 40 and the gift of 9: half of it all; and twice what coffee gave, which is a quarter of both.
    assert points == {base["id"]: 40, half["id"]: 24, coffee["id"]: 24, other["id"]: 9}
    assert [found[rule["id"]]["reason"] for rule in (double, one)] == ["group", "group"]
    assert gaining.free(person) == 97


def test_caps_count_by_the_members_own_days(gaining: Gaining, people: FakePeople) -> None:
    gaining.rule(fixed(30), caps=[cap(50, "day"), cap(3, "month", "times"), cap(20, "happening")])
    person = gaining.person()
    # Noon in Taipei is 23:00 of the day before in New York: an hour later it is another day there.
    traveller = uuid4()
    people.know(traveller, time_zone="America/New_York")
    enrol(gaining.app, gaining.program, traveller)
    refresher = profile_refresher(gaining.loyalty.service, people, "loyalty")
    while refresher.ask_due() == 0:
        pass  # contacts is asked about people of other tests, too
    for _ in range(4):
        gaining.buy(person, ("coffee", "100"))
    assert [one["points"] for one in gaining.earnings(person)] == [0, 10, 20, 20]
    assert gaining.earnings(person)[0]["reason"] == "cap"
    last = gaining.earnings(person)[1]
    assert last["cuts"] == [{"measure": "points", "per": "day", "limit": 50, "used": 40}]
    gaining.buy(traveller, ("coffee", "100"))
    gaining.later(hours=1, minutes=30)
    gaining.buy(traveller, ("coffee", "100"))
    days = [one["counted_on"] for one in gaining.earnings(traveller)]
    assert days == ["2031-03-05", "2031-03-04"]
    gaining.later(days=30)
    gaining.buy(person, ("coffee", "100"))
    assert gaining.free(person) == 70


def test_two_at_once_do_not_get_more_than_a_cap_leaves(gaining: Gaining) -> None:
    gaining.rule(fixed(30), caps=[cap(100, "day"), cap(5, "ever", "times")])
    person = gaining.person()
    bought = [gaining.bought(person, ("coffee", "100")) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(gaining.tell, bought))
    given = [one["points"] for one in gaining.earnings(person)]
    assert (sum(given), sorted(given, reverse=True)[:4]) == (100, [30, 30, 30, 10])
    assert gaining.free(person) == 100


def test_weekdays_and_hours_are_those_on_the_members_clock(gaining: Gaining) -> None:
    gaining.rule(fixed(1), window={"weekdays": [3], "from_hour": 11, "until_hour": 13})
    person = gaining.person()
    gaining.buy(person, ("coffee", "1"))  # Wednesday noon in Taipei, four in the morning in UTC
    gaining.later(hours=2)
    gaining.buy(person, ("coffee", "1"))
    gaining.later(days=1)
    gaining.buy(person, ("coffee", "1"))
    assert gaining.why(person) == ["weekday", "hour", "1"]


def test_a_rule_gives_within_its_window_alone(gaining: Gaining) -> None:
    gaining.rule(
        fixed(1),
        window={"valid_from": "2031-03-06T00:00:00Z", "valid_until": "2031-03-07T00:00:00Z"},
    )
    person = gaining.person()
    for _ in range(4):
        gaining.buy(person, ("coffee", "1"))
        gaining.later(hours=20)
    assert gaining.why(person) == ["window", "1", "1", "window"]


def test_points_wait_as_long_as_the_rule_or_else_the_program_says(
    timed: Loyalty, clock: MovableClock
) -> None:
    gaining = Gaining(timed, clock, policies={"pending": {"days": 14}})
    gaining.rule(fixed(10))
    gaining.rule(fixed(5), pending_days=0)
    gaining.rule(fixed(3), pending_days=30)
    person = gaining.person()
    at = gaining.clock.now()
    gaining.buy(person, ("coffee", "100"))
    assert (gaining.has(person).pending, gaining.free(person)) == (13, 5)
    waits = sorted(one["counts_from"] or "" for one in gaining.earnings(person))
    assert waits == ["", *[f"{at + timedelta(days=d):%Y-%m-%dT%H:%M:%SZ}" for d in (14, 30)]]
    gaining.later(days=14)
    assert (gaining.has(person).pending, gaining.free(person)) == (3, 15)
    # What was delivered long ago, and is only told of now, need not wait any more.
    gaining.buy(person, ("coffee", "100"), at=at)
    assert gaining.has(person).pending == 6
    gaining.later(days=16)
    assert gaining.free(person) == 36


def test_each_program_of_a_person_gives_by_its_own_rules(gaining: Gaining) -> None:
    other = create_program(gaining.app, key="second")
    gaining.rule(fixed(10))
    terms = {"name": "R", "trigger": "order_delivered", "gives": fixed(3)}
    rule = good(gaining.app.post(RULES, {"program_id": other["id"], **terms}))
    gaining.activate(rule)
    person = gaining.person()
    second = enrol(gaining.app, other, person)
    gaining.buy(person, ("coffee", "100"))
    earned = facts(gaining.loyalty, gaining.app, events.PointsEarned)
    assert sorted(one.points for one in earned) == [3, 10]
    (judged,) = good(gaining.app.get(f"{MEMBERS}/{second['id']}/earnings"))["items"]
    assert (judged["points"], judged["program_id"]) == (3, other["id"])


def test_placing_an_order_earns_until_it_is_called_off_in_whatever_order_it_is_told(
    gaining: Gaining,
) -> None:
    gaining.rule(per("10"), trigger="order_placed")
    person = gaining.person()
    placed = [
        gaining.bought(person, ("coffee", "100"), kind=HappeningKind.ORDER_PLACED) for _ in range(3)
    ]
    off = [
        gaining.bought(person, kind=HappeningKind.ORDER_CANCELLED, order_id=one.order_id)
        for one in placed[:2]
    ]
    gaining.tell(placed[0], off[0], off[1], placed[1], placed[2])
    assert [one["taken_back"] for one in gaining.earnings(person)].count(10) == 2
    assert gaining.free(person) == 10


def test_goods_that_come_back_take_nothing_until_money_does(gaining: Gaining) -> None:
    gaining.rule(per("10"))
    person = gaining.person()
    order = gaining.buy(person, ("coffee", "100"))
    returned = gaining.bought(
        person, ("coffee", "100"), kind=HappeningKind.ORDER_RETURNED, order_id=order.order_id
    )
    gaining.tell(returned)
    assert gaining.free(person) == 10
    gaining.tell(gaining.refunded(order, ("coffee", "100")))
    assert gaining.free(person) == 0


def test_a_happening_long_before_the_calendar_of_a_zone_harms_nobody(gaining: Gaining) -> None:
    gaining.rule(fixed(1))
    person = gaining.person()
    gaining.buy(person, ("coffee", "1"), at=datetime(1970, 1, 1, tzinfo=UTC))
    assert gaining.earnings(person) == []
