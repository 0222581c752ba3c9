"""Pools of coupons over REST: drafted, changed, activated, ended, and seen by nobody else (LO-7)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from chassis.testing.client import ApiClient
from rapport.loyalty.events.v1 import coupon_pool_events_pb2 as events
from services.loyalty.tests.builders import Loyalty, at_once, facts, good, places, refused
from services.loyalty.tests.couponing import COUPONS, POOLS, TEN_PERCENT, Till, dollars, off


@pytest.fixture
def till(app: ApiClient) -> Till:
    """A tenant with a program."""
    return Till(app)


def body(till: Till, **more: Any) -> dict[str, Any]:
    """A pool to draft."""
    return {
        "program_id": till.program["id"],
        "name": {"en": "Spring", "zh-Hant": "春"},
        "benefit": TEN_PERCENT,
        **more,
    }


def test_listing_needs_a_token_and_shows_no_other_tenants(loyalty: Loyalty, till: Till) -> None:
    pool = till.pool()
    assert refused(loyalty.anonymous().get(POOLS)) == (401, "token_missing")
    stranger = loyalty.app_client(loyalty.new_tenant())
    assert stranger.get(POOLS).json["items"] == []
    path = f"{POOLS}/{pool['id']}"
    assert stranger.get(path).status_code == 404
    assert stranger.patch(path, {"campaign": "mine"}).status_code == 404
    for verb in ("activate", "pause", "end"):
        assert stranger.post(f"{path}/{verb}").status_code == 404, verb
    theirs = Till(stranger)
    foreign = {"rule": "with_listed", "pools": [pool["id"]]}
    answer = stranger.post(POOLS, body(theirs, stacking=foreign))
    assert places(answer) == [("/stacking/pools/0", "coupon_pool_unknown")]


def test_who_may_read_may_not_write(loyalty: Loyalty, till: Till) -> None:
    reader = loyalty.app_client(loyalty.new_tenant(), "loyalty.coupon_pools.read")
    assert reader.get(POOLS).json["items"] == []
    assert reader.post(POOLS, body(till)).status_code == 403


def test_a_pool_is_drafted_changed_and_activated_and_each_step_is_told(
    loyalty: Loyalty, till: Till
) -> None:
    app = till.app
    conditions = {"minimum_spend": dollars("500"), "categories": ["coffee"]}
    asked = body(till, campaign="spring-2031", conditions=conditions, valid_days=30)
    draft = good(app.post(POOLS, asked))
    path = f"{POOLS}/{draft['id']}"
    assert app.get(path).json == draft
    assert draft["conditions"]["minimum_spend"] == dollars("500.00")
    assert (draft["state"], draft["benefit"]["percent"]) == ("draft", "10")
    changed = good(app.patch(path, {"benefit": off("200"), "valid_until": "2031-12-31"}))
    assert (changed["benefit"]["amount"], changed["valid_days"]) == (dollars("200.00"), 30)
    assert good(app.patch(path, {"campaign": "spring-2031"}))["version"] == changed["version"]
    good(app.post(f"{path}/activate"))
    assert refused(app.patch(path, {"benefit": off("1")})) == (409, "coupon_benefit_settled")
    good(app.post(f"{path}/pause"))
    good(app.post(f"{path}/end"))
    assert refused(app.post(f"{path}/activate")) == (409, "coupon_pool_ended")
    assert (
        app.get(f"{POOLS}?campaign=spring-2031&state=ended").json["items"][0]["id"] == draft["id"]
    )
    told = [
        len(facts(loyalty, app, kind))
        for kind in (
            events.CouponPoolDrafted,
            events.CouponPoolChanged,
            events.CouponPoolActivated,
            events.CouponPoolPaused,
            events.CouponPoolEnded,
        )
    ]
    assert told == [1, 1, 1, 1, 1]
    (active,) = facts(loyalty, app, events.CouponPoolActivated)
    assert (active.pool.campaign, active.pool.benefit) == ("spring-2031", "amount_off")
    assert active.pool.name["zh-Hant"] == "春"


def test_a_stale_change_is_refused(till: Till) -> None:
    pool = till.pool()
    path = f"{POOLS}/{pool['id']}"
    headers = {"If-Match": f'"{pool["version"]}"'}
    good(till.app.patch(path, {"campaign": "a"}, headers=headers))
    assert till.app.patch(path, {"campaign": "b"}, headers=headers).status_code == 412


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"benefit": {"kind": "amount_off"}}, [("/benefit/amount", "benefit_incomplete")]),
        (
            {"benefit": {"kind": "percent_off", "percent": "0"}},
            [("/benefit/percent", "benefit_incomplete")],
        ),
        (
            {"benefit": {"kind": "amount_off", "amount": {"amount": "0.005", "currency": "TWD"}}},
            [("/benefit/amount/amount", "amount_too_fine")],
        ),
        ({"public_code": "SPRING"}, [("/public_code", "public_code_unfit")]),
        ({"kind": "public", "public_code": "a.b"}, [("/public_code", "public_code_unfit")]),
    ],
)
def test_a_pool_that_cannot_be_is_refused(
    till: Till, change: dict[str, Any], wrong: list[tuple[str, str]]
) -> None:
    answer = till.app.post(POOLS, body(till, **change))
    assert (answer.status_code, places(answer)) == (422, wrong)


def test_a_pool_belongs_to_a_program_that_there_is(till: Till) -> None:
    assert till.app.post(POOLS, body(till, program_id=str(uuid4()))).status_code == 404


def test_a_public_code_is_one_pools_alone_however_it_is_written(till: Till) -> None:
    asked = [body(till, kind="public", public_code=code) for code in ("spring-31", " Spring 31 ")]
    assert at_once(*[lambda one=one: till.app.post(POOLS, one) for one in asked]) == [201, 409]
    assert refused(till.app.post(POOLS, asked[0])) == (409, "coupon_code_taken")
    (pool,) = till.app.get(POOLS).json["items"]
    assert pool["public_code"] == "SPRING31"
    issued = {"coupon_pool_id": pool["id"], "person_id": str(uuid4())}
    assert refused(till.app.post(COUPONS, issued)) == (409, "coupon_pool_public")
