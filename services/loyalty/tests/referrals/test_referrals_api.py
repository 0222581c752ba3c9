"""Members bring friends: who counts, when both are rewarded, and when it is taken back (LO-8)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from loyalty.happenings.domain import HappeningKind
from rapport.loyalty.events.v1 import referral_events_pb2 as events
from services.loyalty.tests.befalling import befall, of_order
from services.loyalty.tests.builders import (
    MEMBERS,
    PROGRAMS,
    Loyalty,
    at_once,
    create_program,
    delivered,
    enrol,
    facts,
    fire,
    good,
    lasting_app,
    places,
    refused,
)
from services.loyalty.tests.inviting import CODES, RECOGNITIONS, REFERRALS, TERMS, Club

LIMITS, REVIEWS = "/v1/loyalty/velocity-rules", "/v1/loyalty/velocity-reviews"


@pytest.fixture
def club(timed: Loyalty, clock: MovableClock) -> Club:
    """A program that rewards recommendations."""
    club = Club(timed, clock)
    club.offer()
    return club


def person_of(member: dict[str, Any]) -> UUID:
    """Who a member is."""
    return UUID(member["person_id"])


def test_listing_needs_a_token_and_shows_no_other_tenants(club: Club) -> None:
    referral = club.brought(club.member(), club.member())
    stranger = lasting_app(club.loyalty, club.clock)
    for path in (REFERRALS, CODES, RECOGNITIONS):
        assert refused(club.loyalty.anonymous().get(path)) == (401, "token_missing")
        assert stranger.get(path).json["items"] == []
    assert stranger.get(f"{REFERRALS}/{referral['id']}").status_code == 404
    assert stranger.get(club.terms_path).status_code == 404
    assert stranger.get(f"{PROGRAMS}/{club.program['id']}/referral-report").status_code == 404
    code = {"code": club.app.get(CODES).json["items"][0]["code"], "friend_person_id": str(uuid4())}
    assert places(stranger.post(REFERRALS, code)) == [("/code", "referral_code_unknown")]


def test_both_are_rewarded_once_when_the_first_order_is_delivered(club: Club) -> None:
    ann, bob = club.member(), club.member()
    referral = club.brought(ann, bob)
    assert (referral["state"], referral["due"]) == ("claimed", [])
    club.tell(of_order(HappeningKind.ORDER_PLACED, person_of(bob), club.clock.now(), "800"))
    assert club.points(ann, bob) == [0, 0]
    order_id = club.deliver(bob, "800", complete=False)
    club.deliver(bob, "900", order_id=order_id)
    club.deliver(bob, "900")
    assert club.points(ann, bob) == [200, 100]
    done = club.referral(referral)
    assert (done["state"], done["order_id"]) == ("rewarded", str(order_id))
    assert done["order_value"] == {"amount": "800.00", "currency": "TWD"}
    assert {(one["side"], one["member_id"], one["points"]) for one in done["rewards"]} == {
        ("referrer", ann["id"], 200),
        ("friend", bob["id"], 100),
    }
    told = facts(club.loyalty, club.app, events.ReferralCompleted)
    assert [(one.person_id, one.friend_person_id) for one in told] == [
        (ann["person_id"], bob["person_id"])
    ]
    assert len(facts(club.loyalty, club.app, events.ReferralRewarded)) == 2


def test_who_cannot_be_brought_is_refused(club: Club) -> None:
    ann, bob, old = club.member(), club.member(), club.member()
    code = club.code(ann)
    assert refused(club.claim(code, ann["person_id"])) == (409, "self_referral")
    club.deliver(old, "600")
    assert refused(club.claim(code, old["person_id"])) == (409, "friend_has_ordered")
    good(club.claim(code, bob["person_id"]))
    again = club.claim(club.code(old), bob["person_id"])
    assert refused(again) == (409, "friend_claimed")
    unknown = club.claim({"code": "23456-789AB"}, uuid4())
    assert places(unknown) == [("/code", "referral_code_unknown")]
    good(club.app.patch(f"{CODES}/{code['id']}", {"enabled": False}))
    assert places(club.claim(code, uuid4())) == [("/code", "referral_code_unknown")]
    club.offer(enabled=False)
    assert places(club.claim(club.code(old), uuid4())) == [("/code", "referral_code_unknown")]


def test_rings_are_refused_however_long_they_are(club: Club) -> None:
    ann, bob, carl = club.member(), club.member(), club.member()
    club.brought(ann, bob)
    assert refused(club.claim(club.code(bob), ann["person_id"])) == (409, "referral_ring")
    club.brought(bob, carl)
    assert refused(club.claim(club.code(carl), ann["person_id"])) == (409, "referral_ring")


def test_of_two_who_bring_each_other_at_once_one_counts(club: Club) -> None:
    for _ in range(3):
        ann, bob = club.member(), club.member()
        codes = club.code(ann), club.code(bob)
        answers = at_once(
            lambda: club.claim(codes[0], bob["person_id"]),  # noqa: B023
            lambda: club.claim(codes[1], ann["person_id"]),  # noqa: B023
        )
        assert answers == [201, 409]


def test_a_friend_who_is_claimed_twice_at_once_counts_once(club: Club) -> None:
    ann, bob, friend = club.member(), club.member(), uuid4()
    codes = [club.code(ann), club.code(bob)] * 2
    answers = at_once(*[lambda code=code: club.claim(code, friend) for code in codes])
    assert answers == [201, 409, 409, 409]


def test_a_delivery_that_is_looked_at_by_many_at_once_is_rewarded_once(club: Club) -> None:
    ann, friends = club.member(), [club.member() for _ in range(3)]
    for friend in friends:
        club.brought(ann, friend)
    for friend in friends:
        befall(
            club.loyalty,
            club.app,
            of_order(HappeningKind.ORDER_DELIVERED, person_of(friend), club.clock.now(), "600"),
        )
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: fire(club.loyalty), range(8)))
    fire(club.loyalty)
    assert club.points(ann, *friends) == [600, 100, 100, 100]


def test_a_friend_who_orders_too_late_does_not_count_but_one_who_is_told_of_late_does(
    club: Club,
) -> None:
    ann, bob, carl = club.member(), club.member(), club.member()
    late, told_late = club.brought(ann, bob), club.brought(ann, carl)
    club.later(days=89)
    ordered = club.clock.now()
    club.later(days=2)
    assert club.referral(late)["state"] == "expired"
    club.deliver(bob, "900")
    assert (club.referral(late)["state"], club.points(ann, bob)) == ("expired", [0, 0])
    club.tell(
        of_order(HappeningKind.ORDER_DELIVERED, person_of(carl), ordered, "900", key="told-late")
    )
    assert club.referral(told_late)["state"] == "rewarded"
    assert club.points(ann, carl) == [200, 100]


def test_a_friend_turns_out_to_have_ordered_before(club: Club) -> None:
    ann, bob = club.member(), club.member()
    before = club.clock.now()
    club.later(hours=1)
    referral = club.brought(ann, bob)
    club.deliver(bob, "900")
    assert club.points(ann, bob) == [200, 100]
    carl = club.member()
    other = club.brought(ann, carl)
    club.tell(of_order(HappeningKind.ORDER_PLACED, person_of(carl), before, "50"))
    refused_now = club.referral(other)
    assert (refused_now["state"], refused_now["reason"]) == ("refused", "ordered_before")
    assert club.referral(referral)["state"] == "rewarded"


def test_an_order_that_is_too_small_ends_it(club: Club) -> None:
    ann, bob = club.member(), club.member()
    referral = club.brought(ann, bob)
    order_id = club.deliver(bob, "300", complete=False)
    assert club.referral(referral)["state"] == "claimed"
    club.deliver(bob, "100", order_id=order_id)
    ended = club.referral(referral)
    assert (ended["state"], ended["reason"]) == ("refused", "order_too_small")
    assert club.points(ann, bob) == [0, 0]


def test_a_refund_in_time_takes_back_what_both_got_and_later_it_does_not(club: Club) -> None:
    ann, bob, carl = club.member(), club.member(), club.member()
    first, second = club.brought(ann, bob), club.brought(ann, carl)
    orders = club.deliver(bob, "600"), club.deliver(carl, "600")
    assert club.points(ann, bob, carl) == [400, 100, 100]
    club.refund(bob, orders[0], "50")
    assert club.referral(first)["state"] == "rewarded"
    club.refund(bob, orders[0], "100")
    undone = club.referral(first)
    assert (undone["state"], undone["reason"]) == ("reversed", "order_refunded")
    assert club.points(ann, bob, carl) == [200, 0, 100]
    club.later(days=31)
    club.refund(carl, orders[1], "600")
    assert club.referral(second)["state"] == "rewarded"
    assert club.points(ann, bob, carl) == [200, 0, 100]


def test_a_friend_who_is_no_member_yet_is_rewarded_on_becoming_one(club: Club) -> None:
    ann, friend = club.member(), uuid4()
    referral = good(club.claim(club.code(ann), friend))
    club.deliver({"person_id": str(friend)}, "700")
    waiting = club.referral(referral)
    assert (waiting["state"], waiting["due"]) == ("completed", ["friend"])
    assert club.points(ann) == [200]
    bob = club.member(friend)
    at = club.clock.now()
    kind = HappeningKind.ENROLLED
    club.tell(of_order(kind, friend, at, "0", order_id=None, key=bob["id"]))
    assert club.referral(referral)["state"] == "rewarded"
    assert club.points(ann, bob) == [200, 100]


def test_only_so_many_friends_are_rewarded_in_a_month_but_all_of_them_are_glad(club: Club) -> None:
    club.offer(most_rewarded=2)
    ann, friends = club.member(), [club.member() for _ in range(4)]
    made = [club.brought(ann, friend) for friend in friends]
    for friend in friends[:3]:
        club.deliver(friend, "600")
    assert club.points(ann, *friends) == [400, 100, 100, 100, 0]
    assert [club.referral(one)["capped"] for one in made] == [False, False, True, False]
    assert club.referral(made[2])["state"] == "rewarded"
    club.later(days=17)  # February has begun
    club.deliver(friends[3], "600")
    assert club.points(ann, friends[3]) == [600, 100]


def test_who_is_back_and_rewarded_for_as_many_as_count_has_nothing_due_any_more(club: Club) -> None:
    club.offer(most_rewarded=1)
    ann, bob, carl = club.member(), club.member(), club.member()
    made = [club.brought(ann, friend) for friend in (bob, carl)]
    good(club.app.post(f"{MEMBERS}/{ann['id']}/suspend", {"reason": "Looked at"}))
    for friend in (bob, carl):
        club.deliver(friend, "600")
    assert [club.referral(one)["state"] for one in made] == ["completed"] * 2
    good(club.app.post(f"{MEMBERS}/{ann['id']}/reinstate"))
    for friend in (bob, carl):
        club.deliver(friend, "600")
    assert club.points(ann, bob, carl) == [200, 100, 100]
    capped = club.referral(made[1])
    assert (capped["state"], capped["capped"], capped["due"]) == ("rewarded", True, [])
    club.later(days=17)  # February has begun
    club.deliver(carl, "600")
    assert club.points(ann) == [200], "the friend came in January"


def test_many_at_once_wait_for_somebody_to_look_at_them(club: Club) -> None:
    club.offer(hold_above=1)
    ann, bob, carl, dora = (club.member() for _ in range(4))
    made = [club.brought(ann, friend) for friend in (bob, carl, dora)]
    for friend in (bob, carl, dora):
        club.deliver(friend, "600")
    states = [club.referral(one)["state"] for one in made]
    assert states == ["rewarded", "held", "held"]
    assert club.points(ann, carl, dora) == [200, 0, 0]
    paths = [f"{REFERRALS}/{one['id']}" for one in made]
    seller = lasting_app(club.loyalty, club.clock, club.app.tenant_id, "loyalty.referrals.write")
    assert seller.post(f"{paths[1]}/approve").status_code == 403
    approved = good(club.app.post(f"{paths[1]}/approve"))
    assert (approved["state"], approved["decided_by"]) == ("rewarded", "client:test-app")
    turned_down = good(club.app.post(f"{paths[2]}/refuse"))
    assert (turned_down["state"], turned_down["reason"]) == ("refused", "reviewed")
    for path in paths:
        assert refused(club.app.post(f"{path}/approve")) == (409, "referral_not_held")
    assert club.points(ann, carl, dora) == [400, 100, 0]


def test_limits_hold_and_refuse_and_whoever_looks_at_them_decides(club: Club) -> None:
    limit = {"name": "Friends", "act": "referral", "measure": "times", "scope": "referrer"}
    more = {"most": 1, "window_minutes": 60, "program_id": club.program["id"]}
    rule = good(club.app.post(LIMITS, {**limit, **more, "response": "hold"}))
    ann, bob, carl, dora, emil = (club.member() for _ in range(5))
    made = [club.brought(ann, friend) for friend in (bob, carl, dora, emil)]
    for friend in (bob, carl, dora):
        club.deliver(friend, "600")
    assert [club.referral(one)["state"] for one in made[:3]] == ["rewarded", "held", "held"]
    reviews = {one["key"]: one["id"] for one in club.app.get(REVIEWS).json["items"]}
    for one, verb in ((made[1], "clear"), (made[2], "confirm")):
        good(club.app.post(f"{REVIEWS}/{reviews[one['id']]}/{verb}", {"reason": "Looked at"}))
    assert [club.referral(one)["state"] for one in made[1:3]] == ["rewarded", "refused"]
    assert club.points(ann, carl, dora) == [400, 100, 0]
    good(club.app.patch(f"{LIMITS}/{rule['id']}", {"response": "block"}))
    club.deliver(emil, "600")
    blocked = club.referral(made[3])
    assert (blocked["state"], blocked["reason"]) == ("refused", "velocity")
    assert club.points(ann, emil) == [400, 0]
    held = {one.referral_id for one in facts(club.loyalty, club.app, events.ReferralHeldBack)}
    assert held == {one["id"] for one in made[1:3]}, "of the last one there is nothing to decide"


def test_of_two_decisions_at_once_one_counts(club: Club) -> None:
    club.offer(hold_above=1)
    ann, bob, carl = (club.member() for _ in range(3))
    made = [club.brought(ann, friend) for friend in (bob, carl)]
    for friend in (bob, carl):
        club.deliver(friend, "600")
    path = f"{REFERRALS}/{made[1]['id']}"
    answers = at_once(*[lambda: club.app.post(f"{path}/approve")] * 3)
    assert answers == [200, 409, 409]
    assert club.points(ann, carl) == [400, 100]


def test_friends_are_rewarded_by_what_held_when_they_came(club: Club) -> None:
    ann, bob = club.member(), club.member()
    club.brought(ann, bob)
    club.offer(referrer_gift={"points": 1}, friend_gift={"points": 1}, minimum_order=None)
    club.deliver(bob, "600")
    assert club.points(ann, bob) == [200, 100]


def test_recognition_is_a_reward_too_and_is_taken_back_alike(club: Club) -> None:
    badge = {"kind": "badge", "key": "ambassador", "name": {"en": "Ambassador"}, "days": 30}
    club.offer(referrer_gift={"recognition": badge}, friend_gift={"points": 5, "pending_days": 7})
    ann, bob = club.member(), club.member()
    club.brought(ann, bob)
    order_id = club.deliver(bob, "600")
    mine = f"{RECOGNITIONS}?member_id={ann['id']}"
    (given,) = club.app.get(mine).json["items"]
    assert (given["key"], given["cause_kind"]) == ("ambassador", "referral")
    assert (club.points(bob), club.pending(bob)) == ([0], 5)
    club.refund(bob, order_id, "600")
    assert club.app.get(f"{mine}&current=true").json["items"] == []
    assert len(club.app.get(mine).json["items"]) == 1
    assert club.pending(bob) == 0
    by_hand = good(club.app.post(RECOGNITIONS, {**badge, "member_id": ann["id"]}))
    assert [one["id"] for one in club.app.get(f"{mine}&current=true").json["items"]] == [
        by_hand["id"]
    ]
    club.later(days=31)
    assert club.app.get(f"{mine}&current=true").json["items"] == []
    path = f"{RECOGNITIONS}/{by_hand['id']}/withdraw"
    assert at_once(*[lambda: club.app.post(path)] * 2) == [200, 409]


def test_reports_say_what_recommendations_bring(club: Club) -> None:
    ann, bob, carl, dora = (club.member() for _ in range(4))
    for friend in (bob, carl, dora):
        club.brought(ann, friend)
    order_id = club.deliver(bob, "1000")
    club.refund(bob, order_id, "200")
    club.deliver(bob, "300")
    club.deliver(carl, "100")
    club.deliver(ann, "5000")
    report = good(club.app.get(f"{PROGRAMS}/{club.program['id']}/referral-report"))
    assert (report["invited"], report["completed"], report["rewarded"]) == (3, 1, 1)
    assert report["conversion_percent"] == "33.33"
    assert report["states"] == {"claimed": 1, "refused": 1, "rewarded": 1}
    assert report["refused"] == {"order_too_small": 1}
    assert report["points"] == 300
    assert report["revenue"] == [{"amount": "1100.00", "currency": "TWD"}]
    of_ann = good(club.app.get(f"{MEMBERS}/{ann['id']}/referral-report"))
    assert (of_ann["invited"], of_ann["member_id"]) == (3, ann["id"])
    of_bob = good(club.app.get(f"{MEMBERS}/{bob['id']}/referral-report"))
    assert (of_bob["invited"], of_bob["conversion_percent"], of_bob["revenue"]) == (0, "0", [])
    later = f"{PROGRAMS}/{club.program['id']}/referral-report?claimed_from=2031-02-01T00:00:00Z"
    assert good(club.app.get(later))["invited"] == 0


def test_a_delivery_that_is_told_three_times_on_the_bus_rewards_once(
    loyalty: Loyalty, bus: Bus, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    program = create_program(app)
    good(app.put(f"{PROGRAMS}/{program['id']}/referral-terms", TERMS))
    ann, bob = enrol(app, program, uuid4()), enrol(app, program, uuid4())
    code = good(app.post(CODES, {"member_id": ann["id"]}))
    body = {"code": code["code"], "friend_person_id": bob["person_id"]}
    referral = good(app.post(REFERRALS, body))
    fact = delivered(person_of(bob), "800")
    for _ in range(3):
        bus.say(fact, app.tenant_id, person_of(bob))
    path = f"{REFERRALS}/{referral['id']}"
    eventually(lambda: app.get(path).json["state"] == "rewarded")
    eventually(bus.is_settled)
    assert len(facts(loyalty, app, events.ReferralCompleted)) == 1
    assert len(facts(loyalty, app, events.ReferralRewarded)) == 2
