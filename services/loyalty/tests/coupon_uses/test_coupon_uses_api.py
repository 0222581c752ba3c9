"""Coupons at purchases over REST: looked at, used once, taken back, and why not (LO-7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import Caller
from chassis.storage.scope import EVERYTHING
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from loyalty.ledger.queries import balance
from rapport.loyalty.events.v1 import coupon_events_pb2 as events
from rapport.sales.events.v1 import order_events_pb2 as orders
from services.loyalty.tests.builders import (
    Loyalty,
    at_once,
    enrol,
    facts,
    good,
    header,
    lasting_app,
    places,
    refused,
    stamp,
)
from services.loyalty.tests.couponing import (
    COUPONS,
    POOLS,
    USES,
    Till,
    basket,
    dollars,
    line,
    off,
)


@pytest.fixture
def till(app: ApiClient) -> Till:
    """A tenant with a program."""
    return Till(app)


@pytest.fixture
def lasting(timed: Loyalty, clock: MovableClock) -> Till:
    """The same by a clock that the test moves, from the first of January 2031 on, in Taipei."""
    clock.move(datetime(2031, 1, 1, 4, tzinfo=UTC) - clock.now())
    return Till(lasting_app(timed, clock))


def available(loyalty: Loyalty, till: Till, member_id: UUID) -> int:
    """How many points a member can spend."""
    read = loyalty.service.operations.read
    return read(Caller(till.app.tenant_id, "test"), EVERYTHING, balance, member_id).available


def test_listing_needs_a_token_and_shows_no_other_tenants(loyalty: Loyalty, till: Till) -> None:
    code = till.issue(till.pool())
    (use,) = good(till.redeem(code, order="1"))["uses"]
    assert refused(loyalty.anonymous().get(USES)) == (401, "token_missing")
    stranger = loyalty.app_client(loyalty.new_tenant())
    assert stranger.get(USES).json["items"] == []
    assert stranger.get(f"{USES}/{use['id']}").status_code == 404
    assert stranger.post(f"{USES}/{use['id']}/roll-back").status_code == 404
    assert stranger.post(f"{COUPONS}/roll-back", {"order_reference": "1"}).status_code == 404


def test_of_another_tenants_code_nobody_is_told_more_than_of_one_that_is_none(
    loyalty: Loyalty, till: Till
) -> None:
    stranger = loyalty.app_client(loyalty.new_tenant())
    theirs, made_up, mistyped = till.issue(till.pool()), "23456-789AB-CDEFG", "no such code!"
    answer = good(stranger.post(f"{COUPONS}/validate", basket(theirs, made_up, mistyped)))
    one, *others = [{**told, "code": ""} for told in answer["coupons"]]
    assert others == [one, one]
    assert (one["reason"]["code"], one["coupon_id"]) == ("coupon_unknown", None)
    used = stranger.post(f"{COUPONS}/redeem", basket(theirs, order_reference="1"))
    assert refused(used) == (409, "coupon_unknown")
    assert till.why_not(theirs) == [None]


def test_who_may_look_may_not_use(loyalty: Loyalty, till: Till) -> None:
    code = till.issue(till.pool())
    assert till.app.tenant_id is not None
    looker = loyalty.app_client(till.app.tenant_id, "loyalty.coupons.validate")
    assert good(looker.post(f"{COUPONS}/validate", basket(code)))["valid"]
    for path, body in (
        ("redeem", basket(code, order_reference="1")),
        ("roll-back", {"order_reference": "1"}),
    ):
        assert refused(looker.post(f"{COUPONS}/{path}", body)) == (403, "permission_missing")


def test_a_basket_is_told_what_comes_off_line_by_line_and_nothing_is_used(till: Till) -> None:
    code = till.issue(till.pool(off("100")))
    lines = [line("100"), line("100", "2"), line("100.01", "3")]
    for _ in range(2):
        told = till.validate(code.lower().replace("-", " "), lines=lines)
        assert (told["discount"], told["total"]) == (dollars("100.00"), dollars("200.01"))
        shares = [one["discount"]["amount"] for one in told["lines"]]
        assert shares == ["33.33", "33.33", "33.34"]
        assert [one["total"]["amount"] for one in told["lines"]] == ["66.67", "66.67", "66.67"]
        (coupon,) = told["coupons"]
        assert coupon["discount"] == dollars("100.00")


def test_a_coupon_is_used_once_and_the_order_asked_again_changes_nothing(
    loyalty: Loyalty, till: Till
) -> None:
    person = uuid4()
    code = till.issue(till.pool(campaign="spring"), person)
    order_id = uuid4()
    first = good(till.redeem(code, order="A-1", order_id=str(order_id), channel="store"))
    assert first["discount"] == dollars("100.00")
    (use,) = first["uses"]
    assert (use["person_id"], use["campaign"]) == (str(person), "spring")
    assert good(till.redeem(code, order="A-1", order_id=str(order_id))) == first
    assert refused(till.redeem(code, order="A-2")) == (409, "coupon_refused")
    assert places(till.redeem(code, order="A-2")) == [("/codes/0", "coupon_used")]
    assert till.app.get(f"{USES}/{use['id']}").json == use
    assert till.app.get(f"{USES}?person_id={person}&campaign=spring").json["items"] == [use]
    (told,) = facts(loyalty, till.app, events.CouponRedeemed)
    assert (told.person_id, told.use.order_id) == (str(person), str(order_id))
    assert (told.use.discount.amount, told.use.basket_total.amount) == ("100.00", "1000.00")


def test_of_two_tills_that_show_the_same_coupon_at_once_one_wins(
    loyalty: Loyalty, till: Till
) -> None:
    code = till.issue(till.pool())
    tills = [lambda n=n: till.redeem(code, order=f"T-{n}") for n in range(6)]
    assert at_once(*tills) == [200, 409, 409, 409, 409, 409]
    assert len(facts(loyalty, till.app, events.CouponRedeemed)) == 1


def test_the_same_order_told_by_many_at_once_uses_a_coupon_once(
    loyalty: Loyalty, till: Till
) -> None:
    code = till.issue(till.pool())
    assert at_once(*[lambda: till.redeem(code, order="A-1")] * 6) == [200] * 6
    assert len(facts(loyalty, till.app, events.CouponRedeemed)) == 1


def test_a_public_code_is_used_as_often_as_it_may_be_by_however_many_at_once(till: Till) -> None:
    till.public("WELCOME", off("50"), limits={"total_uses": 3})
    tills = [lambda n=n: till.redeem("welcome", order=f"W-{n}") for n in range(7)]
    assert at_once(*tills) == [200, 200, 200, 409, 409, 409, 409]
    assert till.why_not("Welcome") == ["uses_exhausted"]
    (first, *_) = till.app.get(USES).json["items"]
    good(till.roll_back(first["order_reference"]))
    assert till.why_not("WELCOME") == [None]


def test_a_person_uses_a_code_as_often_as_they_may_even_at_two_tills_at_once(till: Till) -> None:
    till.public("TWICE", off("50"), limits={"uses_per_person": 2})
    person = str(uuid4())
    assert till.why_not("TWICE") == ["person_needed"]
    tills = [lambda n=n: till.redeem("TWICE", order=f"P-{n}", person_id=person) for n in range(5)]
    assert at_once(*tills) == [200, 200, 409, 409, 409]
    assert till.why_not("TWICE", person_id=person) == ["person_uses_exhausted"]
    assert till.why_not("TWICE", person_id=str(uuid4())) == [None]


def test_a_code_may_be_good_for_several_uses(till: Till) -> None:
    code = till.issue(till.pool(limits={"uses_per_code": 2}))
    good(till.redeem(code, order="1"))
    good(till.redeem(code, order="2"))
    assert refused(till.redeem(code, order="3")) == (409, "coupon_refused")


def test_a_personal_coupon_is_for_whom_it_was_issued_to(till: Till) -> None:
    person = uuid4()
    code = till.issue(till.pool(limits={"personal": True}), person)
    assert till.why_not(code) == ["person_needed"]
    assert till.why_not(code, person_id=str(uuid4())) == ["person_differs"]
    good(till.redeem(code, order="1", person_id=str(person)))


def test_coupons_that_do_not_go_together_are_refused_all(till: Till) -> None:
    alone, other = till.issue(till.pool()), till.issue(till.pool(off("10")))
    told = till.validate(alone, other)
    assert [one["valid"] for one in told["coupons"]] == [True, False]
    assert told["coupons"][1]["reason"]["beside"] == 0
    assert told["discount"] == dollars("100.00")
    assert places(till.redeem(alone, other, order="1")) == [("/codes/1", "not_stackable")]
    assert till.why_not(alone) == [None], "nothing was used"
    assert till.why_not(alone, alone) == [None, "coupon_repeated"]


def test_coupons_that_go_together_come_off_one_after_the_other(till: Till) -> None:
    anything = {"stacking": {"rule": "with_any"}}
    percent = till.issue(till.pool({"kind": "percent_off", "percent": "50"}, **anything))
    amount = till.issue(till.pool(off("100"), **anything))
    told = till.validate(amount, percent)
    assert [one["discount"]["amount"] for one in told["coupons"]] == ["100.00", "500.00"]
    used = good(till.redeem(amount, percent, order="1"))
    assert used["discount"] == dollars("600.00")
    assert refused(till.redeem(amount, order="1")) == (409, "order_has_coupons")


def test_what_was_used_comes_back_once_however_often_it_is_asked(
    loyalty: Loyalty, till: Till
) -> None:
    code = till.issue(till.pool(limits={"total_uses": 1}))
    good(till.redeem(code, order="A-1"))
    assert at_once(*[lambda: till.roll_back("A-1")] * 4) == [200] * 4
    assert till.roll_back("A-9").status_code == 404
    (told,) = facts(loyalty, till.app, events.CouponUseUndone)
    assert told.cause == "request"
    again = good(till.redeem(code, order="A-1"))
    assert [use["rolled_back_at"] for use in again["uses"]] == [None]
    assert refused(till.redeem(code, order="A-2")) == (409, "coupon_refused")
    (use,) = again["uses"]
    undone = good(till.app.post(f"{USES}/{use['id']}/roll-back"))
    assert undone["rolled_back_for"] == "request"
    assert till.why_not(code) == [None]


@pytest.mark.parametrize("left_out", [[], ["person_id"]])
def test_a_cancelled_order_gives_its_coupons_back_whoever_ordered(
    loyalty: Loyalty, bus: Bus, till: Till, left_out: list[Any]
) -> None:
    code, other = till.issue(till.pool()), till.issue(till.pool())
    order_id, person, at = uuid4(), uuid4(), datetime(2031, 3, 4, tzinfo=UTC)
    good(till.redeem(code, order="A-1", order_id=str(order_id)))
    order = header(person, order_id, at, "900")
    for name in left_out:
        order.ClearField(name)
    good(till.redeem(other, order=order.number))
    fact = orders.OrderCancelled(
        order_id=str(order_id), order=order, reason="", cancelled_at=stamp(at)
    )
    assert till.app.tenant_id is not None
    for _ in range(2):
        bus.say(fact, till.app.tenant_id, order_id)
    eventually(lambda: till.why_not(code) == [None])
    eventually(bus.is_settled)
    assert till.why_not(other) == [None], "it was used at the order's number, without its id"
    undone = facts(loyalty, till.app, events.CouponUseUndone)
    assert [told.cause for told in undone] == ["order_cancelled", "order_cancelled"]


def test_a_coupon_that_expired_meanwhile_comes_back_expired(
    lasting: Till, clock: MovableClock
) -> None:
    code = lasting.issue(lasting.pool(valid_days=1))
    good(lasting.redeem(code, order="A-1"))
    clock.move(timedelta(days=5))
    good(lasting.redeem(code, order="A-1"))
    good(lasting.roll_back("A-1"))
    assert lasting.why_not(code) == ["coupon_expired"]


def test_a_paused_pool_lets_nothing_be_used_and_an_ended_one_never_again(till: Till) -> None:
    pool = till.pool()
    code = till.issue(pool)
    good(till.app.post(f"{POOLS}/{pool['id']}/pause"))
    assert till.why_not(code) == ["coupon_not_active"]
    good(till.app.post(f"{POOLS}/{pool['id']}/activate"))
    assert till.why_not(code) == [None]
    good(till.app.post(f"{POOLS}/{pool['id']}/end"))
    assert till.why_not(code) == ["coupon_expired"]


def test_a_coupon_for_points_gives_them_to_members_and_takes_them_back(
    loyalty: Loyalty, till: Till
) -> None:
    person, pool = uuid4(), till.pool({"kind": "points", "points": 50})
    code = till.issue(pool, person)
    assert till.why_not(code) == ["member_needed"]
    member_id = UUID(enrol(till.app, till.program, person)["id"])
    (use,) = good(till.redeem(code, order="A-1"))["uses"]
    assert (use["points"], use["discount"]) == (50, dollars("0.00"))
    assert available(loyalty, till, member_id) == 50
    good(till.roll_back("A-1"))
    assert available(loyalty, till, member_id) == 0


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"currency": "XXX"}, ("/currency", "currency_unknown")),
        ({"lines": [line("1.005")]}, ("/lines/0/total/amount", "amount_too_fine")),
        ({"lines": [line("1"), line("2")]}, ("/lines", "line_repeated")),
    ],
)
def test_a_basket_that_cannot_be_is_refused(
    till: Till, change: dict[str, Any], wrong: tuple[str, str]
) -> None:
    answer = till.app.post(f"{COUPONS}/validate", basket("A", **change))
    assert (answer.status_code, places(answer)) == (422, [wrong])
