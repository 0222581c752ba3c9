"""Search as you type: the latency of each way to type, among all the people there are by then."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from tests.performance.figure import Figure, Figures
from tests.performance.load import LoadResult, LoadRun, request_bytes
from tests.performance.rows.imports import import_people
from tests.performance.subject import Subject

_CALLS = 200
_REACH = 50
_LATIN = 2_000
_SYLLABLES = "ka lo mi ren sta bur ton vel dor han ber gra shi ne wal ter ing ham ley son".split()

Person = dict[str, Any]


def measure(subject: Subject) -> Figures:
    """Each way to type by itself, one request after the other, through the gateway.

    Run by itself, it imports as many people as the benchmarks go up to.
    """
    if not _some_people(subject):
        yield from import_people(subject, subject.people)
    yield from measure_search(subject)


def measure_search(subject: Subject) -> Figures:
    """Type what the people have who are there, and misspell the names of some more."""
    draw = random.Random(11)  # noqa: S311 - the same typing every time
    latin = _latin_people(draw)
    for begin in range(0, _LATIN, 1_000):
        subject.app.post(
            "/v1/contacts/people/batch", {"items": latin[begin : begin + 1_000], "atomic": False}
        )
    known = _some_people(subject)
    for name, typed in _ways(draw, known, latin).items():
        result = _searched(subject, typed)
        about = f"search by {name}, p95"
        note = f"p50 {result.percentile(0.5) * 1000:.0f} ms"
        yield Figure(
            about, result.percentile(0.95) * 1000, "ms", reach=_REACH, at_most=True, note=note
        )


def _latin_people(draw: random.Random) -> list[Person]:
    def word() -> str:
        return "".join(draw.choices(_SYLLABLES, k=draw.randint(2, 3))).title()

    return [{"full_name": f"{word()} {word()}"} for _ in range(_LATIN)]


def _some_people(subject: Subject) -> list[Person]:
    """People with a Chinese name, an address and a number, from both ends of the list."""
    found: list[Person] = []
    for sort in ("created_at", "-full_name", "full_name"):
        page = subject.app.get("/v1/contacts/people", page_size=200, sort=sort)
        found += page["items"]
    return [
        person
        for person in found
        if person["emails"] and person["phones"] and not person["full_name"].isascii()
    ]


def _ways(
    draw: random.Random, known: Sequence[Person], latin: Sequence[Person]
) -> dict[str, list[str]]:
    def typed(make: Callable[[str, str, str], str]) -> list[str]:
        chosen = draw.choices(known, k=_CALLS)
        return [
            make(p["full_name"], p["emails"][0]["address"], p["phones"][0]["number"])
            for p in chosen
        ]

    misspelt = [_misspelt(draw, person["full_name"]) for person in draw.choices(latin, k=_CALLS)]
    return {
        "one character": typed(lambda name, _email, _phone: name[:1]),
        "a piece of a name": typed(lambda name, _email, _phone: name[1:3]),
        "a whole name": typed(lambda name, _email, _phone: name),
        "parted characters": typed(lambda name, _email, _phone: f"{name[0]} {name[-1]}"),
        "the front of an address": typed(lambda _name, email, _phone: email[:6]),
        "last digits": typed(lambda _name, _email, phone: phone[-4:]),
        "a name and last digits": typed(lambda name, _email, phone: f"{name[0]} {phone[-3:]}"),
        "a misspelt word": [name.split()[1] for name in misspelt],
        "a misspelt name": misspelt,
    }


def _misspelt(draw: random.Random, name: str) -> str:
    """The name with two letters of its last word the wrong way round."""
    first, _, last = name.lower().partition(" ")
    at = draw.randint(1, len(last) - 2)
    return f"{first} {last[:at]}{last[at + 1]}{last[at]}{last[at + 2 :]}"


def _searched(subject: Subject, typed: Sequence[str]) -> LoadResult:
    headers = subject.headers()
    run = LoadRun(
        subject.gateway,
        lambda n: request_bytes(
            "GET",
            f"{subject.gateway}/v1/contacts/search?q={quote(typed[n % len(typed)])}",
            headers=headers,
        ),
        connections=1,
    )
    result = run.saturate(120, at_most=len(typed))
    if set(result.statuses) != {200}:
        raise RuntimeError(f"searches were answered with {result.statuses}")
    return result
