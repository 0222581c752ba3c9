"""Reports over REST: who may see which figures, and figures that were worked out by hand (DE-13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from services.desk.tests.builders import TICKETS, Desk, at_once, good, lasting_app, open_ticket
from services.desk.tests.conversing import act, hear, reply
from services.desk.tests.routing_builders import make_queue
from services.desk.tests.telling import said, tell, tell_all

REPORTS = "/v1/desk/reports"
RECOUNT = f"{REPORTS}/recount"
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
ALL_DAYS = {"first_on": "2027-01-01", "last_on": "2027-01-31"}


@pytest.fixture
def clock() -> MovableClock:
    """A clock that starts in the morning of the 4th of January 2027, a Monday."""
    return MovableClock(datetime(2027, 1, 4, 8, tzinfo=UTC))


def report(client: ApiClient, which: str, **query: str) -> dict[str, Any]:
    """A report, of January 2027 unless said otherwise."""
    return good(client.get(f"{REPORTS}/{which}", query_string={**ALL_DAYS, **query}))


def groups(client: ApiClient, which: str, **query: str) -> dict[str | None, dict[str, Any]]:
    """The groups of a report by their keys."""
    found = report(client, which, **query)["groups"]
    return {group.pop("key"): group for group in found}


def test_days_that_cannot_be_are_refused(desk: Desk, clock: MovableClock) -> None:
    client = lasting_app(desk, clock)
    query = {"first_on": "2026-02-01", "last_on": "2026-01-01"}
    for which in ("volume", "backlog", "response", "resolution"):
        path = f"{REPORTS}/{which}"
        assert client.get(path, query_string=query).status_code == 422
        many = {"first_on": "2020-01-01", "last_on": "2027-01-01", "by": "day"}
        assert client.get(path, query_string=many).status_code == 422
        assert client.get(path, query_string={**ALL_DAYS, "by": "mood"}).status_code == 400
        far = {"first_on": "1970-01-01", "last_on": "2999-12-31"}
        assert good(client.get(path, query_string=far))["groups"] == []


def three_days(client: ApiClient, clock: MovableClock, queue: dict[str, Any]) -> None:
    """Three tickets: one resolved at once, one reopened, one left alone."""
    # Answered after 10 minutes and resolved after an hour, with one answer: one touch.
    first = open_ticket(client, queue_id=queue["id"], type="incident", tags=["vip", "leak"])
    clock.move(10 * MINUTE)
    good(reply(client, first))
    clock.move(50 * MINUTE)
    good(act(client, first, "resolve"))
    # Answered after 30 and 40 minutes, resolved after two hours, reopened a day later, and again.
    second = open_ticket(client, queue_id=queue["id"], tags=["vip"])
    clock.move(30 * MINUTE)
    good(reply(client, second))
    clock.move(10 * MINUTE)
    good(reply(client, second))
    clock.move(80 * MINUTE)
    good(act(client, second, "resolve"))
    clock.move(DAY)
    good(hear(client, second))
    clock.move(DAY)
    good(act(client, second, "resolve"))
    # Never answered.
    open_ticket(client, product_sku="E-1")


def test_figures_are_those_worked_out_by_hand(desk: Desk, clock: MovableClock) -> None:
    client = lasting_app(desk, clock)
    queue = make_queue(client, "care")
    three_days(client, clock, queue)
    tell_all(desk, client)

    assert report(client, "volume")["total"] == {
        "opened": 3,
        "resolved": 2,
        "closed": 0,
        "reopened": 1,
    }
    by_day = groups(client, "volume", by="day")
    assert by_day["2027-01-04"] == {"opened": 2, "resolved": 1, "closed": 0, "reopened": 0}
    assert by_day["2027-01-05"] == {"opened": 0, "resolved": 0, "closed": 0, "reopened": 1}
    assert by_day["2027-01-06"] == {"opened": 1, "resolved": 1, "closed": 0, "reopened": 0}
    assert by_day["2027-01-07"]["opened"] == 0
    assert list(groups(client, "volume", by="week"))[:2] == ["2027-01-01", "2027-01-04"]
    assert groups(client, "volume", by="queue")[queue["id"]]["opened"] == 2
    by_tag = groups(client, "volume", by="tag")
    assert {key: one["opened"] for key, one in by_tag.items()} == {"vip": 2, "leak": 1, None: 1}
    assert report(client, "volume", tag="leak")["total"]["opened"] == 1
    assert report(client, "volume", type="incident", tag="vip")["total"]["opened"] == 1
    assert groups(client, "volume", by="product")["E-1"]["opened"] == 1

    assert report(client, "response")["total"] == {
        "answered": 2,
        "mean_seconds": 20 * 60,
        "median_seconds": 10 * 60,
        "p90_seconds": 30 * 60,
    }
    two_days = 2 * 24 * 3600 + 2 * 3600
    assert report(client, "resolution")["total"] == {
        "resolved": 2,
        "mean_seconds": (3600 + two_days) // 2,
        "median_seconds": 3600,
        "p90_seconds": two_days,
        "reopened": 1,
        "reopened_percent": "50.00",
        "one_touch": 1,
        "one_touch_percent": "50.00",
    }
    backlog = {key: one["open"] for key, one in groups(client, "backlog", by="day").items()}
    assert [backlog[f"2027-01-{day:02}"] for day in (3, 4, 5, 6, 7)] == [0, 0, 1, 1, 1]
    at_the_end = report(client, "backlog", last_on="2027-01-07", by="product")
    assert (at_the_end["total"]["open"], at_the_end["total"]["under_3_days"]) == (1, 1)
    assert at_the_end["groups"][0]["key"] == "E-1"


def test_figures_are_told_apart_by_company_also_after_it_was_corrected(
    desk: Desk, clock: MovableClock
) -> None:
    client = lasting_app(desk, clock)
    acme, wrong = str(uuid4()), str(uuid4())
    open_ticket(client, company_id=acme)
    second = open_ticket(client, company_id=wrong)
    open_ticket(client)
    place = tell_all(desk, client)
    heard = said(desk, client)
    by_company = groups(client, "volume", by="company")
    assert {key: one["opened"] for key, one in by_company.items()} == {acme: 1, wrong: 1, None: 1}
    good(client.patch(f"{TICKETS}/{second['id']}", {"company_id": acme}))
    clock.move(10 * MINUTE)
    good(reply(client, second))
    tell_all(desk, client, place)
    # What was said before is heard once more after it.
    tell(desk, client, heard)
    assert report(client, "volume", company_id=acme)["total"]["opened"] == 2
    assert report(client, "response", company_id=acme)["total"]["mean_seconds"] == 600
    backlog = groups(client, "backlog", by="company")
    assert {key: one["open"] for key, one in backlog.items()} == {acme: 2, None: 1}
    assert good(client.get(RECOUNT))["agrees"] is True
    nobody = {**ALL_DAYS, "company_id": "acme"}
    assert client.get(f"{REPORTS}/volume", query_string=nobody).status_code == 400
    stranger = lasting_app(desk, clock)
    assert report(stranger, "volume", company_id=acme)["total"]["opened"] == 0


def test_days_are_those_of_the_tenants_zone(desk: Desk, clock: MovableClock) -> None:
    client = lasting_app(desk, clock)
    assert client.tenant_id is not None
    with desk.service.database.tenant_transaction(client.tenant_id) as connection:
        connection.exec_driver_sql(
            "INSERT INTO tenant_zones (tenant_id, time_zone, aggregate_version)"
            " VALUES (%s, 'Asia/Taipei', 1)",
            (client.tenant_id,),
        )
    clock.move(7 * HOUR + 59 * MINUTE)
    open_ticket(client)
    clock.move(MINUTE)
    open_ticket(client)
    tell_all(desk, client)
    by_day = groups(client, "volume", by="day")
    assert by_day["2027-01-04"]["opened"] == 1
    assert by_day["2027-01-05"]["opened"] == 1
    only = {"first_on": "2027-01-05", "last_on": "2027-01-05"}
    assert report(client, "volume", **only)["total"]["opened"] == 1
    assert report(client, "volume", **only)["time_zone"] == "Asia/Taipei"


def test_what_went_into_another_is_closed_and_was_resolved_by_nobody(
    desk: Desk, clock: MovableClock
) -> None:
    client = lasting_app(desk, clock)
    target, source = open_ticket(client), open_ticket(client)
    clock.move(HOUR)
    path = f"/v1/desk/tickets/{source['id']}/merge"
    good(client.post(path, {"into_id": target["id"]}))
    tell_all(desk, client)
    assert report(client, "volume")["total"] == {
        "opened": 2,
        "resolved": 0,
        "closed": 1,
        "reopened": 0,
    }
    assert report(client, "backlog")["total"]["open"] == 1
    assert good(client.get(RECOUNT))["agrees"]


def test_what_is_lost_is_counted_anew(desk: Desk, clock: MovableClock) -> None:
    client = lasting_app(desk, clock)
    ticket = open_ticket(client)
    good(reply(client, ticket))
    good(act(client, ticket, "resolve"))
    before = good(client.get(RECOUNT))
    assert (before["agrees"], [one["differing"] for one in before["items"]]) == (False, [1, 1, 0])
    assert good(client.post(RECOUNT))["agrees"]
    counted = report(client, "resolution")["total"]
    assert (counted["resolved"], counted["one_touch"]) == (1, 1)
    tell_all(desk, client)
    assert good(client.get(RECOUNT))["agrees"]


def test_of_two_recounts_at_once_none_spoils_the_other(desk: Desk, clock: MovableClock) -> None:
    client = lasting_app(desk, clock)
    for _ in range(5):
        good(reply(client, open_ticket(client)))
    statuses = at_once(*[lambda: client.post(RECOUNT)] * 2)
    assert statuses in ([200, 200], [200, 409])
    assert good(client.get(RECOUNT))["agrees"]
