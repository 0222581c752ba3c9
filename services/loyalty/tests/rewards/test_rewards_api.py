"""Rewards over REST: drafted, stocked, activated, changed, and seen by nobody else (LO-6)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from chassis.testing.client import ApiClient
from rapport.loyalty.events.v1 import reward_events_pb2 as events
from services.loyalty.tests.builders import Loyalty, at_once, facts, good, places, refused
from services.loyalty.tests.couponing import POOLS, TEN_PERCENT
from services.loyalty.tests.redeeming import REWARDS, Shop


@pytest.fixture
def shop(loyalty: Loyalty, app: ApiClient) -> Shop:
    """A tenant with a program."""
    return Shop(loyalty, app)


def test_listing_needs_a_token_and_shows_no_other_tenants(loyalty: Loyalty, shop: Shop) -> None:
    reward = shop.reward()
    assert refused(loyalty.anonymous().get(REWARDS)) == (401, "token_missing")
    stranger = loyalty.app_client(loyalty.new_tenant())
    assert stranger.get(REWARDS).json["items"] == []
    path = f"{REWARDS}/{reward['id']}"
    assert stranger.get(path).status_code == 404
    assert stranger.patch(path, {"points": 1}).status_code == 404
    for verb in ("activate", "pause", "end", "restore"):
        assert stranger.post(f"{path}/{verb}").status_code == 404, verb
    body = {"change": 1, "reason": "Mine"}
    assert stranger.post(f"{path}/stock-changes", body).status_code == 404


def test_who_may_read_may_not_write_and_who_may_write_may_not_stock(
    loyalty: Loyalty, shop: Shop
) -> None:
    reward = shop.reward(stock=1)
    reader = loyalty.app_client(shop.tenant_id, "loyalty.rewards.read")
    assert [one["id"] for one in reader.get(REWARDS).json["items"]] == [reward["id"]]
    writer = loyalty.app_client(shop.tenant_id, "loyalty.rewards.write")
    path = f"{REWARDS}/{reward['id']}"
    assert reader.patch(path, {"points": 1}).status_code == 403
    body = {"change": 1, "reason": "Mine"}
    assert writer.post(f"{path}/stock-changes", body).status_code == 403


def test_a_reward_goes_from_draft_to_its_end_and_each_step_is_told(
    loyalty: Loyalty, shop: Shop
) -> None:
    app = shop.app
    draft = shop.draft(
        description={"en": "Of clay"}, image_url="https://cdn.example/mug.png", hold_days=7
    )
    path = f"{REWARDS}/{draft['id']}"
    assert app.get(path).json == draft
    assert (draft["state"], draft["stock"], draft["hold_days"]) == ("draft", [], 7)
    changed = good(app.patch(path, {"points": 150, "description": None}))
    assert (changed["points"], changed["description"], changed["hold_days"]) == (150, {}, 7)
    assert good(app.patch(path, {"points": 150}))["version"] == changed["version"]
    assert refused(app.post(f"{path}/pause")) == (409, "reward_not_active")
    for verb in ("activate", "activate", "pause", "activate", "end", "end"):
        good(app.post(f"{path}/{verb}"))
    assert refused(app.patch(path, {"points": 1})) == (409, "reward_ended")
    assert refused(app.post(f"{path}/activate")) == (409, "reward_ended")
    kinds = (
        events.RewardDrafted,
        events.RewardChanged,
        events.RewardActivated,
        events.RewardPaused,
        events.RewardEnded,
    )
    assert [len(facts(loyalty, app, kind)) for kind in kinds] == [1, 1, 2, 1, 1]
    (ended,) = facts(loyalty, app, events.RewardEnded)
    assert (ended.reward.points, ended.reward.name["en"]) == (150, "Mug")


def test_a_reward_that_has_ended_is_back_paused_with_the_stock_that_is_left(
    loyalty: Loyalty, shop: Shop
) -> None:
    reward, ann = shop.reward(stock=3), shop.rich()
    path = f"{REWARDS}/{reward['id']}"
    assert good(shop.app.post(f"{path}/restore"))["state"] == "active", "it has not ended"
    held = shop.reserved(reward, ann)
    good(shop.app.post(f"{path}/end"))
    assert shop.do(held, "cancel", reason="Another one").status_code == 200
    statuses = at_once(*[lambda: shop.app.post(f"{path}/restore")] * 3)
    assert statuses == [200, 200, 200]
    assert good(shop.app.get(path))["state"] == "paused"
    assert refused(shop.ask(reward, ann)) == (409, "reward_not_active")
    good(shop.app.post(f"{path}/activate"))
    assert shop.left(reward) == {"": 3}
    shop.reserved(reward, ann)
    (told,) = facts(loyalty, shop.app, events.RewardRestored)
    assert (told.reward_id, told.reward.state) == (reward["id"], "paused")


def test_the_catalogue_is_by_state_and_price(shop: Shop) -> None:
    cheap, dear = shop.reward(points=10), shop.reward(points=500)
    shop.draft(points=20)
    listed = shop.app.get(f"{REWARDS}?state=active&sort=points").json["items"]
    assert [one["id"] for one in listed] == [cheap["id"], dear["id"]]
    affordable = shop.app.get(f"{REWARDS}?state=active&points[lte]=100").json["items"]
    assert [one["id"] for one in affordable] == [cheap["id"]]


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"fulfilment": "code"}, ("/coupon_pool_id", "coupon_pool_unfit")),
        ({"coupon_pool_id": str(uuid4())}, ("/coupon_pool_id", "coupon_pool_unfit")),
        (
            {"fulfilment": "code", "coupon_pool_id": str(uuid4())},
            ("/coupon_pool_id", "coupon_pool_unfit"),
        ),
        (
            {"valid_from": "2031-02-01", "valid_until": "2031-01-31"},
            ("/valid_until", "validity_empty"),
        ),
        ({"image_url": "http://cdn.example/mug.png"}, ("/image_url", "image_url_unfit")),
        ({"segments": [str(uuid4())]}, ("/segments", "segments_unavailable")),
    ],
)
def test_a_reward_that_cannot_be_is_refused(
    shop: Shop, change: dict[str, Any], wrong: tuple[str, str]
) -> None:
    body = {"program_id": shop.program["id"], "name": {"en": "Mug"}, "points": 1, **change}
    answer = shop.app.post(REWARDS, body)
    assert (answer.status_code, places(answer)) == (422, [wrong])


def test_coupons_come_of_a_pool_of_the_same_program_that_has_codes(shop: Shop) -> None:
    public = {
        "program_id": shop.program["id"],
        "name": {"en": "A"},
        "benefit": TEN_PERCENT,
        "kind": "public",
        "public_code": "WELCOME",
    }
    pool = good(shop.app.post(POOLS, public))
    body = {
        "program_id": shop.program["id"],
        "name": {"en": "Voucher"},
        "points": 1,
        "fulfilment": "code",
        "coupon_pool_id": pool["id"],
    }
    assert places(shop.app.post(REWARDS, body)) == [("/coupon_pool_id", "coupon_pool_unfit")]


def test_stock_goes_in_and_out_and_never_below_nothing(loyalty: Loyalty, shop: Shop) -> None:
    reward = shop.reward(stock=5)
    path = f"{REWARDS}/{reward['id']}/stock-changes"
    take = {"change": -2, "reason": "Broken"}
    assert at_once(*[lambda: shop.app.post(path, take)] * 4) == [200, 200, 409, 409]
    assert refused(shop.app.post(path, take)) == (409, "stock_insufficient")
    assert shop.left(reward) == {"": 1}
    told = facts(loyalty, shop.app, events.RewardStockChanged)
    assert [one.change for one in told] == [5, -2, -2]
    nothing = shop.app.post(path, {"change": 0, "reason": "None"})
    assert places(nothing) == [("/change", "change_missing")]


def test_stock_has_a_bound_and_room_for_what_is_put_back(shop: Shop) -> None:
    reward = shop.reward(stock=1_000_000_000, points=1)
    path = f"{REWARDS}/{reward['id']}"
    more = {"change": 1_000_000_000, "reason": "Too much"}
    for _ in range(2):
        answer = shop.app.post(f"{path}/stock-changes", more)
        assert places(answer) == [("/change", "stock_too_large")]
    reserved = shop.reserved(reward, shop.rich(), quantity=5)
    shop.put_in(path, 5)
    assert refused(shop.app.post(f"{path}/stock-changes", more))[0] == 422
    good(shop.do(reserved, "cancel", reason="Changed her mind"))
    assert shop.left(reward) == {"": 1_000_000_005}


def test_each_stocking_has_its_own_stock(shop: Shop) -> None:
    endless, by_branch = shop.reward(), shop.reward(stocking="by_branch")
    wrong: list[tuple[dict[str, Any], dict[str, Any], str]] = [
        (endless, {"change": 1}, "stock_unfit"),
        (shop.reward(stock=1), {"change": 1, "branch": "Xinyi"}, "stock_unfit"),
        (by_branch, {"change": 1}, "branch_missing"),
    ]
    for reward, body, code in wrong:
        path = f"{REWARDS}/{reward['id']}/stock-changes"
        answer = shop.app.post(path, {**body, "reason": "Delivery"})
        assert places(answer) == [("/branch", code)]
    shop.put_in(f"{REWARDS}/{by_branch['id']}", 3, "Xinyi")
    shop.put_in(f"{REWARDS}/{by_branch['id']}", 1, "Daan")
    assert shop.left(by_branch) == {"Daan": 1, "Xinyi": 3}
