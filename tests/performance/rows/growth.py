"""Growth: the same reads, lists and searches at ten thousand people and at a million."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from urllib.parse import quote

from tests.performance.figure import Figure, Figures
from tests.performance.load import LoadResult, LoadRun, request_bytes
from tests.performance.rows.imports import import_people
from tests.performance.subject import Subject

SMALL = 10_000
_CALLS = 300
_QUERIES = {
    "search, Latin": ("chen", "mei li", "wan", "lin.w", "0912", "huan yi"),
    "search, Chinese": ("小明", "王", "陳怡", "淑芬", "志明"),
}


def measure(subject: Subject) -> Figures:
    """Import, then the latencies at both sizes; the import itself is measured on the way."""
    yield from import_people(subject, SMALL)
    small = _latencies(subject)
    yield from import_people(subject, subject.people)
    large = _latencies(subject)
    for name, result in large.items():
        before = small[name].percentile(0.95) * 1000
        after = result.percentile(0.95) * 1000
        about = f"at {subject.people:,} people, p95"
        yield Figure(f"{name} {about}", after, "ms", before, 1.5, at_most=True)
        if name in _QUERIES:
            yield Figure(f"{name} as you type", after, "ms", reach=50, at_most=True)


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
