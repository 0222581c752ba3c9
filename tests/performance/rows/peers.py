"""The comparison with other CRM systems: requests a second among 100,000 people, not run by default.

What the best of three open-source peers reached on a two-core machine like ours, each over its
authenticated REST API with 16 connections and everything on the same two cores: EspoCRM 8.4,
Frappe CRM 1.32 and Django-CRM (2026 head) with 100,000 contacts each. docs/performance.md says more.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from urllib.parse import quote

from tests.performance.figure import Figure, Figures
from tests.performance.load import LoadRun, RequestMaker, request_bytes
from tests.performance.rows.imports import import_people
from tests.performance.rows.requests import creation, require_good
from tests.performance.subject import Subject

PEOPLE = 100_000
BEST = {"read one": 103, "list of 50": 79, "search a name's fragment": 30, "create one": 60}
"""Requests a second of the best peer in each."""
TIMES = 8

_SECONDS = 8.0
_FRAGMENTS = ("小明", "淑芬", "怡", "志明", "chen", "lin1", "wang0")


def measure(subject: Subject) -> Figures:
    """Import 100,000 people, then each request at saturation against the best peer's figure."""
    yield from import_people(subject, PEOPLE)
    for name, make in _requests(subject).items():
        result = LoadRun(subject.gateway, make).saturate(_SECONDS)
        require_good(result)
        note = f"p50 {result.percentile(0.5) * 1000:.0f} ms, 16 connections"
        yield Figure(
            f"peers: {name}", result.per_second, "per second", BEST[name], TIMES, note=note
        )


def _requests(subject: Subject) -> dict[str, RequestMaker]:
    draw = random.Random(3)  # noqa: S311 - the same people every time
    headers = subject.headers()
    page = subject.app.get("/v1/contacts/people", page_size=200, sort="full_name")
    ids = [person["id"] for person in page["items"]]

    def getting(address: Callable[[], str]) -> RequestMaker:
        return lambda _: request_bytes("GET", address(), headers=headers)

    search = f"{subject.gateway}/v1/contacts/search?q="
    return {
        "read one": getting(lambda: f"{subject.people_url}/{draw.choice(ids)}"),
        "list of 50": getting(lambda: subject.people_url),
        "search a name's fragment": getting(lambda: search + quote(draw.choice(_FRAGMENTS))),
        "create one": creation(subject, keyed=True),
    }
