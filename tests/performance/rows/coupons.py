"""Looking at a coupon's code at a till, among a million codes, through the gateway."""

from __future__ import annotations

import csv
import io
import random
from typing import Any

import httpx
import orjson

from chassis.embedded.processes import wait_until
from tests.performance.figure import Figure, Figures
from tests.performance.load import LoadResult, LoadRun, request_bytes
from tests.performance.rows.requests import require_good
from tests.performance.subject import Subject

_CODES, _BATCH = 1_000_000, 100_000
_CALLS = 400
_UNKNOWN = 50
"""A client may show no more unknown codes a minute than the setting says."""
_REACH = 20
_MAKING_SECONDS = 900
_LINES = [{"line_id": str(n), "sku": f"SKU-{n}", "total": "250.00"} for n in range(4)]


def measure(subject: Subject, codes: int = _CODES, batch: int = _BATCH) -> Figures:
    """One code after the other: known ones, drawn from all batches, and ones that nobody has."""
    pool_id = _pool(subject)
    batches = [_ordered(subject, pool_id, batch) for _ in range(codes // batch)]
    drawn = [code for one in batches for code in _some_codes(subject, one, 50)]
    random.Random(7).shuffle(drawn)  # noqa: S311 - the same order every time
    known = _validated(subject, drawn, _CALLS)
    yield _figure(f"coupon validated among {codes:,}, p95", known)
    unknown = _validated(subject, ["UNKNOWN-2345"], _UNKNOWN)
    yield _figure(f"unknown code among {codes:,}, p95", unknown)


def _figure(name: str, result: LoadResult) -> Figure:
    p50, p95 = (result.percentile(part) * 1000 for part in (0.5, 0.95))
    return Figure(name, p95, "ms", reach=_REACH, at_most=True, note=f"p50 {p50:.1f} ms")


def _pool(subject: Subject) -> str:
    """An active pool of 10 % off from 500 on, in an open program."""
    app = subject.app
    program = app.post("/v1/loyalty/programs", {"key": "club", "name": "Club", "currency": "TWD"})
    app.post(f"/v1/loyalty/programs/{program['id']}/open")
    pool: dict[str, Any] = app.post(
        "/v1/loyalty/coupon-pools",
        {
            "program_id": program["id"],
            "name": {"en": "10 % off"},
            "benefit": {"kind": "percent_off", "percent": "10"},
            "conditions": {"minimum_spend": {"amount": "500.00", "currency": "TWD"}},
            "limits": {"total_uses": _CODES, "uses_per_person": 1},
        },
    )
    app.post(f"/v1/loyalty/coupon-pools/{pool['id']}/activate")
    return str(pool["id"])


def _ordered(subject: Subject, pool_id: str, count: int) -> str:
    """A batch whose codes are made."""
    body = {"coupon_pool_id": pool_id, "count": count}
    batch_id = str(subject.app.post("/v1/loyalty/coupon-batches", body)["id"])
    path = f"/v1/loyalty/coupon-batches/{batch_id}"
    if not wait_until(lambda: subject.app.get(path)["made_at"] is not None, _MAKING_SECONDS):
        raise RuntimeError("the codes were not made in time")
    return batch_id


def _some_codes(subject: Subject, batch_id: str, count: int) -> list[str]:
    url = f"{subject.gateway}/v1/loyalty/coupon-batches/{batch_id}/codes"
    answer = httpx.get(url, headers=subject.headers(), timeout=120).raise_for_status()
    rows = [row["code"] for row in csv.DictReader(io.StringIO(answer.text))]
    return random.Random(11).sample(rows, min(count, len(rows)))  # noqa: S311


def _validated(subject: Subject, codes: list[str], calls: int) -> LoadResult:
    headers = {**subject.headers(), "Content-Type": "application/json"}
    url = f"{subject.gateway}/v1/loyalty/coupons/validate"
    person = "00000000-0000-7000-8000-000000000001"

    def asked(number: int) -> bytes:
        body = {
            "codes": [codes[number % len(codes)]],
            "currency": "TWD",
            "person_id": person,
            "lines": _LINES,
        }
        return request_bytes("POST", url, headers=headers, body=orjson.dumps(body))

    result = LoadRun(subject.gateway, asked, connections=1).saturate(120, at_most=calls)
    require_good(result)
    return result
