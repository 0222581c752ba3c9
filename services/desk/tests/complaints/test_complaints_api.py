"""Complaints, kept apart from their tickets: cause, remedy, cost, prevention, and what they have in common (DE-11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.desk.events.v1 import complaint_events_pb2 as events
from services.desk.tests.builders import (
    TICKETS,
    Desk,
    at_once,
    facts,
    good,
    lasting_app,
    open_ticket,
    places,
    refused,
)
from services.desk.tests.conversing import act
from services.desk.tests.telling import said, tell, tell_all, twice

COMPLAINTS = "/v1/desk/complaints"
CAUSES = "/v1/desk/complaint-causes"
PATTERNS = "/v1/desk/complaint-patterns"
SETTINGS = "/v1/desk/complaint-settings"
REPORT = "/v1/desk/complaint-report"


@pytest.fixture
def desk(timed: Desk) -> Desk:
    """The service without its own facts: it keeps no complaint by itself while a test does."""
    return timed


def make_cause(client: ApiClient, key: str = "late_delivery") -> dict[str, Any]:
    """A root cause."""
    return good(client.post(CAUSES, {"key": key, "name": {"en": key.replace("_", " ")}}))


def complain(client: ApiClient, **more: Any) -> dict[str, Any]:
    """A complaint, with its ticket, and what is known of it."""
    ticket = open_ticket(client, type="complaint")
    return good(client.post(COMPLAINTS, {"ticket_id": ticket["id"], **more}))


def path_of(complaint: dict[str, Any]) -> str:
    """Where a complaint is."""
    return f"{COMPLAINTS}/{complaint['id']}"


def days_of(clock: MovableClock) -> dict[str, str]:
    """All days up to tomorrow, for reports."""
    until = clock.now().date() + timedelta(days=1)
    return {"first_on": "2020-01-01", "last_on": until.isoformat()}


def test_complaints_are_for_those_who_may_and_for_their_tenant(desk: Desk, app: ApiClient) -> None:
    assert refused(desk.anonymous().get(COMPLAINTS)) == (401, "token_missing")
    complaint = complain(app)
    assert app.tenant_id is not None
    agent = desk.user_client(app.tenant_id, {"desk.tickets.write": "all"})
    assert agent.get(path_of(complaint)).status_code == 403
    reader = desk.user_client(app.tenant_id, {"desk.complaints.read": "all"})
    assert reader.get(path_of(complaint)).status_code == 200
    assert reader.patch(path_of(complaint), {"process": "packing"}).status_code == 403
    stranger = desk.app_client(desk.new_tenant())
    assert good(stranger.get(COMPLAINTS))["items"] == []
    assert stranger.get(path_of(complaint)).status_code == 404
    assert stranger.patch(path_of(complaint), {"process": "packing"}).status_code == 404
    assert stranger.post(f"{path_of(complaint)}/close").status_code == 404


def test_complaints_go_by_the_reach_of_their_tickets(desk: Desk, app: ApiClient) -> None:
    complaint = complain(app)
    assert app.tenant_id is not None
    grants = {"desk.complaints.read": "own", "desk.complaints.write": "own"}
    user = desk.user_client(app.tenant_id, grants)
    assert good(user.get(COMPLAINTS))["items"] == []
    assert user.get(path_of(complaint)).status_code == 404
    assert user.patch(path_of(complaint), {"process": "packing"}).status_code == 404
    body = {"ticket_id": complaint["ticket_id"]}
    assert places(user.post(COMPLAINTS, body)) == [("/ticket_id", "ticket_unknown")]


def test_a_ticket_that_is_a_complaint_is_kept_as_one_once(timed: Desk) -> None:
    client = timed.app_client(timed.new_tenant())
    ticket = open_ticket(client, type="complaint", product_sku="E-1")
    open_ticket(client)
    tell(timed, client, twice(said(timed, client)))
    [complaint] = good(client.get(COMPLAINTS))["items"]
    assert (complaint["ticket_id"], complaint["product_sku"]) == (ticket["id"], "E-1")
    assert (complaint["status"], complaint["severity"]) == ("open", "medium")
    again = client.post(COMPLAINTS, {"ticket_id": ticket["id"]})
    assert refused(again) == (409, "complaint_exists")
    assert len(facts(timed, client, events.ComplaintRecorded)) == 1


def test_a_ticket_becomes_a_complaint_later_and_gets_its_product_later_still(
    timed: Desk,
) -> None:
    client = timed.app_client(timed.new_tenant())
    ticket = open_ticket(client)
    place = tell_all(timed, client)
    assert good(client.get(COMPLAINTS))["items"] == []
    no_complaint = client.post(COMPLAINTS, {"ticket_id": ticket["id"]})
    assert places(no_complaint) == [("/ticket_id", "ticket_no_complaint")]
    good(client.patch(f"{TICKETS}/{ticket['id']}", {"type": "complaint"}))
    place = tell_all(timed, client, place)
    good(client.patch(f"{TICKETS}/{ticket['id']}", {"product_sku": "E-1"}))
    tell_all(timed, client, place)
    [complaint] = good(client.get(COMPLAINTS))["items"]
    assert complaint["product_sku"] == "E-1"


def test_two_who_keep_a_complaint_at_once_keep_one(desk: Desk, app: ApiClient) -> None:
    body = {"ticket_id": open_ticket(app, type="complaint")["id"]}
    assert at_once(*[lambda: app.post(COMPLAINTS, body)] * 2) == [201, 409]
    assert len(facts(desk, app, events.ComplaintRecorded)) == 1


def test_a_complaint_is_closed_with_cause_and_remedy_only(desk: Desk, app: ApiClient) -> None:
    make_cause(app)
    complaint = complain(app)
    path = path_of(complaint)
    good(act(app, {"id": complaint["ticket_id"]}, "resolve"))
    assert refused(app.post(f"{path}/close")) == (409, "complaint_incomplete")
    good(app.patch(path, {"cause": "late_delivery"}))
    assert refused(app.post(f"{path}/close")) == (409, "complaint_incomplete")
    cost = {"amount": "1250.00", "currency": "TWD"}
    good(app.patch(path, {"remedy": "refund", "remedy_text": "All of it", "cost": cost}))
    closed = good(app.post(f"{path}/close"))
    assert (closed["status"], closed["closed_by"]) == ("closed", "client:test-app")
    assert closed["cost"] == {"amount": "1250.00", "currency": "TWD"}
    assert refused(app.patch(path, {"process": "packing"})) == (409, "complaint_not_in_state")
    assert refused(app.post(f"{path}/close")) == (409, "complaint_not_in_state")
    [told] = facts(desk, app, events.ComplaintClosed)
    assert (told.complaint.cause, told.complaint.remedy) == ("late_delivery", "refund")
    assert told.complaint.cost.amount == "1250.00"
    assert good(app.post(f"{path}/reopen"))["closed_at"] is None


def test_what_is_prevented_is_noted_and_counts_anew_for_another_plan(
    desk: Desk, app: ApiClient
) -> None:
    path = path_of(complain(app))
    assert refused(app.post(f"{path}/prevented")) == (409, "complaint_not_in_state")
    good(app.patch(path, {"prevention": {"action": "Pack twice", "due_on": "2026-12-24"}}))
    assert good(app.post(f"{path}/prevented"))["prevented_at"] is not None
    assert good(app.post(f"{path}/prevented"))["prevented_at"] is not None
    assert len(facts(desk, app, events.ComplaintPrevented)) == 1
    changed = good(app.patch(path, {"prevention": {"action": "Pack thrice"}}))
    assert changed["prevented_at"] is None


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"cause": "nobody_knows"}, ("/cause", "complaint_cause_unknown")),
        ({"prevention": {"owner_id": str(uuid4())}}, ("/prevention/owner_id", "user_unknown")),
        ({"cost": {"amount": "-1", "currency": "TWD"}}, ("/cost", "amount_negative")),
    ],
)
def test_what_cannot_be_found_out_is_refused(
    app: ApiClient, wrong: dict[str, Any], place: tuple[str, str]
) -> None:
    answer = app.patch(path_of(complain(app)), wrong)
    assert (answer.status_code, places(answer)) == (422, [place])


def test_an_archived_cause_stays_with_those_that_have_it(app: ApiClient) -> None:
    cause = make_cause(app)
    again = app.post(CAUSES, {"key": "late_delivery", "name": {"en": "Twice"}})
    assert refused(again) == (409, "complaint_cause_exists")
    complaint = complain(app, cause="late_delivery")
    renamed = good(app.put(f"{CAUSES}/{cause['id']}", {"name": {"en": "Too late"}}))
    assert renamed["name"] == {"en": "Too late"}
    good(app.post(f"{CAUSES}/{cause['id']}/archive"))
    assert good(app.get(CAUSES))["items"] == []
    good(app.patch(path_of(complaint), {"process": "packing"}))
    other = complain(app)
    assert app.patch(path_of(other), {"cause": "late_delivery"}).status_code == 422
    good(app.post(f"{CAUSES}/{cause['id']}/restore"))
    good(app.patch(path_of(other), {"cause": "late_delivery"}))


def test_repeated_complaints_are_told_once_a_crossing(timed: Desk, clock: MovableClock) -> None:
    client = lasting_app(timed, clock)
    good(client.put(SETTINGS, {"threshold": 3, "days": 30}))

    def told() -> list[int]:
        return [one.count for one in facts(timed, client, events.ComplaintsRepeated)]

    for expected in ([], [], [3], [3]):
        complain(client, product_sku="E-1")
        assert told() == expected
        clock.move(timedelta(days=5))
    # Three are left on the 35th day since the first, so nothing is news.
    clock.move(timedelta(days=14))
    complain(client, product_sku="E-1")
    assert told() == [3]
    # All but the last have gone by; the third from then on is a crossing again.
    clock.move(timedelta(days=29))
    complain(client, product_sku="E-1")
    assert told() == [3]
    assert len(facts(timed, client, events.ComplaintsSubsided)) == 1
    complain(client, product_sku="E-1")
    assert told() == [3, 3]


def test_what_is_withdrawn_or_found_to_be_otherwise_counts_no_more(
    timed: Desk, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    good(client.put(SETTINGS, {"threshold": 2, "days": 30}))
    first, second = (complain(client, process="packing") for _ in range(2))
    [pattern] = good(client.get(PATTERNS))["items"]
    assert (pattern["dimension"], pattern["value"], pattern["count"]) == ("process", "packing", 2)
    good(client.post(f"{path_of(first)}/withdraw", {"reason": "A test of ours"}))
    assert good(client.get(PATTERNS))["items"] == []
    assert len(facts(timed, client, events.ComplaintsSubsided)) == 1
    third = complain(client, process="packing")
    assert len(facts(timed, client, events.ComplaintsRepeated)) == 2
    good(client.patch(path_of(second), {"process": "billing"}))
    good(client.patch(path_of(third), {"process": "billing"}))
    told = facts(timed, client, events.ComplaintsRepeated)
    assert [one.value for one in told] == ["packing", "packing", "billing"]


def test_two_complaints_at_once_cross_together_once(desk: Desk, app: ApiClient) -> None:
    good(app.put(SETTINGS, {"threshold": 2, "days": 30}))
    bodies = [
        {"ticket_id": open_ticket(app, type="complaint")["id"], "product_sku": "E-1"}
        for _ in range(2)
    ]
    calls = [lambda body=body: app.post(COMPLAINTS, body) for body in bodies]
    assert at_once(*calls) == [201, 201]
    assert [one.count for one in facts(desk, app, events.ComplaintsRepeated)] == [2]


def test_patterns_are_those_of_the_last_days(timed: Desk, clock: MovableClock) -> None:
    client = lasting_app(timed, clock)
    complain(client, product_sku="E-1")
    complain(client, product_sku="E-1")
    query = {"threshold": "2", "days": "10", "dimension": "product"}
    assert good(client.get(PATTERNS, query_string=query))["items"][0]["count"] == 2
    clock.move(timedelta(days=10))
    assert good(client.get(PATTERNS, query_string=query))["items"] == []
    assert client.get(PATTERNS, query_string={"threshold": "1"}).status_code == 400


def test_the_report_has_what_complaints_have_cost(timed: Desk, clock: MovableClock) -> None:
    client = lasting_app(timed, clock)
    make_cause(client)
    found = {"cause": "late_delivery", "remedy": "refund"}
    costs = (("100.50", "EUR"), ("200", "TWD"), ("50.25", "EUR"))
    made = [
        complain(client, **found, cost={"amount": amount, "currency": currency})
        for amount, currency in costs
    ]
    withdrawn = complain(client, **found, cost={"amount": "999", "currency": "TWD"})
    good(client.post(f"{path_of(withdrawn)}/withdraw", {"reason": "None at all"}))
    complain(client)
    clock.move(timedelta(days=2))
    good(client.post(f"{path_of(made[0])}/close"))
    query = {**days_of(clock), "by": "cause"}
    items = good(client.get(REPORT, query_string=query))["items"]
    assert [(row["key"], row["complaints"]) for row in items] == [("late_delivery", 3), (None, 1)]
    assert (items[0]["closed"], items[0]["open"], items[0]["mean_days"]) == (1, 2, "2.00")
    assert items[0]["costs"] == [
        {"amount": "150.75", "currency": "EUR"},
        {"amount": "200.00", "currency": "TWD"},
    ]
    for by in ("product", "process", "category", "severity", "remedy", "day", "week", "month"):
        rows = good(client.get(REPORT, query_string={**query, "by": by}))["items"]
        assert sum(row["complaints"] for row in rows) == 4
    wrong = {"first_on": "2026-02-01", "last_on": "2026-01-01"}
    assert client.get(REPORT, query_string=wrong).status_code == 422
