"""Single requests through the gateway: read, list, create, and the tail of their latencies."""

from __future__ import annotations

import itertools

import orjson

from tests.performance.figure import Figure, Figures
from tests.performance.load import LoadResult, LoadRun, RequestMaker, request_bytes
from tests.performance.subject import Subject

_SECONDS = 4.0
_ROUNDS = 3
_SOME_PEOPLE = 500
_numbers = itertools.count()


def measure(subject: Subject) -> Figures:
    """Read, list and create against the bare application, and the tail at half of saturation."""
    person_id = _enter_some(subject)
    headers = subject.headers()
    ours = request_bytes("GET", f"{subject.people_url}/{person_id}", headers=headers)
    bare = request_bytes("GET", f"{subject.yardstick_url}/people/{person_id}")
    read = against("read one", subject, lambda _: ours, lambda _: bare, 0.6)
    yield read
    yield _tail(subject, lambda _: ours, read.value)
    ours_list = request_bytes("GET", subject.people_url, headers=headers)
    bare_list = request_bytes("GET", f"{subject.yardstick_url}/people")
    yield against("list of 50", subject, lambda _: ours_list, lambda _: bare_list, 0.6)
    yield against(
        "create one", subject, creation(subject, keyed=True), _bare_creation(subject), 0.4
    )


def _enter_some(subject: Subject) -> str:
    """Enough people that a list has its fifty; gives the id of one."""
    make = creation(subject, keyed=False)
    made = LoadRun(subject.gateway, make).saturate(60, at_most=_SOME_PEOPLE)
    require_good(made)
    found: str = subject.app.get("/v1/contacts/people", page_size=1)["items"][0]["id"]
    return found


def against(
    name: str,
    subject: Subject,
    ours: RequestMaker,
    bare: RequestMaker,
    reach: float | None = None,
) -> Figure:
    """Alternate the two, and take the middle round by its ratio: these machines are noisy."""
    rounds = []
    for _ in range(_ROUNDS):
        yardstick = LoadRun(subject.yardstick_url, bare).saturate(_SECONDS)
        measured = LoadRun(subject.gateway, ours).saturate(_SECONDS)
        require_good(yardstick)
        require_good(measured)
        rounds.append((measured.per_second / yardstick.per_second, measured, yardstick))
    _, measured, yardstick = sorted(rounds, key=lambda r: r[0])[_ROUNDS // 2]
    note = f"p50 {measured.percentile(0.5) * 1000:.0f} ms, 16 connections"
    return Figure(name, measured.per_second, "per second", yardstick.per_second, reach, note=note)


def _tail(subject: Subject, make: RequestMaker, saturation: float) -> Figure:
    result = LoadRun(subject.gateway, make).at_rate(saturation / 2, 2 * _SECONDS)
    require_good(result)
    return Figure(
        "p99 of reads at half of saturation",
        result.percentile(0.99) * 1000,
        "ms",
        result.percentile(0.5) * 1000,
        6,
        at_most=True,
    )


def creation(subject: Subject, *, keyed: bool) -> RequestMaker:
    """Requests that create one new person each, with an idempotency key if `keyed`."""
    headers = {**subject.headers(), "Content-Type": "application/json"}

    def make(_: int) -> bytes:
        number = next(_numbers)
        sent = {**headers, "Idempotency-Key": f"bench-{number}"} if keyed else headers
        return request_bytes("POST", subject.people_url, headers=sent, body=_person(number))

    return make


def _bare_creation(subject: Subject) -> RequestMaker:
    headers = {"Content-Type": "application/json"}

    def make(_: int) -> bytes:
        body = _person(next(_numbers))
        return request_bytes("POST", f"{subject.yardstick_url}/people", headers=headers, body=body)

    return make


def _person(number: int) -> bytes:
    return orjson.dumps(
        {
            "full_name": f"王小明{number}",
            "emails": [{"address": f"ming.{number}@rapport.dev", "label": "work"}],
            "phones": [{"number": f"+8869{number % 100_000_000:08d}"}],
            "tags": ["bench"],
            "source": "bench",
        }
    )


def require_good(result: LoadResult) -> None:
    """Raises RuntimeError unless every request succeeded."""
    wrong = {status: n for status, n in result.statuses.items() if not 200 <= status < 300}
    if wrong or not result.statuses:
        raise RuntimeError(f"the run was not clean: {result.statuses}")
