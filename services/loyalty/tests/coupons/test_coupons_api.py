"""Coupons over REST: issued, shown, revoked; their codes are for those who may see them (LO-7)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import Caller
from chassis.testing.client import ApiClient
from loyalty.codes.domain import LONG, normalized
from loyalty.coupons.domain import IssueCause
from loyalty.coupons.operations import issue_coupon
from rapport.loyalty.events.v1 import coupon_events_pb2 as events
from rapport.loyalty.requests.v1.send_message_pb2 import SendMessage
from services.loyalty.tests.builders import Loyalty, at_once, facts, good, lasting_app, refused
from services.loyalty.tests.couponing import CODES, COUPONS, POOLS, TEN_PERCENT, Till


@pytest.fixture
def till(app: ApiClient) -> Till:
    """A tenant with a program."""
    return Till(app)


@pytest.fixture
def lasting(timed: Loyalty, clock: MovableClock) -> Till:
    """The same by a clock that the test moves, from the first of January 2031 on, in Taipei."""
    clock.move(datetime(2031, 1, 1, 4, tzinfo=UTC) - clock.now())
    return Till(lasting_app(timed, clock))


def test_listing_needs_a_token_and_shows_no_other_tenants(loyalty: Loyalty, till: Till) -> None:
    pool = till.pool()
    body = {"coupon_pool_id": pool["id"], "person_id": str(uuid4())}
    coupon = good(till.app.post(COUPONS, body))
    stranger = loyalty.app_client(loyalty.new_tenant())
    for path in (COUPONS, CODES):
        assert refused(loyalty.anonymous().get(path)) == (401, "token_missing")
        assert stranger.get(path).json["items"] == []
        assert stranger.get(f"{path}/{coupon['id']}").status_code == 404
    assert stranger.post(COUPONS, body).status_code == 404
    revoke = f"{COUPONS}/{coupon['id']}/revoke"
    assert stranger.post(revoke, {"reason": "mine"}).status_code == 404


def test_a_person_is_issued_a_coupon_and_no_fact_tells_its_code(
    loyalty: Loyalty, till: Till
) -> None:
    pool, person = till.pool(campaign="spring"), uuid4()
    body = {"coupon_pool_id": pool["id"], "person_id": str(person)}
    coupon = good(till.app.post(COUPONS, body))
    assert till.app.get(f"{COUPONS}/{coupon['id']}").json == coupon
    assert "code" not in coupon
    (shown,) = till.app.get(f"{CODES}?person_id={person}").json["items"]
    code = normalized(shown["code"])
    assert LONG.fits(code)
    assert (shown["name"], code[-4:]) == (pool["name"], coupon["ending"])
    (told,) = facts(loyalty, till.app, events.CouponIssued)
    assert (told.person_id, told.pool.campaign, told.cause) == (str(person), "spring", "request")
    assert till.app.tenant_id is not None
    for _, payload in loyalty.facts(till.app.tenant_id):
        assert code.encode() not in payload
        assert shown["code"].encode() not in payload


def test_who_lists_coupons_sees_no_codes(loyalty: Loyalty, till: Till) -> None:
    till.issue(till.pool())
    assert till.app.tenant_id is not None
    reader = loyalty.app_client(till.app.tenant_id, "loyalty.coupons.read")
    assert len(reader.get(COUPONS).json["items"]) == 1
    assert refused(reader.get(CODES)) == (403, "permission_missing")


def test_a_template_has_the_person_told_of_the_code_and_nobody_else(
    loyalty: Loyalty, till: Till
) -> None:
    person = uuid4()
    code = till.issue(till.pool(template="spring_coupon", valid_until="2999-12-31"), person)
    (asked,) = facts(loyalty, till.app, SendMessage)
    request = asked.request
    assert (request.person_id, request.template) == (str(person), "spring_coupon")
    assert request.variables["code"] == code
    assert request.expires_at.ToDatetime(UTC) == datetime(2999, 12, 31, 16, tzinfo=UTC)


def test_only_active_pools_issue(till: Till) -> None:
    body = {"program_id": till.program["id"], "name": {"en": "A"}, "benefit": TEN_PERCENT}
    draft = good(till.app.post(POOLS, body))
    wanted = {"coupon_pool_id": draft["id"], "person_id": str(uuid4())}
    assert refused(till.app.post(COUPONS, wanted)) == (409, "coupon_pool_not_active")
    good(till.app.post(f"{POOLS}/{draft['id']}/end"))
    assert refused(till.app.post(COUPONS, wanted)) == (409, "coupon_pool_ended")
    wanted["coupon_pool_id"] = str(uuid4())
    assert till.app.post(COUPONS, wanted).status_code == 404


def test_many_people_are_issued_coupons_at_once(till: Till) -> None:
    pool = till.pool()
    items = [{"coupon_pool_id": pool["id"], "person_id": str(uuid4())} for _ in range(3)]
    items.append({"coupon_pool_id": str(uuid4()), "person_id": str(uuid4())})
    answer = good(till.app.post(f"{COUPONS}/batch", {"items": items}))
    assert [one["status"] for one in answer["items"]] == [201, 201, 201, 404]
    assert len(till.app.get(f"{COUPONS}?coupon_pool_id={pool['id']}").json["items"]) == 3


def test_for_one_cause_there_is_one_coupon_whoever_is_first(loyalty: Loyalty, till: Till) -> None:
    pool_id, person = UUID(till.pool()["id"]), uuid4()
    cause, caller = IssueCause("redemption", str(uuid4())), Caller(till.app.tenant_id, "test")

    def issue(_time: int) -> UUID:
        run = loyalty.service.operations.run
        return run(caller, issue_coupon, pool_id, person, cause).id

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(issue, range(4)))) == 1
    assert len(facts(loyalty, till.app, events.CouponIssued)) == 1


def test_a_revoked_coupon_is_good_for_nothing(loyalty: Loyalty, till: Till) -> None:
    code = till.issue(till.pool())
    (coupon,) = till.app.get(COUPONS).json["items"]
    path = f"{COUPONS}/{coupon['id']}/revoke"
    assert at_once(*[lambda: till.app.post(path, {"reason": "Lost"})] * 3) == [200, 200, 200]
    assert till.why_not(code) == ["coupon_revoked"]
    (told,) = facts(loyalty, till.app, events.CouponRevoked)
    assert told.reason == "Lost"


def test_a_used_coupon_cannot_be_revoked(till: Till) -> None:
    good(till.redeem(till.issue(till.pool()), order="1"))
    (coupon,) = till.app.get(COUPONS).json["items"]
    answer = till.app.post(f"{COUPONS}/{coupon['id']}/revoke", {"reason": "Late"})
    assert refused(answer) == (409, "coupon_used")


def test_days_count_from_the_issue_until_the_end_of_a_day_where_the_program_is(
    lasting: Till, clock: MovableClock
) -> None:
    pool = lasting.pool(valid_days=30, valid_from="2031-01-02", valid_until="2031-06-30")
    code = lasting.issue(pool)
    (coupon,) = lasting.app.get(COUPONS).json["items"]
    assert coupon["valid_from"] == "2031-01-01T16:00:00Z"
    assert coupon["expires_at"] == "2031-01-31T16:00:00Z"
    assert lasting.why_not(code) == ["coupon_not_yet_valid"]
    clock.move(datetime(2031, 1, 31, 15, 59, tzinfo=UTC) - clock.now())
    assert lasting.why_not(code) == [None]
    clock.move(timedelta(minutes=1))
    assert lasting.why_not(code) == ["coupon_expired"]
    assert refused(lasting.redeem(code, order="1")) == (409, "coupon_refused")
    longer = lasting.issue(pool)
    good(lasting.app.patch(f"{POOLS}/{pool['id']}", {"valid_until": "2031-02-01"}))
    clock.move(timedelta(days=2))
    assert lasting.why_not(longer) == ["coupon_expired"], "the earliest end counts"
