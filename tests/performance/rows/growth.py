"""Growth: the same reads, lists and searches at ten thousand people and at a million."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from urllib.parse import quote

import psycopg

from chassis.embedded.processes import wait_until
from tests.at_broker import behind
from tests.performance.figure import Figure, Figures
from tests.performance.load import LoadResult, LoadRun, request_bytes
from tests.performance.rows.imports import import_people
from tests.performance.subject import Subject

SMALL = 10_000
_CALLS = 300
_MOST_SECONDS = 1_200
_UNPUBLISHED = "SELECT EXISTS (SELECT FROM outbox WHERE published_at IS NULL)"
_QUERIES = {
    "search, Latin": ("chen", "mei li", "wan", "lin.w", "0912", "huan yi"),
    "search, Chinese": ("小明", "王", "陳怡", "淑芬", "志明"),
}


def measure(subject: Subject) -> Figures:
    """Import, then the latencies at both sizes; the import itself is measured on the way."""
    yield from import_people(subject, SMALL)
    _wait_for_others(subject)
    small = _latencies(subject)
    yield from import_people(subject, subject.people)
    _wait_for_others(subject)
    large = _latencies(subject)
    for name, result in large.items():
        before = small[name].percentile(0.95) * 1000
        after = result.percentile(0.95) * 1000
        about = f"at {subject.people:,} people, p95"
        yield Figure(f"{name} {about}", after, "ms", before, 1.5, at_most=True)
        if name in _QUERIES:
            yield Figure(f"{name} as you type", after, "ms", reach=50, at_most=True)


def _wait_for_others(subject: Subject) -> None:
    """Wait until everybody has heard of everybody who was imported, which takes the same two cores."""
    database = subject.platform.postgres.admin_dsn("contacts")
    with psycopg.connect(database, autocommit=True) as connection:

        def is_quiet() -> bool:
            waits = connection.execute(_UNPUBLISHED).fetchone()
            return waits == (False,) and not behind(subject.platform)

        if not wait_until(is_quiet, _MOST_SECONDS):
            raise RuntimeError(f"not heard of yet: {behind(subject.platform)}")


def _latencies(subject: Subject) -> dict[str, LoadResult]:
    draw = random.Random(7)  # noqa: S311 - the same queries at both sizes
    ids = _some_ids(subject)
    makers: dict[str, Callable[[int], str]] = {
        "read": lambda _: f"{subject.people_url}/{draw.choice(ids)}",
        "list": lambda _: f"{subject.people_url}?page_size=50",
    }
    for name, queries in _QUERIES.items():
        makers[name] = _searching(subject, queries)
    return {name: _one_at_a_time(subject, make) for name, make in makers.items()}


def _searching(subject: Subject, queries: tuple[str, ...]) -> Callable[[int], str]:
    return lambda n: f"{subject.people_url}?page_size=20&q={quote(queries[n % len(queries)])}"


def _some_ids(subject: Subject) -> list[str]:
    """People from all over the list: its two ends and what lies by some names."""
    found: list[str] = []
    for sort in ("created_at", "-created_at", "full_name", "-full_name", "updated_at"):
        page = subject.app.get("/v1/contacts/people", page_size=200, sort=sort)
        found += [person["id"] for person in page["items"]]
    return found


def _one_at_a_time(subject: Subject, make: Callable[[int], str]) -> LoadResult:
    headers = subject.headers()
    run = LoadRun(
        subject.gateway,
        lambda n: request_bytes("GET", make(n), headers=headers),
        connections=1,
    )
    started = time.perf_counter()
    result = run.saturate(120, at_most=_CALLS)
    if set(result.statuses) != {200}:
        raise RuntimeError(f"{result.statuses} after {time.perf_counter() - started:.0f} s")
    return result
