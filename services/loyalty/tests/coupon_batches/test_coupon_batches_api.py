"""Batches of codes over REST: made by a job, fetched as a file, found in an instant (LO-7)."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import uuid4

import pytest

from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from loyalty.codes.domain import LONG, normalized
from rapport.loyalty.events.v1 import coupon_pool_events_pb2 as events
from services.loyalty.tests.builders import Loyalty, facts, good, refused
from services.loyalty.tests.couponing import BATCHES, COUPONS, POOLS, Till


@pytest.fixture
def till(app: ApiClient) -> Till:
    """A tenant with a program."""
    return Till(app)


def ordered(till: Till, count: int, **more: Any) -> dict[str, str]:
    """A batch whose codes are made."""
    pool = till.pool(**more)
    batch = good(till.app.post(BATCHES, {"coupon_pool_id": pool["id"], "count": count}))
    path = f"{BATCHES}/{batch['id']}"
    eventually(lambda: till.app.get(path).json["made_at"])
    return good(till.app.get(path))


def codes_of(till: Till, batch: dict[str, str]) -> list[str]:
    """The codes in the file of a batch."""
    answer = till.app.get(f"{BATCHES}/{batch['id']}/codes")
    assert answer.status_code == 200, answer.text
    return [row["code"] for row in csv.DictReader(io.StringIO(answer.text))]


def test_listing_needs_a_token_and_shows_no_other_tenants(loyalty: Loyalty, till: Till) -> None:
    batch = ordered(till, 1)
    assert refused(loyalty.anonymous().get(BATCHES)) == (401, "token_missing")
    stranger = loyalty.app_client(loyalty.new_tenant())
    assert stranger.get(BATCHES).json["items"] == []
    for path in ("", "/codes"):
        assert stranger.get(f"{BATCHES}/{batch['id']}{path}").status_code == 404
    body = {"coupon_pool_id": batch["coupon_pool_id"], "count": 1}
    assert stranger.post(BATCHES, body).status_code == 404


def test_codes_are_made_by_a_job_and_fetched_as_a_file(loyalty: Loyalty, till: Till) -> None:
    batch = ordered(till, 2_345)
    codes = codes_of(till, batch)
    assert len(set(codes)) == 2_345
    assert all(LONG.fits(normalized(code)) for code in codes)
    job = till.app.get(f"/v1/loyalty/jobs/{batch['job_id']}").json
    assert (job["state"], job["progress"]["done"]) == ("succeeded", 2_345)
    good(till.redeem(codes[-1], order="1"))
    assert till.why_not(*codes[-2:]) == [None, "coupon_used"]
    (completed,) = facts(loyalty, till.app, events.CouponBatchCompleted)
    assert completed.count == 2_345
    assert len(facts(loyalty, till.app, events.CouponBatchOrdered)) == 1
    assert len(facts(loyalty, till.app, events.CouponCodesExported)) == 1
    page = till.app.get(f"{COUPONS}?batch_id={batch['id']}&page_size=1&count=true").json
    assert page["total_count"] == 2_345


def test_who_may_make_codes_may_not_fetch_them(loyalty: Loyalty, till: Till) -> None:
    batch = ordered(till, 1)
    assert till.app.tenant_id is not None
    maker = loyalty.app_client(till.app.tenant_id, "loyalty.coupon_pools.write")
    answer = maker.get(f"{BATCHES}/{batch['id']}/codes")
    assert refused(answer) == (403, "permission_missing")


@pytest.mark.parametrize("count", [0, 100_001])
def test_a_batch_has_its_bounds(till: Till, count: int) -> None:
    body = {"coupon_pool_id": till.pool()["id"], "count": count}
    assert till.app.post(BATCHES, body).status_code == 422


def test_no_codes_are_made_of_a_public_or_an_ended_pool(till: Till) -> None:
    public, ended = till.public("SPRING"), till.pool()
    good(till.app.post(f"{POOLS}/{ended['id']}/end"))
    wrong = [(public["id"], "coupon_pool_public"), (ended["id"], "coupon_pool_ended")]
    for pool_id, code in wrong:
        answer = till.app.post(BATCHES, {"coupon_pool_id": pool_id, "count": 1})
        assert refused(answer) == (409, code)
    answer = till.app.post(BATCHES, {"coupon_pool_id": str(uuid4()), "count": 1})
    assert answer.status_code == 404
