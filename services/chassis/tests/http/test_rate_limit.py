"""Whoever calls too often waits: clients by their token, everybody else by address."""

from __future__ import annotations

import pytest
from flask import Flask, Response
from werkzeug.test import TestResponse

from chassis.http.address import Addresses, networks_of
from chassis.http.pages import Pages
from chassis.http.problem import HttpProblem, Problem
from chassis.http.rate_limit import AddressLimits, RateLimiter

PROBLEM = "application/problem+json"


class TestClock:
    """Moves when the test says so."""

    __test__ = False

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Seconds, by no particular reckoning."""
        return self.seconds


class Site:
    """Two groups of pages, of which each lets two calls a minute in."""

    def __init__(self) -> None:
        self.clock = TestClock()
        self.app = Flask("site", static_folder=None)
        limits = AddressLimits(2, self.clock)
        for group, times in (("a", 1), ("b", 1), ("many", 2)):
            pages = Pages(group, self.refuse, limit_times=times)
            pages.page(f"/p/{group}", public_because="it is an example")(self.hello)
            pages.register(self.app, Addresses(networks_of("127.0.0.0/8")), limits)

    def refuse(self, problem: Problem) -> Response:
        """Say no in a page."""
        return Response(f"<p>{problem.code}", problem.status, content_type="text/html")

    def hello(self) -> Response:
        """Greet."""
        return Response("hello")

    def ask(self, address: str, path: str = "/p/a", accept: str = "*/*") -> TestResponse:
        """A request that the gateway passes on from an address."""
        headers = {"X-Forwarded-For": address, "Accept": accept}
        return self.app.test_client().get(path, headers=headers)

    def statuses(self, *addresses: str, path: str = "/p/a") -> list[int]:
        """What each of the addresses is answered, one after another."""
        return [self.ask(address, path).status_code for address in addresses]


def test_an_address_that_calls_too_often_is_refused_with_a_problem_and_the_time_to_wait() -> None:
    site = Site()
    first = site.ask("203.0.113.9")
    assert first.headers["RateLimit-Policy"] == '"address";q=2;w=60'
    assert first.headers["RateLimit"].startswith('"address";r=1;')
    site.ask("203.0.113.9")
    refused = site.ask("203.0.113.9")
    assert (refused.status_code, refused.content_type) == (429, PROBLEM)
    document = refused.get_json()
    assert (document["code"], document["instance"]) == ("rate_limited", "/p/a")
    assert refused.headers["Retry-After"] == "30"
    assert refused.headers["RateLimit"].startswith('"address";r=0;')
    site.clock.seconds = 30
    assert site.statuses("203.0.113.9", "203.0.113.9") == [200, 429]


def test_somebody_who_looks_at_a_page_is_refused_by_a_page() -> None:
    site = Site()
    answers = [site.ask("203.0.113.9", accept="text/html,*/*;q=0.8") for _ in range(3)]
    assert (answers[2].status_code, answers[2].text) == (429, "<p>rate_limited")
    assert answers[2].headers["Retry-After"] == "30"


def test_addresses_and_groups_are_counted_apart() -> None:
    site = Site()
    assert site.statuses(*["203.0.113.9"] * 3) == [200, 200, 429]
    assert site.statuses("203.0.113.10") == [200]
    assert site.statuses("203.0.113.9", path="/p/b") == [200]
    assert site.statuses(*["203.0.113.9"] * 5, path="/p/many") == [200, 200, 200, 200, 429]


def test_an_ipv6_address_counts_with_its_whole_subnet() -> None:
    site = Site()
    inside = ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:2::3")
    assert site.statuses(*inside) == [200, 200, 429]
    assert site.statuses("2001:db8:1:3::1") == [200]
    mapped = ("::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.2")
    assert site.statuses(*mapped, "192.0.2.1") == [200, 200, 200, 429]


def test_what_a_caller_says_of_its_address_does_not_count() -> None:
    site = Site()
    lies = [f"198.51.100.{number}, 203.0.113.9" for number in range(3)]
    assert site.statuses(*lies) == [200, 200, 429]


def test_of_many_addresses_only_the_latest_are_remembered() -> None:
    limiter = RateLimiter(1, lambda: 0.0)
    limiter.take("first")
    for number in range(10_000):
        limiter.take(f"client {number}")
    assert limiter.take("first")
    with pytest.raises(HttpProblem):
        limiter.take("client 9999")


def test_calls_may_be_counted_once_it_is_known_what_they_were() -> None:
    clock = TestClock()
    limiter = RateLimiter(3, clock)
    assert limiter.wait("a") == 0
    assert limiter.wait("a") == 0, "asking counts nothing"
    limiter.spend("a", 2)
    assert limiter.wait("a") == 0
    limiter.spend("a", 5)
    assert limiter.wait("a") == 20
    assert limiter.wait("b") == 0
    clock.seconds = 20
    assert limiter.wait("a") == 0
