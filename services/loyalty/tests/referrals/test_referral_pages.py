"""The page that a member's link leads to: whom it names, and where it sends nobody (LO-8)."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import MovableClock
from chassis.testing.client import ApiAnswer
from loyalty.referral_terms.domain import ReferralPolicy
from services.loyalty.tests.builders import MEMBERS, Loyalty, good
from services.loyalty.tests.inviting import CODES, Club


@pytest.fixture
def club(timed: Loyalty, clock: MovableClock) -> Club:
    """A program that rewards recommendations."""
    club = Club(timed, clock, name="Bean <Club>", points_name={"en": "beans", "zh-Hant": "豆豆"})
    club.offer()
    return club


def look(club: Club, code: str, language: str = "en", accept: str = "text/html") -> ApiAnswer:
    """What somebody without a token sees."""
    headers = {"Accept": accept, "Accept-Language": language}
    return club.loyalty.anonymous().get(f"/p/loyalty/r/{code}", headers=headers)


def test_a_link_says_who_invites_and_hands_over_the_code(club: Club) -> None:
    code = club.code(club.member(), shown_name="Ann")
    page = look(club, code["code"].lower())
    assert (page.status_code, page.headers["Content-Language"]) == (200, "en")
    assert "Ann invites you to join Bean &lt;Club&gt;." in page.text
    assert "100 beans" in page.text
    assert code["code"] in page.text
    link = f"https://shop.example/sign-up?from=friend&amp;ref={code['code']}"
    assert f'href="{link}" rel="noreferrer"' in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "Location" not in page.headers


def test_a_link_speaks_the_languages_of_those_who_follow_it(club: Club) -> None:
    code = club.code(club.member(), shown_name="小安")
    page = look(club, code["code"], "zh-TW,zh;q=0.9")
    assert page.headers["Content-Language"] == "zh-Hant"
    assert "小安邀請您加入" in page.text
    assert "100 豆豆" in page.text
    chosen = look(club, f"{code['code']}?lang=en", "zh-TW")
    assert chosen.headers["Content-Language"] == "en"


def test_a_link_tells_programs_the_same(club: Club) -> None:
    code = club.code(club.member())
    told = look(club, code["code"], accept="application/json")
    assert told.headers["Content-Type"] == "application/json"
    body = told.json
    assert (body["invited_by"], body["code"], body["points"]) == (None, code["code"], 100)
    assert body["sign_up_url"].startswith("https://shop.example/sign-up?")


@pytest.mark.parametrize("code", ["23456-789AB", "nonsense", "..%2f..", "0" * 300])
def test_a_link_that_leads_nowhere_is_refused(club: Club, code: str) -> None:
    assert look(club, code).status_code == 404
    told = look(club, code, accept="application/json")
    assert told.headers["Content-Type"] == "application/problem+json"


def test_a_link_that_holds_no_more_says_so(club: Club) -> None:
    member = club.member()
    code = club.code(member)
    good(club.app.patch(f"{CODES}/{code['id']}", {"enabled": False}))
    assert look(club, code["code"]).status_code == 410
    good(club.app.patch(f"{CODES}/{code['id']}", {"enabled": True}))
    assert look(club, code["code"]).status_code == 200
    good(club.app.post(f"{MEMBERS}/{member['id']}/suspend", {"reason": "Fraud"}))
    gone = look(club, code["code"], accept="application/json")
    assert (gone.status_code, gone.json["code"]) == (410, "referral_code_off")


@given(st.text(max_size=40), st.sampled_from(["", "?a=1", "?ref=old&b=2", "#top", "?a=1#top"]))
def test_the_code_changes_nothing_of_where_a_friend_goes_on(code: str, more: str) -> None:
    policy = ReferralPolicy(sign_up_url=f"https://shop.example/join{more}")
    parts = urlsplit(policy.sign_up_address(code))
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "shop.example", "/join")
    assert parts.query.count("ref=") == 1
