"""What a program gives for recommendations, and the codes that members hand on (LO-8)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from services.loyalty.tests.builders import (
    MEMBERS,
    PROGRAMS,
    Loyalty,
    at_once,
    create_program,
    good,
    places,
    refused,
)
from services.loyalty.tests.inviting import CODES, TERMS, Club


@pytest.fixture
def club(timed: Loyalty, clock: MovableClock) -> Club:
    """A program that rewards recommendations."""
    club = Club(timed, clock)
    club.offer()
    return club


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"sign_up_url": "http://shop.example/"}, ("/sign_up_url", "address_unfit")),
        ({"sign_up_url": "https://a:b@shop.example/"}, ("/sign_up_url", "address_unfit")),
        ({"sign_up_url": "javascript:alert(1)"}, ("/sign_up_url", "address_unfit")),
        ({"minimum_order": {"amount": "5", "currency": "EUR"}},
         ("/minimum_order/currency", "currency_other")),
        ({"minimum_order": {"amount": "-5", "currency": "TWD"}},
         ("/minimum_order", "amount_negative")),
    ],
)  # fmt: skip
def test_terms_that_cannot_be_are_refused(
    club: Club, change: dict[str, Any], wrong: tuple[str, str]
) -> None:
    answer = club.app.put(club.terms_path, {**TERMS, **change})
    assert (answer.status_code, places(answer)) == (422, [wrong])


def test_terms_that_are_set_twice_at_once_are_set(club: Club) -> None:
    program = create_program(club.app, key="second")
    path = f"{PROGRAMS}/{program['id']}/referral-terms"
    assert club.app.get(path).status_code == 404
    assert at_once(*[lambda: club.app.put(path, TERMS)] * 3) == [200, 200, 200]
    terms = good(club.app.get(path))
    assert (terms["version"], terms["minimum_order"]["amount"]) == (1, "500.00")
    stale = club.app.put(path, {**TERMS, "window_days": 5}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412


def test_a_member_has_one_code_however_often_it_is_asked_for(club: Club) -> None:
    ann = club.member()
    body = {"member_id": ann["id"], "shown_name": "Ann"}
    assert at_once(*[lambda: club.app.post(CODES, body)] * 3) == [200, 200, 201]
    (code,) = club.app.get(f"{CODES}?member_id={ann['id']}").json["items"]
    assert good(club.app.get(f"{CODES}/{code['id']}")) == code
    assert code["link"].endswith(f"/p/loyalty/r/{code['code']}")
    replaced = good(club.app.post(f"{CODES}/{code['id']}/replace"))
    assert replaced["code"] != code["code"]
    assert places(club.claim(code, uuid4())) == [("/code", "referral_code_unknown")]
    good(club.claim({"code": replaced["code"].lower().replace("-", " ")}, uuid4()))
    good(club.app.post(f"{MEMBERS}/{ann['id']}/suspend", {"reason": "Fraud"}))
    assert places(club.claim(replaced, uuid4())) == [("/code", "referral_code_unknown")]
    other = club.member()
    good(club.app.post(f"{MEMBERS}/{other['id']}/suspend", {"reason": "Fraud"}))
    assert refused(club.app.post(CODES, {"member_id": other["id"]})) == (409, "member_not_active")
