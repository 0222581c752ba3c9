"""How much may be done within how long: flagged, held or refused, and looked at by people (LO-13)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import Caller, service_caller
from chassis.domain import Conflict
from loyalty.limits.domain import Act, Response, Verdict
from loyalty.limits.operations import check
from loyalty.transaction import LoyaltyTx
from rapport.loyalty.events.v1 import velocity_events_pb2 as events
from services.loyalty.tests.builders import (
    MEMBERS,
    Loyalty,
    at_once,
    create_program,
    enrol,
    facts,
    good,
    lasting_app,
    places,
    refused,
)
from services.loyalty.tests.gaining import REVIEWS, RULES, VELOCITY, Gaining, fixed, per


@pytest.fixture
def gaining(timed: Loyalty, clock: MovableClock) -> Gaining:
    """A program by a clock that the test moves."""
    return Gaining(timed, clock)


def limited(gaining: Gaining, **more: Any) -> dict[str, Any]:
    """A limit: twice an hour by a member."""
    body = {
        "program_id": gaining.program["id"],
        "name": "Twice an hour",
        "act": "earning",
        "most": 2,
        "window_minutes": 60,
        "response": "hold",
        **more,
    }
    return good(gaining.app.post(VELOCITY, body))


def reviews(gaining: Gaining, query: str = "") -> list[dict[str, Any]]:
    """What went beyond limits, the latest first."""
    items: list[dict[str, Any]] = good(gaining.app.get(f"{REVIEWS}{query}"))["items"]
    return items


def checked(gaining: Gaining, person: UUID, act: Act, points: int = 0, **more: Any) -> Verdict:
    """What another slice is told when it asks."""
    member_id = UUID(gaining.member(person)["id"])
    assert gaining.app.tenant_id is not None
    caller: Caller = more.pop("caller", service_caller("loyalty", gaining.app.tenant_id))

    def ask(tx: LoyaltyTx) -> Verdict:
        return check(tx, member_id, act, points, **more)

    return gaining.loyalty.service.operations.run(caller, ask)


def test_listing_needs_a_token_and_shows_no_other_tenants(
    timed: Loyalty, clock: MovableClock, gaining: Gaining
) -> None:
    gaining.rule(fixed(10))
    rule, person = limited(gaining, most=1), gaining.person()
    gaining.buy(person, ("coffee", "1"))
    gaining.buy(person, ("coffee", "1"))
    (review,) = reviews(gaining)
    stranger = lasting_app(timed, clock)
    for path, one in ((VELOCITY, rule), (REVIEWS, review)):
        assert refused(timed.anonymous().get(path)) == (401, "token_missing")
        assert stranger.get(path).json["items"] == []
        assert stranger.get(f"{path}/{one['id']}").status_code == 404
        assert good(gaining.app.get(f"{path}/{one['id']}")) == one
    assert stranger.delete(f"{VELOCITY}/{rule['id']}").status_code == 404
    assert stranger.patch(f"{VELOCITY}/{rule['id']}", {"most": 9}).status_code == 404
    for verb in ("clear", "confirm"):
        answer = stranger.post(f"{REVIEWS}/{review['id']}/{verb}", {"reason": "Mine"})
        assert answer.status_code == 404, verb


def test_what_is_beyond_the_limit_waits_until_it_is_cleared(gaining: Gaining) -> None:
    gaining.rule(per("10"))
    rule, person = limited(gaining), gaining.person()
    for _ in range(3):
        gaining.buy(person, ("coffee", "100"))
    assert gaining.free(person) == 20
    (review,) = reviews(gaining, "?status=open")
    assert (review["rule_id"], review["measured"], review["most"]) == (rule["id"], 3, 2)
    assert (review["member_id"], review["points"]) == (gaining.member(person)["id"], 10)
    held = gaining.earnings(person, "?outcome=held")[0]
    assert (held["points"], held["reason"], held["review_id"]) == (10, "limit", review["id"])
    path = f"{REVIEWS}/{review['id']}"
    cleared = good(gaining.app.post(f"{path}/clear", {"reason": "A birthday party"}))
    assert (cleared["status"], cleared["reason"]) == ("cleared", "A birthday party")
    assert gaining.free(person) == 30
    assert [one["outcome"] for one in gaining.earnings(person)] == ["earned"] * 3
    assert refused(gaining.app.post(f"{path}/confirm", {"reason": "No"})) == (
        409,
        "velocity_review_decided",
    )
    (opened,) = facts(gaining.loyalty, gaining.app, events.VelocityReviewOpened)
    assert (opened.velocity_review.act, opened.velocity_review.measured) == ("earning", 3)
    (told,) = facts(gaining.loyalty, gaining.app, events.VelocityReviewCleared)
    assert (told.velocity_review_id, told.reason) == (review["id"], "A birthday party")


def test_what_is_confirmed_to_be_abuse_is_never_given(gaining: Gaining) -> None:
    gaining.rule(fixed(10))
    limited(gaining, most=15, measure="points")
    person = gaining.person()
    gaining.buy(person, ("coffee", "1"))
    order = gaining.buy(person, ("coffee", "1"))
    (review,) = reviews(gaining)
    assert (review["measured"], review["most"]) == (20, 15)
    good(gaining.app.post(f"{REVIEWS}/{review['id']}/confirm", {"reason": "Fake receipts"}))
    gaining.tell(gaining.refunded(order, ("coffee", "1")))
    assert (gaining.free(person), gaining.earnings(person)[0]["outcome"]) == (10, "refused")
    assert len(facts(gaining.loyalty, gaining.app, events.VelocityReviewConfirmed)) == 1


def test_money_paid_back_while_points_are_held_is_counted_when_they_are_given(
    gaining: Gaining,
) -> None:
    gaining.rule(per("1"))
    limited(gaining, most=1)
    person = gaining.person()
    gaining.buy(person, ("coffee", "5"))
    order = gaining.buy(person, ("coffee", "100"))
    gaining.tell(gaining.refunded(order, ("coffee", "40")))
    (review,) = reviews(gaining)
    good(gaining.app.post(f"{REVIEWS}/{review['id']}/clear", {"reason": "Fine"}))
    assert gaining.free(person) == 65
    gaining.tell(gaining.refunded(order, ("coffee", "60")))
    assert gaining.free(person) == 5


def test_flags_give_and_blocks_do_not_and_the_gravest_counts(gaining: Gaining) -> None:
    gaining.rule(fixed(10))
    limited(gaining, most=1, response="flag")
    limited(gaining, most=2, response="block")
    person = gaining.person()
    for _ in range(4):
        gaining.buy(person, ("coffee", "1"))
    assert gaining.free(person) == 20
    assert [one["outcome"] for one in gaining.earnings(person)] == [
        "blocked",
        "blocked",
        "earned",
        "earned",
    ]
    found = reviews(gaining)
    # What is blocked is not counted, so that trying again and again does not make it longer.
    assert [(one["response"], one["measured"]) for one in found] == [
        ("block", 3),
        ("block", 3),
        ("flag", 2),
    ]


def test_each_program_of_a_person_looks_at_an_act_by_its_own_limits(gaining: Gaining) -> None:
    gaining.rule(fixed(10))
    limited(gaining, most=1)
    other = create_program(gaining.app, key="circle")
    terms = {"name": "R", "trigger": "order_delivered", "gives": fixed(3)}
    gaining.activate(good(gaining.app.post(RULES, {"program_id": other["id"], **terms})))
    limited(gaining, program_id=other["id"], most=100)
    person = gaining.person()
    second = enrol(gaining.app, other, person)
    for _ in range(3):
        gaining.buy(person, ("coffee", "1"))
    (_, review) = found = reviews(gaining)
    assert {one["program_id"] for one in found} == {gaining.program["id"]}
    assert good(gaining.app.get(f"{MEMBERS}/{second['id']}"))["points"]["available"] == 9
    good(gaining.app.post(f"{REVIEWS}/{review['id']}/clear", {"reason": "Fine"}))
    assert good(gaining.app.get(f"{MEMBERS}/{second['id']}"))["points"]["available"] == 9


def test_a_window_moves_on_with_time(gaining: Gaining) -> None:
    gaining.rule(fixed(10))
    limited(gaining, response="block")
    person = gaining.person()
    for minutes in (0, 20, 20, 20, 20):  # noon, 12:20, 12:40, 13:00, 13:20
        gaining.later(minutes=minutes)
        gaining.buy(person, ("coffee", "1"))
    assert [one["outcome"] for one in gaining.earnings(person)] == [
        "earned",
        "earned",
        "blocked",
        "earned",
        "earned",
    ]


def test_of_many_at_once_no_more_than_the_limit_go_through(gaining: Gaining) -> None:
    limited(gaining, act="redemption", most=3, response="block")
    person = gaining.person()
    with ThreadPoolExecutor(8) as pool:
        verdicts = list(pool.map(lambda _: checked(gaining, person, Act.REDEMPTION), range(8)))
    assert [one.blocks for one in verdicts].count(False) == 3


def test_two_who_decide_at_once_do_not_both(gaining: Gaining) -> None:
    gaining.rule(fixed(10))
    limited(gaining, most=1)
    person = gaining.person()
    gaining.buy(person, ("coffee", "1"))
    gaining.buy(person, ("coffee", "1"))
    (review,) = reviews(gaining)
    path, body = f"{REVIEWS}/{review['id']}", {"reason": "Looked at"}
    calls = [lambda: gaining.app.post(f"{path}/clear", body) for _ in range(2)]
    calls += [lambda: gaining.app.post(f"{path}/confirm", body) for _ in range(2)]
    assert at_once(*calls) == [200, 409, 409, 409]
    cleared = good(gaining.app.get(path))["status"] == "cleared"
    assert gaining.free(person) == (20 if cleared else 10)


def test_the_same_act_counts_once_and_is_told_what_was_decided(gaining: Gaining) -> None:
    limited(gaining, act="referral", scope="referrer", most=1)
    person = gaining.person()
    for _ in range(3):
        assert checked(gaining, person, Act.REFERRAL, key="a", referrer="r").response is None
    second = checked(gaining, person, Act.REFERRAL, key="b", referrer="r")
    assert (second.holds, second.blocks) == (True, False)
    assert checked(gaining, person, Act.REFERRAL, key="b", referrer="r") == second
    assert checked(gaining, person, Act.REFERRAL, key="c", referrer="other").response is None
    assert checked(gaining, person, Act.REFERRAL, key="d").response is None
    path = f"{REVIEWS}/{second.review_id}"
    good(gaining.app.post(f"{path}/clear", {"reason": "A large family"}))
    assert checked(gaining, person, Act.REFERRAL, key="b", referrer="r") == Verdict()
    third = checked(gaining, person, Act.REFERRAL, key="e", referrer="r")
    good(gaining.app.post(f"{REVIEWS}/{third.review_id}/confirm", {"reason": "Invented"}))
    assert checked(gaining, person, Act.REFERRAL, key="e", referrer="r").blocks


def test_those_who_work_at_tills_have_limits_of_their_own(gaining: Gaining) -> None:
    limited(gaining, act="coupon", scope="actor", most=1, response="block")
    tenant = gaining.app.tenant_id
    till, other = (Caller(tenant, "till", client_id=name) for name in ("one", "two"))
    other = Caller(tenant, "other-till", client_id="two")
    one, two = gaining.person(), gaining.person()
    assert not checked(gaining, one, Act.COUPON, caller=till).blocks
    assert checked(gaining, two, Act.COUPON, caller=till).blocks
    assert not checked(gaining, two, Act.COUPON, caller=other).blocks


def test_a_limit_is_changed_rests_and_goes(gaining: Gaining) -> None:
    gaining.rule(fixed(10))
    rule, person = limited(gaining, most=1, response="block"), gaining.person()
    path = f"{VELOCITY}/{rule['id']}"
    gaining.buy(person, ("coffee", "1"))
    assert good(gaining.app.patch(path, {"active": False}))["active"] is False
    gaining.buy(person, ("coffee", "1"))
    good(gaining.app.patch(path, {"active": True, "most": 1}))
    gaining.buy(person, ("coffee", "1"))
    assert gaining.app.delete(path).status_code == 204
    gaining.buy(person, ("coffee", "1"))
    assert [one["outcome"] for one in gaining.earnings(person)] == [
        "earned",
        "blocked",
        "earned",
        "earned",
    ]
    (_, review) = (None, reviews(gaining)[0])
    assert good(gaining.app.post(f"{REVIEWS}/{review['id']}/clear", {"reason": "x"}))
    assert len(facts(gaining.loyalty, gaining.app, events.VelocityRuleCreated)) == 1
    assert len(facts(gaining.loyalty, gaining.app, events.VelocityRuleChanged)) == 2
    assert len(facts(gaining.loyalty, gaining.app, events.VelocityRuleRemoved)) == 1


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"name": " "}, ("/name", "name_missing")),
        ({"scope": "coupon"}, ("/scope", "scope_unfitting")),
        ({"scope": "referrer"}, ("/scope", "scope_unfitting")),
        ({"act": "redemption"}, ("/response", "response_unfitting")),
    ],
)
def test_a_limit_that_cannot_be_is_refused(
    gaining: Gaining, change: dict[str, Any], wrong: tuple[str, str]
) -> None:
    rule = limited(gaining)
    body = {"program_id": gaining.program["id"], "name": "L", "act": "earning", "most": 1}
    more = {"window_minutes": 5, "response": "hold", **change}
    for answer in (
        gaining.app.post(VELOCITY, {**body, **more}),
        gaining.app.patch(f"{VELOCITY}/{rule['id']}", change),
    ):
        assert (answer.status_code, places(answer)) == (422, [wrong])


def test_deciding_needs_a_reason_and_a_permission(
    timed: Loyalty, clock: MovableClock, gaining: Gaining
) -> None:
    gaining.rule(fixed(10))
    limited(gaining, most=1)
    person = gaining.person()
    gaining.buy(person, ("coffee", "1"))
    gaining.buy(person, ("coffee", "1"))
    path = f"{REVIEWS}/{reviews(gaining)[0]['id']}/clear"
    assert places(gaining.app.post(path, {"reason": "  "})) == [("/reason", "reason_missing")]
    reader = lasting_app(timed, clock, gaining.app.tenant_id, "loyalty.velocity_reviews.read")
    assert reader.post(path, {"reason": "x"}).status_code == 403
    assert gaining.free(person) == 10


def test_acts_that_cannot_wait_say_why_they_are_refused() -> None:
    Verdict().require_free()
    Verdict(Response.FLAG, uuid4()).require_free()
    for verdict, code in (
        (Verdict(Response.BLOCK, uuid4()), "velocity_limit_exceeded"),
        (Verdict(Response.HOLD, uuid4()), "velocity_limit_held"),
        (Verdict(Response.HOLD, uuid4(), refused=True), "velocity_limit_exceeded"),
    ):
        with pytest.raises(Conflict) as refusal:
            verdict.require_free()
        assert refusal.value.code == code
