"""Rewards for points over REST: reserved, collected once, called off, held no more, returned (LO-6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from loyalty.codes.domain import LONG, normalized
from rapport.contacts.events.v1.person_events_pb2 import PersonErased, PersonMerged
from rapport.loyalty.events.v1 import coupon_events_pb2 as coupon_events
from rapport.loyalty.events.v1 import redemption_events_pb2 as events
from services.loyalty.tests.builders import (
    Loyalty,
    at_once,
    facts,
    fire,
    good,
    lasting_app,
    places,
    refused,
)
from services.loyalty.tests.couponing import CODES, COUPONS, POOLS, basket, off
from services.loyalty.tests.redeeming import REDEMPTIONS, REWARDS, Shop, held


@pytest.fixture
def shop(loyalty: Loyalty, app: ApiClient) -> Shop:
    """A tenant with a program."""
    return Shop(loyalty, app)


@pytest.fixture
def lasting(timed: Loyalty, clock: MovableClock) -> Shop:
    """The same by a clock that the test moves, from noon of 1 January 2031 in Taipei on."""
    clock.move(datetime(2031, 1, 1, 4, tzinfo=UTC) - clock.now())
    return Shop(timed, lasting_app(timed, clock))


def test_listing_needs_a_token_and_shows_no_other_tenants(loyalty: Loyalty, shop: Shop) -> None:
    reward, member = shop.reward(), shop.rich()
    redemption = shop.reserved(reward, member)
    assert refused(loyalty.anonymous().get(REDEMPTIONS)) == (401, "token_missing")
    stranger = loyalty.app_client(loyalty.new_tenant())
    assert stranger.get(REDEMPTIONS).json["items"] == []
    path = f"{REDEMPTIONS}/{redemption['id']}"
    assert stranger.get(path).status_code == 404
    reason = {"reason": "Mine"}
    asked = {"renew-code": None, "fulfil": {}, "cancel": reason, "return": reason}
    for verb, body in asked.items():
        assert stranger.post(f"{path}/{verb}", body).status_code == 404, verb
    theirs = stranger.post(f"{REDEMPTIONS}/collect", {"code": redemption["code"]})
    made_up = stranger.post(f"{REDEMPTIONS}/collect", {"code": "23456-789AB-CDEFG"})
    assert theirs.status_code == made_up.status_code == 404
    assert theirs.json["detail"] == made_up.json["detail"]
    wish = {"reward_id": reward["id"], "member_id": str(member)}
    assert stranger.post(REDEMPTIONS, wish).status_code == 404


def test_a_reward_is_reserved_and_collected_by_its_code(loyalty: Loyalty, shop: Shop) -> None:
    person = uuid4()
    reward, member = shop.reward(stock=5), shop.rich(person_id=person)
    redemption = shop.reserved(reward, member, quantity=2)
    assert LONG.fits(normalized(redemption["code"]))
    assert (redemption["points"], redemption["state"]) == (200, "reserved")
    assert held(shop.has(member)) == (800, 200, 0)
    assert shop.left(reward) == {"": 3}
    assert "code" not in shop.now(redemption)
    collected = good(shop.collect(redemption["code"].lower(), "Xinyi"))
    assert (collected["state"], collected["branch"]) == ("collected", "Xinyi")
    assert held(shop.has(member)) == (800, 0, 200)
    assert shop.left(reward) == {"": 3}
    (told,) = facts(loyalty, shop.app, events.RewardReserved)
    assert (told.person_id, told.redemption.points) == (str(person), 200)
    assert len(facts(loyalty, shop.app, events.RewardCollected)) == 1
    code = normalized(redemption["code"]).encode()
    for _, payload in loyalty.facts(shop.tenant_id):
        assert code not in payload
        assert redemption["code"].encode() not in payload


def test_of_two_tills_that_are_shown_the_same_code_at_once_one_wins(
    loyalty: Loyalty, shop: Shop
) -> None:
    code = shop.reserved(shop.reward(), shop.rich())["code"]
    statuses = at_once(*[lambda: shop.collect(code)] * 5)
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 404, 409}
    assert len(facts(loyalty, shop.app, events.RewardCollected)) == 1
    assert shop.collect(code).status_code == 404, "a used code is nobody's"


def test_the_last_piece_goes_to_one_of_many_and_the_others_keep_their_points(shop: Shop) -> None:
    reward = shop.reward(stock=1)
    members = [shop.rich() for _ in range(5)]
    asked = [lambda member=member: shop.ask(reward, member) for member in members]
    assert at_once(*asked) == [201, 409, 409, 409, 409]
    assert shop.left(reward) == {"": 0}
    assert sorted(held(shop.has(one))[0] for one in members) == [900, 1000, 1000, 1000, 1000]
    assert refused(shop.ask(reward, members[0])) == (409, "reward_out_of_stock")


def test_a_member_with_too_few_points_for_two_gets_one_of_two_at_once(shop: Shop) -> None:
    reward, member = shop.reward(stock=10), shop.rich(150)
    assert at_once(*[lambda: shop.ask(reward, member)] * 4) == [201, 409, 409, 409]
    assert refused(shop.ask(reward, member)) == (409, "points_insufficient")
    assert shop.left(reward) == {"": 9}


def test_a_reservation_asked_for_twice_with_one_key_is_one_and_its_code_is_shown_once(
    shop: Shop,
) -> None:
    reward, member = shop.reward(), shop.rich()
    body = {"reward_id": reward["id"], "member_id": str(member)}
    headers = {"Idempotency-Key": "wish-1"}
    first = good(shop.app.post(REDEMPTIONS, body, headers=headers))
    again = good(shop.app.post(REDEMPTIONS, body, headers=headers))
    assert again == {**first, "code": "********"}
    assert held(shop.has(member)) == (900, 100, 0)


def test_what_is_called_off_is_free_again_once(loyalty: Loyalty, shop: Shop) -> None:
    reward, member = shop.reward(stock=2), shop.rich()
    redemption = shop.reserved(reward, member)
    calls = [lambda: shop.do(redemption, "cancel", reason="Changed my mind")] * 3
    assert at_once(*calls) == [200, 409, 409]
    assert held(shop.has(member)) == (1000, 0, 0)
    assert shop.left(reward) == {"": 2}
    assert shop.collect(redemption["code"]).status_code == 404
    (told,) = facts(loyalty, shop.app, events.RedemptionCancelled)
    assert told.reason == "Changed my mind"


def test_collecting_and_calling_off_at_once_is_one_of_both(shop: Shop) -> None:
    reward, member = shop.reward(stock=1), shop.rich()
    redemption = shop.reserved(reward, member)
    statuses = at_once(
        lambda: shop.collect(redemption["code"]),
        lambda: shop.do(redemption, "cancel", reason="Late"),
    )
    assert statuses.count(200) == 1
    after = {"collected": ((900, 0, 100), 0), "cancelled": ((1000, 0, 0), 1)}
    points, pieces = after[shop.now(redemption)["state"]]
    assert (held(shop.has(member)), shop.left(reward)) == (points, {"": pieces})


def test_nobody_who_comes_too_late_gets_it_and_points_and_pieces_are_free_again(
    timed: Loyalty, lasting: Shop, clock: MovableClock
) -> None:
    reward, member = lasting.reward(stock=1, hold_days=3), lasting.rich()
    redemption = lasting.reserved(reward, member)
    assert redemption["held_until"] == "2031-01-04T16:00:00Z", "the 4th ends then in Taipei"
    clock.move(datetime(2031, 1, 4, 15, 59, tzinfo=UTC) - clock.now())
    fire(timed)
    assert lasting.now(redemption)["state"] == "reserved"
    clock.move(timedelta(minutes=1))
    assert refused(lasting.collect(redemption["code"])) == (409, "redemption_hold_over")
    fire(timed)
    assert lasting.now(redemption)["state"] == "expired"
    assert held(lasting.has(member)) == (1000, 0, 0)
    assert lasting.left(reward) == {"": 1}
    assert lasting.collect(redemption["code"]).status_code == 404
    (told,) = facts(timed, lasting.app, events.RedemptionExpired)
    assert told.redemption.redemption_id == redemption["id"]


def test_what_was_collected_does_not_run_out(
    timed: Loyalty, lasting: Shop, clock: MovableClock
) -> None:
    redemption = lasting.reserved(lasting.reward(), lasting.rich())
    good(lasting.collect(redemption["code"]))
    clock.move(timedelta(days=60))
    fire(timed)
    assert lasting.now(redemption)["state"] == "collected"


def test_another_price_changes_no_reservation(shop: Shop) -> None:
    reward, member = shop.reward(), shop.rich()
    redemption = shop.reserved(reward, member)
    good(shop.app.patch(f"{REWARDS}/{reward['id']}", {"points": 300, "name": {"en": "Cup"}}))
    good(shop.collect(redemption["code"]))
    assert held(shop.has(member)) == (900, 0, 100)
    assert shop.now(redemption)["reward_name"] == {"en": "Mug"}
    assert shop.reserved(reward, member)["points"] == 300


def test_what_is_shipped_or_served_is_fulfilled_and_not_collected(
    loyalty: Loyalty, shop: Shop
) -> None:
    member = shop.rich()
    shipped = shop.reserved(shop.reward(fulfilment="ship"), member)
    assert shipped["code"] is None
    assert refused(shop.do(shipped, "renew-code")) == (409, "redemption_not_collected_so")
    done = good(shop.do(shipped, "fulfil", reference="PARCEL-1"))
    assert (done["state"], done["reference"]) == ("fulfilled", "PARCEL-1")
    served = shop.reserved(shop.reward(fulfilment="serve", kind="service"), member)
    assert at_once(*[lambda: shop.do(served, "fulfil", reference="")] * 3) == [200, 409, 409]
    assert held(shop.has(member)) == (800, 0, 200)
    collected = shop.reserved(shop.reward(), member)
    assert refused(shop.do(collected, "fulfil", reference="x")) == (
        409,
        "redemption_not_fulfilled_so",
    )
    assert len(facts(loyalty, shop.app, events.RewardFulfilled)) == 2


def voucher(shop: Shop) -> dict[str, Any]:
    """A reward that is a coupon of 200 off."""
    body = {"program_id": shop.program["id"], "name": {"en": "200 off"}, "benefit": off("200")}
    pool = good(shop.app.post(POOLS, body))
    good(shop.app.post(f"{POOLS}/{pool['id']}/activate"))
    return shop.reward(fulfilment="code", coupon_pool_id=pool["id"], kind="voucher")


def test_a_coupon_is_had_at_once_and_comes_back_only_unused(loyalty: Loyalty, shop: Shop) -> None:
    person = uuid4()
    reward, member = voucher(shop), shop.rich(person_id=person)
    first, second = (shop.reserved(reward, member) for _ in range(2))
    assert (first["state"], first["code"], first["held_until"]) == ("fulfilled", None, None)
    assert held(shop.has(member)) == (800, 0, 200)
    told = facts(loyalty, shop.app, coupon_events.CouponIssued)
    assert [(one.person_id, one.cause) for one in told] == [(str(person), "redemption")] * 2
    code = good(shop.app.get(f"{CODES}/{first['coupon_id']}"))["code"]
    good(shop.app.post(f"{COUPONS}/redeem", basket(code, order_reference="1")))
    assert refused(shop.do(first, "return", reason="No")) == (409, "coupon_used")
    returned = good(shop.do(second, "return", reason="Not needed"))
    assert (returned["state"], returned["points_restored"]) == ("returned", 100)
    assert held(shop.has(member))[0] == 900
    coupon = good(shop.app.get(f"{COUPONS}/{second['coupon_id']}"))
    assert coupon["state"] == "revoked"
    assert places(shop.ask(reward, member, quantity=2)) == [("/quantity", "quantity_unfit")]


def test_a_gift_that_comes_back_gives_its_points_back_by_its_policy_once(
    loyalty: Loyalty, shop: Shop
) -> None:
    reward, member = shop.reward(stock=1, return_percent=50, points=101), shop.rich()
    redemption = shop.reserved(reward, member)
    assert refused(shop.do(redemption, "return", reason="x")) == (409, "redemption_not_in_state")
    good(shop.collect(redemption["code"]))
    back = [lambda: shop.do(redemption, "return", reason="Broken", restock=True)] * 3
    assert at_once(*back) == [200, 409, 409]
    assert shop.has(member).available == 899 + 50
    assert shop.left(reward) == {"": 1}
    (told,) = facts(loyalty, shop.app, events.RewardReturned)
    assert (told.points_restored, told.reason) == (50, "Broken")


def test_a_lost_code_is_replaced_and_good_for_nothing(shop: Shop) -> None:
    redemption = shop.reserved(shop.reward(), shop.rich())
    renewed = good(shop.do(redemption, "renew-code"))
    assert renewed["code"] != redemption["code"]
    assert shop.collect(redemption["code"]).status_code == 404
    good(shop.collect(renewed["code"]))


def test_what_each_branch_has_is_collected_there(shop: Shop) -> None:
    reward, member = shop.reward(stocking="by_branch"), shop.rich()
    shop.put_in(f"{REWARDS}/{reward['id']}", 1, "Xinyi")
    assert places(shop.ask(reward, member)) == [("/branch", "branch_missing")]
    assert refused(shop.ask(reward, member, branch="Daan")) == (409, "reward_out_of_stock")
    redemption = shop.reserved(reward, member, branch="Xinyi")
    assert refused(shop.collect(redemption["code"], "Daan")) == (409, "redemption_elsewhere")
    good(shop.collect(redemption["code"], "Xinyi"))


def test_a_member_has_so_many_within_a_period_of_their_own_calendar(
    lasting: Shop, clock: MovableClock
) -> None:
    reward = lasting.reward(most_per_member=2, per_period="month")
    member = lasting.rich()
    first = lasting.reserved(reward, member)
    asked = [lambda: lasting.ask(reward, member)] * 3
    assert at_once(*asked) == [201, 409, 409]
    assert refused(lasting.ask(reward, member)) == (409, "reward_ration_used")
    good(lasting.do(first, "cancel", reason="Other plans"))
    lasting.reserved(reward, member)
    clock.move(datetime(2031, 1, 31, 15, 59, tzinfo=UTC) - clock.now())
    assert refused(lasting.ask(reward, member)) == (409, "reward_ration_used")
    clock.move(timedelta(minutes=1))
    lasting.reserved(reward, member, quantity=2)


def test_a_reward_can_be_had_on_its_days_by_those_it_is_for(
    lasting: Shop, clock: MovableClock
) -> None:
    member = lasting.rich()
    later = lasting.reward(valid_from="2031-01-02", valid_until="2031-01-02")
    assert refused(lasting.ask(later, member)) == (409, "reward_not_valid")
    clock.move(timedelta(hours=12))
    lasting.reserved(later, member)
    clock.move(timedelta(days=1))
    assert refused(lasting.ask(later, member)) == (409, "reward_not_valid")
    gold = lasting.reward(tiers=["gold"])
    assert refused(lasting.ask(gold, member)) == (409, "reward_for_other_tiers")
    draft = lasting.draft()
    assert refused(lasting.ask(draft, member)) == (409, "reward_not_active")
    nobody = lasting.ask(lasting.reward(), uuid4())
    assert nobody.status_code == 404


def test_members_of_a_tier_have_what_is_for_it(shop: Shop) -> None:
    reward, member = shop.reward(tiers=["gold"]), shop.rich()
    assert refused(shop.ask(reward, member)) == (409, "reward_for_other_tiers")
    gold = {"key": "gold", "name": {"en": "Gold"}, "threshold": "0"}
    path = f"/v1/loyalty/programs/{shop.program['id']}/tiers"
    good(shop.app.put(path, {"tiers": [gold], "by": "spend"}))
    eventually(lambda: shop.ask(reward, member).status_code == 201)


def test_who_tries_codes_out_waits_even_with_a_right_one(shop: Shop) -> None:
    code = shop.reserved(shop.reward(), shop.rich())["code"]
    for number in range(60):
        assert shop.collect(f"NONE{number}").status_code == 404
    assert refused(shop.collect(code)) == (429, "too_many_unknown_codes")


def test_who_redeems_more_than_usual_is_refused_and_looked_at(shop: Shop) -> None:
    rule = {
        "program_id": shop.program["id"],
        "name": "Few rewards",
        "act": "redemption",
        "measure": "points",
        "scope": "member",
        "most": 150,
        "window_minutes": 60,
        "response": "block",
    }
    good(shop.app.post("/v1/loyalty/velocity-rules", rule))
    reward, member = shop.reward(), shop.rich()
    shop.reserved(reward, member)
    assert refused(shop.ask(reward, member)) == (409, "velocity_limit_exceeded")
    assert held(shop.has(member)) == (900, 100, 0)
    assert len(shop.app.get("/v1/loyalty/velocity-reviews").json["items"]) == 1


def test_what_is_reserved_goes_along_when_two_members_are_one(shop: Shop, bus: Bus) -> None:
    gone, left = uuid4(), uuid4()
    older, younger = shop.member(left), shop.rich(person_id=gone)
    redemption = shop.reserved(shop.reward(), younger)
    fact = PersonMerged(person_id=str(left), merged_person_id=str(gone), merge_id=str(UUID(int=9)))
    bus.say(fact, shop.tenant_id, left)
    eventually(lambda: shop.now(redemption)["member_id"] == str(older))
    good(shop.collect(redemption["code"]))
    assert held(shop.has(older)) == (900, 0, 100)
    good(shop.do(redemption, "return", reason="Broken"))
    assert held(shop.has(older)) == (1000, 0, 0)


def test_nothing_tells_of_an_erased_person(shop: Shop, bus: Bus) -> None:
    person = uuid4()
    redemption = shop.reserved(shop.reward(), shop.rich(person_id=person))
    good(shop.do(redemption, "cancel", reason="Ming will come herself"))
    bus.say(PersonErased(person_id=str(person)), shop.tenant_id, person)
    eventually(lambda: shop.now(redemption)["person_id"] is None)
    assert shop.now(redemption)["reason"] == ""
