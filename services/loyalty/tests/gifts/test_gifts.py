"""Gifts of every kind: given once for their cause, and taken back unless they were used."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import MovableClock
from loyalty.gifts.documents import document_of, gift_of
from loyalty.gifts.domain import Gift
from loyalty.recognitions.domain import RecognitionKind, RecognitionTerms
from services.loyalty.tests.builders import Loyalty, create_program, good, places
from services.loyalty.tests.couponing import CODES, COUPONS, POOLS, basket, line
from services.loyalty.tests.inviting import RECOGNITIONS, TERMS, Club


@pytest.fixture
def club(timed: Loyalty, clock: MovableClock) -> Club:
    """A program that rewards recommendations."""
    return Club(timed, clock)


def pool(club: Club, **more: Any) -> dict[str, Any]:
    """A pool of coupons for 10 % off."""
    benefit = {"kind": "percent_off", "percent": "10"}
    body = {"program_id": club.program["id"], "name": {"en": "Offer"}, "benefit": benefit, **more}
    draft = good(club.app.post(POOLS, body))
    return good(club.app.post(f"{POOLS}/{draft['id']}/activate"))


def coupons(club: Club, member: dict[str, Any]) -> list[dict[str, Any]]:
    """The coupons that somebody was given."""
    listed: list[dict[str, Any]] = club.app.get(f"{COUPONS}?person_id={member['person_id']}").json[
        "items"
    ]
    return listed


def use(club: Club, coupon: dict[str, Any]) -> None:
    """Have a coupon used at an order."""
    code = good(club.app.get(f"{CODES}/{coupon['id']}"))["code"]
    body = basket(code, order_reference="A-1", lines=[line("1000")])
    good(club.app.post(f"{COUPONS}/redeem", body))


def test_a_coupon_is_given_once_and_taken_back_unless_it_was_used(club: Club) -> None:
    offer = {"coupon_pool_id": pool(club)["id"]}
    club.offer(referrer_gift=offer, friend_gift=offer)
    ann, bob = club.member(), club.member()
    club.brought(ann, bob)
    order_id = club.deliver(bob, "800")
    club.deliver(bob, "800")
    (of_ann,), (of_bob,) = coupons(club, ann), coupons(club, bob)
    use(club, of_bob)
    club.refund(bob, order_id, "800")
    assert [one["state"] for one in coupons(club, ann)] == ["revoked"]
    assert [one["state"] for one in coupons(club, bob)] == ["used"]
    assert of_ann["id"] != of_bob["id"]


def test_a_badge_is_taken_back_from_whoever_turns_out_to_have_it(club: Club) -> None:
    badge = {"kind": "badge", "key": "ambassador", "name": {"en": "Ambassador"}}
    club.offer(referrer_gift={"recognition": badge})
    older = club.member()
    club.later(days=1)
    ann, bob = club.member(), club.member()
    club.brought(ann, bob)
    order_id = club.deliver(bob, "800")
    club.merge(ann, older)
    current = f"{RECOGNITIONS}?current=true&member_id={older['id']}"
    assert [one["key"] for one in club.app.get(current).json["items"]] == ["ambassador"]
    club.refund(bob, order_id, "800")
    assert club.app.get(current).json["items"] == []


def test_a_pool_that_gives_nothing_now_keeps_nothing_else_from_being_given(club: Club) -> None:
    paused = pool(club)
    club.offer(referrer_gift={"points": 5, "coupon_pool_id": paused["id"]})
    good(club.app.post(f"{POOLS}/{paused['id']}/pause"))
    ann, bob = club.member(), club.member()
    referral = club.brought(ann, bob)
    club.deliver(bob, "800")
    assert club.referral(referral)["state"] == "rewarded"
    assert club.points(ann) == [5]
    assert coupons(club, ann) == []


def test_a_pool_of_another_program_cannot_be_given(club: Club) -> None:
    other = create_program(club.app, key="other")
    elsewhere = pool(club, program_id=other["id"])
    answer = club.app.put(
        club.terms_path, {**TERMS, "friend_gift": {"coupon_pool_id": elsewhere["id"]}}
    )
    assert places(answer) == [("/friend_gift/coupon_pool_id", "coupon_pool_unknown")]


_recognitions = st.builds(
    RecognitionTerms,
    st.sampled_from(RecognitionKind),
    st.text(min_size=1, max_size=9),
    st.dictionaries(st.sampled_from(["en", "zh-Hant"]), st.text(max_size=9)),
    st.none() | st.integers(1, 99),
)
_gifts = st.builds(
    Gift, st.integers(0, 99), st.integers(0, 9), st.none() | st.uuids(), st.none() | _recognitions
)


@given(_gifts)
def test_a_gift_that_is_kept_is_read_as_it_was(gift: Gift) -> None:
    assert gift_of(document_of(gift)) == gift
