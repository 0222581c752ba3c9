"""The ledger over REST: what members have, how it came about, what it is worth (LO-2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.domain import Conflict
from services.loyalty.tests.builders import Loyalty, fire, good, lasting_app, refused
from services.loyalty.tests.ledgering import Points

LIABILITY = "/v1/loyalty/liability"
RECOUNT = "/v1/loyalty/ledger/recount"


def of(member: object, what: str) -> str:
    """The address of something of a member."""
    return f"/v1/loyalty/members/{member}/{what}"


@pytest.fixture
def points(timed: Loyalty, clock: MovableClock) -> Points:
    """Points that expire at the end of the next month; it is the middle of January 2031 in Taipei."""
    clock.move(datetime(2031, 1, 15, 4, tzinfo=UTC) - clock.now())
    expiry = {"kind": "after_months", "months": 1, "at_end_of": "month"}
    return Points(timed, lasting_app(timed, clock), expiry=expiry)


def test_points_need_a_token_and_are_nobody_elses(points: Points, timed: Loyalty) -> None:
    member = points.member()
    points.earn(member, 10)
    paths = [of(member, "points"), of(member, "ledger"), RECOUNT]
    for path in [*paths, f"{LIABILITY}?program_id={points.program['id']}"]:
        assert refused(timed.anonymous().get(path)) == (401, "token_missing")
    stranger = lasting_app(timed, timed.service.clock)
    for path in [*paths[:2], f"{LIABILITY}?program_id={points.program['id']}"]:
        assert stranger.get(path).status_code == 404
    assert good(stranger.get(RECOUNT))["entries"] == 0
    reader = timed.app_client(points.tenant_id, "loyalty.members.read")
    assert reader.get(of(member, "points")).status_code in (401, 403)


def test_a_member_sees_what_there_is_lot_by_lot(points: Points, clock: MovableClock) -> None:
    member = points.member()
    assert good(points.app.get(of(member, "points")))["lots"] == []
    points.earn(member, 100, "order-1")
    clock.move(timedelta(days=20))
    soon = clock.now() + timedelta(days=7)
    points.earn(member, 50, "order-2", pending_until=soon)
    points.reserve(member, 30, "gift")
    shown = good(points.app.get(of(member, "points")))
    amounts = {"issued": -150, "pending": 50, "available": 70, "reserved": 30}
    assert shown["balances"] == {**amounts, "redeemed": 0, "expired": 0, "reversed": 0}
    assert (shown["next_expiry_at"], shown["last_on"], shown["expiring"]) == (
        "2031-02-28T16:00:00Z",
        "2031-02-28",
        70,
    )
    first, second = shown["lots"]
    assert (first["available"], first["reserved"], first["pending"]) == (70, 30, 0)
    assert (second["pending"], second["expires_at"]) == (50, "2031-03-31T16:00:00Z")
    clock.move(timedelta(days=8))
    now = good(points.app.get(of(member, "points")))["balances"]
    assert (now["pending"], now["available"]) == (0, 120)


def test_each_transaction_is_explained_by_its_entries_and_what_there_was_after_it(
    points: Points, clock: MovableClock
) -> None:
    member = points.member()
    points.earn(member, 100, "order")
    clock.move(timedelta(hours=1))
    points.spend(member, 30, "coffee")
    clock.move(timedelta(days=60))
    fire(points.loyalty)
    page = good(points.app.get(of(member, "ledger")))["items"]
    assert [one["kind"] for one in page] == ["expiry", "redemption", "earning"]
    assert [one["number"] for one in page] == [3, 2, 1]
    assert [one["balances_after"]["available"] for one in page] == [0, 70, 100]
    assert page[0]["at"] == "2031-02-28T16:00:00Z"
    assert page[0]["recorded_at"] > page[0]["at"]
    for one in page:
        assert sum(entry["points"] for entry in one["entries"]) == 0
        assert good(points.app.get(f"{of(member, 'ledger')}/{one['id']}")) == one
    assert {(one["account"], one["points"]) for one in page[1]["entries"]} == {
        ("available", -30),
        ("redeemed", 30),
    }
    only = good(points.app.get(f"{of(member, 'ledger')}?kind=redemption&page_size=1"))
    assert [one["key"] for one in only["items"]] == ["coffee"]
    assert only["items"][0]["balances_after"]["available"] == 70
    assert points.app.get(f"{of(member, 'ledger')}/{uuid4()}").status_code == 404


def test_what_moved_nothing_is_shown_with_what_there_was_then(
    points: Points, clock: MovableClock
) -> None:
    member = points.member()
    for act in range(3):
        points.earn(member, 10, f"order-{act}")
        clock.move(timedelta(hours=1))
        points.reverse(member, f"order-{act}", f"refund-{act}")
        clock.move(timedelta(hours=1))
        points.reverse(member, f"order-{act}", f"again-{act}")  # nothing is left to take back
        clock.move(timedelta(hours=1))
        points.earn(member, 5)
        clock.move(timedelta(hours=1))
    page = good(points.app.get(of(member, "ledger")))["items"]
    told = {one["key"]: one for one in page}
    for act in range(3):
        moved, nothing = told[f"refund-{act}"], told[f"again-{act}"]
        assert (nothing["number"], nothing["entries"]) == (None, [])
        assert nothing["balances_after"] == moved["balances_after"]
        assert nothing["balances_after"]["available"] == 5 * act
        alone = good(points.app.get(f"{of(member, 'ledger')}/{nothing['id']}"))
        assert alone == nothing
    assert len(told["order-0"]["entries"]) == 2
    only = good(points.app.get(f"{of(member, 'ledger')}?key=again-1"))["items"]
    assert [one["balances_after"] for one in only] == [told["again-1"]["balances_after"]]
    assert page[0]["balances_after"]["available"] == points.free(member)


def test_liability_is_told_now_and_as_of_a_time_in_the_past(
    points: Points, clock: MovableClock
) -> None:
    path = f"/v1/loyalty/programs/{points.program['id']}"
    good(points.app.patch(path, {"point_value": "0.25"}))
    one, other = points.member(), points.member()
    points.earn(one, 100)
    points.earn(other, 60)
    clock.move(timedelta(days=1))
    then = clock.now().isoformat().replace("+00:00", "Z")
    points.spend(one, 30)
    clock.move(timedelta(days=60))
    points.earn(other, 40)
    fire(points.loyalty)
    now = liability(points)
    assert (now["outstanding"], now["worth"]) == (40, {"amount": "10.00", "currency": "TWD"})
    assert (now["balances"]["expired"], now["balances"]["redeemed"]) == (130, 30)
    assert now["breakage_percent"] == "81.25"
    assert now["expected_worth"]["amount"] == "1.88"
    assert [(one["month"], one["points"]) for one in now["expiring"]] == [("2031-04", 40)]
    before = liability(points, then)
    assert (before["outstanding"], before["worth"]["amount"]) == (160, "40.00")
    assert [(one["month"], one["points"]) for one in before["expiring"]] == [("2031-02", 160)]
    assert before["breakage_percent"] is None


def liability(points: Points, as_of: str = "") -> dict[str, Any]:
    """What the program owes."""
    more = f"&as_of={as_of}" if as_of else ""
    return good(points.app.get(f"{LIABILITY}?program_id={points.program['id']}{more}"))


def test_a_recount_finds_all_right(points: Points) -> None:
    member = points.member()
    points.earn(member, 100, "order")
    points.reserve(member, 30, "gift")
    points.reverse(member, "order", "refund", 90)
    found = good(points.app.get(f"{RECOUNT}?member_id={member}"))
    assert (found["transactions"], found["members"], found["lots"]) == (3, 1, 1)
    assert found["is_right"]
    assert points.free(member) == -20


def test_who_may_not_spend_is_refused(points: Points) -> None:
    member = points.member()
    points.earn(member, 100)
    good(points.app.post(of(member, "suspend"), {"reason": "under review"}))
    with pytest.raises(Conflict, match="suspended"):
        points.reserve(member, 10, "gift")
    assert points.earn(member, 5).is_new
