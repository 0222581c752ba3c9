"""What came of coupons, by pool and campaign, compared with a count by hand (LO-7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from loyalty.happenings.domain import HappeningKind
from services.loyalty.tests.befalling import befall, of_order
from services.loyalty.tests.builders import Loyalty, good, lasting_app, refused
from services.loyalty.tests.couponing import BATCHES, POOLS, Till, dollars, line, off

RESULTS = "/v1/loyalty/coupon-results"


@pytest.fixture
def till(app: ApiClient) -> Till:
    """A tenant with a program."""
    return Till(app)


def counted(till: Till, **query: str) -> dict[str, Any]:
    """Results by the ids of pools, and by campaigns."""
    told = good(till.app.get(RESULTS, query_string=query))
    return {
        **{one["coupon_pool_id"]: one for one in told["pools"]},
        **{one["campaign"]: one for one in told["campaigns"]},
    }


def test_reading_needs_a_token_and_shows_no_other_tenants(loyalty: Loyalty, till: Till) -> None:
    good(till.redeem(till.issue(till.pool(campaign="spring")), order="1"))
    assert refused(loyalty.anonymous().get(RESULTS)) == (401, "token_missing")
    stranger = loyalty.app_client(loyalty.new_tenant())
    told = good(stranger.get(RESULTS))
    assert (told["pools"], told["campaigns"]) == ([], [])
    seller = loyalty.app_client(loyalty.new_tenant(), "loyalty.coupons.redeem")
    assert refused(seller.get(RESULTS)) == (403, "permission_missing")


def test_uses_are_counted_with_what_they_took_off_and_what_was_bought(
    loyalty: Loyalty, till: Till
) -> None:
    together: dict[str, Any] = {"stacking": {"rule": "with_any"}, "campaign": "spring"}
    percent, amount = till.pool(**together), till.pool(off("50"), **together)
    known, new = uuid4(), uuid4()
    befall(
        loyalty,
        till.app,
        of_order(HappeningKind.ORDER_DELIVERED, known, datetime(2030, 1, 1, tzinfo=UTC), "1"),
    )
    codes = [till.issue(percent, known), till.issue(percent, new), till.issue(percent)]
    extra = till.issue(amount, known)
    good(till.redeem(codes[0], extra, order="A", person_id=str(known)))
    good(till.redeem(codes[1], order="B", lines=[line("500")]))
    good(till.redeem(codes[2], order="C"))
    good(till.roll_back("C"))
    till.public("FREE", off("1"), campaign="summer")
    told = counted(till)
    one = told[percent["id"]]
    assert (one["made"], one["issued"], one["uses"], one["rolled_back"]) == (3, 3, 2, 1)
    assert one["money"] == [
        {"orders": 2, "discount": dollars("150.00"), "revenue": dollars("1300.00")}
    ]
    assert told[amount["id"]]["money"] == [
        {"orders": 1, "discount": dollars("50.00"), "revenue": dollars("850.00")}
    ]
    spring = told["spring"]
    assert (spring["uses"], spring["rolled_back"], spring["new_customers"]) == (3, 1, 1)
    assert spring["money"] == [
        {"orders": 2, "discount": dollars("200.00"), "revenue": dollars("1300.00")}
    ], "the order with two coupons is counted once"
    assert "summer" not in told
    assert good(till.app.get(RESULTS))["definitions"].keys() > {"revenue", "new_customers"}


def test_a_campaign_keeps_what_was_used_under_its_name(till: Till) -> None:
    pool = till.pool(campaign="spring", limits={"uses_per_code": None})
    code = till.issue(pool)
    good(till.redeem(code, order="1"))
    good(till.app.patch(f"{POOLS}/{pool['id']}", {"campaign": "summer"}))
    good(till.redeem(code, order="2"))
    told = counted(till)
    assert (told["spring"]["uses"], told["summer"]["uses"]) == (1, 1)
    assert (told[pool["id"]]["uses"], told[pool["id"]]["campaign"]) == (2, "summer")
    assert "spring" not in counted(till, campaign="summer")


def test_only_what_was_used_within_the_time_counts(timed: Loyalty, clock: MovableClock) -> None:
    clock.move(datetime(2031, 1, 1, tzinfo=UTC) - clock.now())
    till = Till(lasting_app(timed, clock))
    pool = till.pool(limits={"uses_per_code": None})
    code = till.issue(pool)
    for day in range(4):
        good(till.redeem(code, order=f"{day}"))
        clock.move(timedelta(days=1))
    told = counted(till, since="2031-01-02T00:00:00Z", until="2031-01-04T00:00:00Z")
    assert (told[pool["id"]]["uses"], told[pool["id"]]["made"]) == (2, 0)
    other = good(till.app.get(RESULTS, query_string={"program_id": str(uuid4())}))
    assert other["pools"] == []


def test_codes_of_batches_are_made_and_not_issued(till: Till) -> None:
    pool = till.pool()
    good(till.app.post(BATCHES, {"coupon_pool_id": pool["id"], "count": 5}))
    till.issue(pool)
    eventually(lambda: counted(till)[pool["id"]]["made"] == 6)
    assert counted(till)[pool["id"]]["issued"] == 1
