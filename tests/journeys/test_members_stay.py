"""Customers who stay, return and recommend, from delivered orders on, with every figure worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from deploy.demo.belonging.club import open_club
from deploy.demo.belonging.membership import REDEMPTIONS, Membership
from deploy.demo.belonging.winning_back import COUPONS, WinningBack
from deploy.demo.external_app import Answer
from deploy.demo.retaining.cdnow import Purchase
from deploy.demo.retaining.feeding import feed

from .telling import has_heard, tell_again
from .world import Organisation, World, soon

ADJUSTMENTS = "/v1/loyalty/adjustments"
INBOX = "/v1/notifications/inbox"
PATIENCE = 60


@pytest.fixture(scope="module")
def organisation(world: World) -> Organisation:
    """A tenant of these tests' own."""
    return world.organisation()


@pytest.fixture(scope="module")
def membership(organisation: Organisation) -> Membership:
    """Lin Mei, who has been a member for a month, and her friend, who is none."""
    life = Membership(open_club(organisation.admin))
    life.enter("mei", "美", "林")
    life.enter("friend", "志明", "陳")
    life.ids["member"] = life.join("mei")["id"]
    return life


def at_once(*calls: Callable[[], Answer]) -> list[int]:
    """The statuses of what is asked at the same time, sorted."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(answer.status for answer in pool.map(lambda call: call(), calls))


def test_a_delivery_earns_once_however_often_it_is_told_and_raises_the_tier(
    world: World, membership: Membership
) -> None:
    # 4,000 of ten days ago are 400 points, which have waited for their seven days.
    membership.buy("mei", "4000", days_ago=10)
    membership.has("available", 400)
    # 1,250 of today are 125 points that wait.
    membership.buy("mei", "1250")
    told = membership.has("pending", 125)
    assert told["balances"]["available"] == 400
    # 5,250 within twelve months are more than the 5,000 that gold takes.
    standing = membership.is_in("gold")
    assert standing["next"] is None
    tell_again(world, "sales", "rapport.sales.events.v1.OrderDelivered")
    assert has_heard(world, "loyalty", "sales", PATIENCE)
    assert membership.points()["balances"] == told["balances"]
    reasons = [one["kind"] for one in membership.admin.get(f"{membership.member}/ledger")["items"]]
    assert reasons == ["earning", "earning"]


def test_a_reward_is_held_and_collected_once_by_a_code_that_nobody_guesses(
    membership: Membership,
) -> None:
    held = membership.reserve()
    assert held["points"] == 300
    assert membership.points()["balances"]["reserved"] == 300
    body = {"reward_id": membership.club.ids["cup"], "member_id": membership.ids["member"]}
    refused = membership.admin.ask("POST", REDEMPTIONS, json=body)
    assert (refused.status, refused.json["code"]) == (409, "points_insufficient")
    assert membership.collect("AAAA-AAAA").status == 404
    statuses = at_once(*[lambda: membership.collect(held["code"])] * 2)
    assert statuses[0] == 200
    assert statuses[1] in (404, 409)
    balances = membership.points()["balances"]
    assert (balances["available"], balances["reserved"], balances["redeemed"]) == (100, 0, 300)


def test_a_friend_who_comes_by_a_code_brings_both_something_with_the_first_delivery(
    membership: Membership,
) -> None:
    referral = membership.recommend("friend")
    assert referral["state"] == "claimed"
    own = {"code": referral["code"], "friend_person_id": membership.ids["mei"]}
    refused = membership.admin.ask("POST", "/v1/loyalty/referrals", json=own)
    assert refused.status in (409, 422), "nobody brings themselves"
    membership.buy("friend", "500")
    membership.has("available", 300)
    asked = {"person_id": membership.ids["friend"]}
    (friend,) = membership.admin.get("/v1/loyalty/members", **asked)["items"]
    membership.ids["friend_member"] = friend["id"]
    # 500 are 50 points that wait; 100 are for having come.
    told = membership.has("available", 100, f"/v1/loyalty/members/{friend['id']}")
    assert told["balances"]["pending"] == 50


def test_points_expire_at_their_time_and_their_holder_is_told_before(
    world: World, membership: Membership
) -> None:
    before = membership.points()["balances"]["available"]
    until = datetime.now(UTC) + timedelta(seconds=20)
    ago = {"member_id": membership.ids["member"], "points": 5, "reason": "Late"}
    late = {**ago, "expires_at": (until - timedelta(days=1)).isoformat()}
    refused = membership.admin.ask("POST", "/v1/loyalty/adjustments", json=late)
    assert (refused.status, refused.json["errors"][0]["code"]) == (422, "expiry_impossible")
    # Of 60 there is told thirty days before their end, which is some seconds from now.
    membership.give(60, until + timedelta(days=30))
    membership.give(50, until)
    assert membership.points()["balances"]["available"] in (before + 110, before + 110 + 88)
    person = membership.admin.get(f"/v1/contacts/people/{membership.ids['mei']}")
    address = person["emails"][0]["address"]

    def is_told() -> bool:
        return any("60 點" in mail["Subject"] for mail in world.mails_to(address))

    soon(is_told, PATIENCE, "the member is told that points expire")
    told = membership.has("expired", 50)
    assert told["balances"]["available"] in (before + 60, before + 60 + 88)


def test_a_birthday_brings_a_gift_once_on_the_members_own_clock(membership: Membership) -> None:
    celebration = membership.celebrated()
    assert celebration["points"] == 88
    membership.has("available", 448)
    again = {"member_id": membership.ids["member"]}
    assert len(membership.admin.get("/v1/loyalty/celebrations", **again)["items"]) == 1
    program = {"program_id": membership.club.ids["program"]}

    def is_owed() -> bool:
        liability = membership.admin.get("/v1/loyalty/liability", **program)
        return bool(liability["balances"]["available"] == 448 + 188)

    # The friend has the same birthday and a turn of their own.
    soon(is_owed, PATIENCE, "both have their gifts")
    assert membership.admin.get("/v1/loyalty/ledger/recount", **program)["differences"] == []


def test_customers_who_drift_away_are_offered_to_come_back_and_compared(
    organisation: Organisation, membership: Membership
) -> None:
    admin, back = organisation.admin, WinningBack(membership.club)
    # Everybody buys every 20 days. From 30 on somebody drifts, from 60 on somebody is lost.
    told = [_bought(number, 5) for number in range(4)]
    told += [_bought(number, 45) for number in range(4, 7)] + [_bought(7, 105)]
    fed = feed(admin, told, back.join)
    assert admin.ask("POST", "/v1/loyalty/win-backs", json={}).status == 422
    back.define(music=20)
    people = [fed.people[str(number)] for number in range(len(told))]

    def is_heard() -> bool:
        bought = {one["person_id"]: one["purchases"] for one in back.customers()}
        return all(bought.get(person) == len(told[0]) for person in people)

    # Until their last purchase is heard, who bought 45 days ago is lost by the one of 65 days ago.
    soon(is_heard, PATIENCE, "all that everybody bought is heard")
    states = {one["person_id"]: one["state"] for one in back.away()}
    assert states == {**dict.fromkeys(people[4:7], "drifting"), people[7]: "lapsed"}
    back.begin()
    coupon = back.coupon()
    assert coupon["person_id"] in states
    little = admin.post(f"{COUPONS}/validate", back.purchase(coupon, "599", "till-1"))
    assert little["coupons"][0]["valid"] is False, "600 is the least"
    baskets = [back.purchase(coupon, "700", f"till-{number}") for number in (1, 2)]
    calls = [
        lambda basket=basket: admin.ask("POST", f"{COUPONS}/redeem", json=basket)
        for basket in baskets
    ]
    assert at_once(*calls) == [200, 409], "one till is first"
    result = back.result()
    assert result["offered"]["customers"] + result["held_out"]["customers"] == 4


def test_points_beyond_what_one_may_move_alone_wait_for_a_second_person_who_is_told(
    organisation: Organisation, membership: Membership
) -> None:
    admin = organisation.admin
    roles = {one["key"]: one["id"] for one in admin.items("/v1/identity/roles")}
    asker, second = (organisation.colleague(roles["service_manager"]) for _ in range(2))
    agent = organisation.colleague(roles["service_agent"])
    admin.patch(f"/v1/identity/users/{second.id}", {"locale": "zh-Hant"})
    before = membership.points()["balances"]
    points = {"member_id": membership.ids["member"], "points": 600, "reason": "A broken machine"}
    asked = asker.app.post(ADJUSTMENTS, points)
    assert asked["state"] == "waiting"
    path = f"{ADJUSTMENTS}/{asked['id']}"
    soon(lambda: any(second.app.items(INBOX)), PATIENCE, "the second person is told")
    (entry,) = second.app.items(INBOX)
    assert (entry["title"], entry["link"]) == (
        "有一筆點數調整等您覆核",
        path.removeprefix("/v1"),
    )
    assert "擬給予會員 600 點" in entry["text"]
    assert list(asker.app.items(INBOX)) == [], "whoever asks does not decide"
    assert list(agent.app.items(INBOX)) == [], "nor does who may not"
    assert asker.app.ask("POST", f"{path}/approve").status == 403
    no = {"reason": "It was not broken"}
    calls = [lambda: second.app.ask("POST", f"{path}/reject", json=no)] * 2
    assert at_once(*calls) == [200, 409]
    assert membership.points()["balances"] == before


def _bought(customer: int, days_ago: int) -> list[Purchase]:
    """What somebody bought, a disc every 20 days, the last one so many days ago."""
    last = datetime.now(UTC).date() - timedelta(days=days_ago)
    days = [last - timedelta(days=20 * back) for back in reversed(range(4))]
    return [Purchase(str(customer), on, 1, Decimal(20)) for on in days]
