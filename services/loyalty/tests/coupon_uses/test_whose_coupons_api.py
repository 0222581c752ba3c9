"""Whose coupons are, at a first purchase, within limits, after a merge, by whose clock (LO-7, LO-13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from loyalty.happenings.domain import HappeningKind
from loyalty.membership import profile_refresher
from rapport.contacts.events.v1.person_events_pb2 import PersonMerged
from services.loyalty.tests.befalling import befall, of_order
from services.loyalty.tests.builders import (
    Loyalty,
    at_once,
    enrol,
    good,
    lasting_app,
    refused,
)
from services.loyalty.tests.couponing import (
    COUPONS,
    Till,
    basket,
    dollars,
    line,
    off,
)
from services.loyalty.tests.fakes import FakePeople


@pytest.fixture
def till(app: ApiClient) -> Till:
    """A tenant with a program."""
    return Till(app)


@pytest.fixture
def lasting(timed: Loyalty, clock: MovableClock) -> Till:
    """The same by a clock that the test moves, from the first of January 2031 on, in Taipei."""
    clock.move(datetime(2031, 1, 1, 4, tzinfo=UTC) - clock.now())
    return Till(lasting_app(timed, clock))


def test_the_first_purchase_offer_is_issued_on_enrolment_and_holds_for_a_first_purchase_only(
    loyalty: Loyalty, bus: Bus, till: Till
) -> None:
    pool = till.pool(
        off("200"),
        issued_on="enrolled",
        conditions={"first_purchase_only": True, "minimum_spend": dollars("500")},
        limits={"personal": True},
        valid_days=30,
    )
    person = uuid4()
    enrol(till.app, till.program, person)
    wallet = f"/v1/loyalty/coupon-codes?person_id={person}"
    eventually(lambda: till.app.get(wallet).json["items"])
    eventually(bus.is_settled)
    (coupon,) = till.app.get(wallet).json["items"]
    assert (coupon["cause"], coupon["coupon_pool_id"]) == ("enrolled", pool["id"])
    buyer = {"person_id": str(person)}
    assert till.why_not(coupon["code"], lines=[line("499")], **buyer) == ["minimum_missed"]
    assert till.validate(coupon["code"], **buyer)["discount"] == dollars("200.00")
    befall(loyalty, till.app, of_order(HappeningKind.ORDER_PLACED, person, _NOW, "900"))
    assert till.why_not(coupon["code"], **buyer) == ["purchase_not_first"]


_NOW = datetime(2031, 1, 1, tzinfo=UTC)


def test_the_order_at_which_it_is_used_is_no_earlier_purchase_nor_is_a_cancelled_one(
    loyalty: Loyalty, till: Till
) -> None:
    pool = till.pool(off("200"), conditions={"first_purchase_only": True})
    person, order_id, cancelled = uuid4(), uuid4(), uuid4()
    code = till.issue(pool, person)
    own = of_order(HappeningKind.ORDER_PLACED, person, _NOW, "900", order_id=order_id)
    gone = [
        of_order(kind, person, _NOW, "100", order_id=cancelled, order_number="2030-1")
        for kind in (HappeningKind.ORDER_PLACED, HappeningKind.ORDER_CANCELLED)
    ]
    befall(loyalty, till.app, own, *gone)
    assert till.why_not(code) == ["purchase_not_first"]
    (use,) = good(till.redeem(code, order="A-1", order_id=str(order_id)))["uses"]
    assert use["first_purchase"] is True


def test_two_first_purchases_at_once_are_not_both_the_first(till: Till) -> None:
    pool = till.pool(off("200"), conditions={"first_purchase_only": True})
    person = uuid4()
    codes = [till.issue(pool, person) for _ in range(4)]
    tills = [
        lambda n=n, code=code: till.redeem(code, order=f"F-{n}") for n, code in enumerate(codes)
    ]
    assert at_once(*tills) == [200, 409, 409, 409]


def test_who_shows_too_many_unknown_codes_waits_even_with_a_right_one(
    loyalty: Loyalty, till: Till
) -> None:
    code = till.issue(till.pool())
    unknown = [f"NONE{n}" for n in range(20)]
    for _ in range(3):
        good(till.app.post(f"{COUPONS}/validate", basket(*unknown)))
    for path in ("validate", "redeem"):
        answer = till.app.post(f"{COUPONS}/{path}", basket(code, order_reference="1"))
        assert refused(answer) == (429, "too_many_unknown_codes")
        assert int(answer.headers["Retry-After"]) >= 1
    assert till.app.tenant_id is not None
    other = loyalty.app_client(loyalty.new_tenant())
    assert good(other.post(f"{COUPONS}/validate", basket(code)))["valid"] is False


def test_members_who_use_more_coupons_than_usual_are_refused_and_looked_at(till: Till) -> None:
    rule = {
        "program_id": till.program["id"],
        "name": "Few coupons",
        "act": "coupon",
        "measure": "times",
        "scope": "member",
        "most": 1,
        "window_minutes": 60,
        "response": "block",
    }
    good(till.app.post("/v1/loyalty/velocity-rules", rule))
    person, pool = uuid4(), till.pool()
    enrol(till.app, till.program, person)
    first, second = (till.issue(pool, person) for _ in range(2))
    good(till.redeem(first, order="1"))
    for _ in range(2):
        assert refused(till.redeem(second, order="2")) == (409, "velocity_limit_exceeded")
    assert till.why_not(second) == [None]
    (review,) = till.app.get("/v1/loyalty/velocity-reviews").json["items"]
    clear = f"/v1/loyalty/velocity-reviews/{review['id']}/clear"
    good(till.app.post(clear, {"reason": "A wedding"}))
    good(till.redeem(second, order="2"))


def test_a_persons_days_go_by_their_own_clock(
    timed: Loyalty, lasting: Till, people: FakePeople, clock: MovableClock
) -> None:
    person = uuid4()
    people.know(person, time_zone="America/New_York")
    enrol(lasting.app, lasting.program, person)
    asking = profile_refresher(timed.service, people, "loyalty")
    while asking.ask_due() == 0:
        pass
    code = lasting.issue(lasting.pool(valid_days=1), person)
    clock.move(datetime(2031, 1, 2, 4, 59, tzinfo=UTC) - clock.now())
    assert lasting.why_not(code) == [None], "it is still the first of January there"
    clock.move(timedelta(minutes=1))
    assert lasting.why_not(code) == ["coupon_expired"]


def test_coupons_follow_people_through_merges(bus: Bus, till: Till) -> None:
    gone, left = uuid4(), uuid4()
    code = till.issue(till.pool(limits={"personal": True}), gone)
    fact = PersonMerged(person_id=str(left), merged_person_id=str(gone), merge_id=str(UUID(int=7)))
    assert till.app.tenant_id is not None
    bus.say(fact, till.app.tenant_id, left)
    eventually(lambda: till.why_not(code, person_id=str(left)) == [None])
    good(till.redeem(code, order="1", person_id=str(gone)))
