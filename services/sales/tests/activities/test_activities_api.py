"""Activities over REST: planned, reminded of, done, and reported by day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from chassis.testing.waiting import eventually
from rapport.contacts.events.v1.person_events_pb2 import PersonErased
from rapport.sales.events.v1 import activity_events_pb2 as events
from sales.activities.queries import ACTIVITIES as ACTIVITY_LIST
from sales.activities.storage import activities
from services.sales.tests.builders import (
    ACTIVITIES,
    Sales,
    at_once,
    define_pipeline,
    facts,
    fire,
    good,
    lasting_app,
    open_one,
    places,
    refused,
)
from services.sales.tests.plans import plan_among_many

rows = activities.c
REPORTS = "/v1/sales/daily-reports"


def test_listing_needs_a_token_and_shows_no_other_tenants(sales: Sales, app: ApiClient) -> None:
    one = good(app.post(ACTIVITIES, {"subject": "Call"}))
    assert refused(sales.anonymous().get(ACTIVITIES)) == (401, "token_missing")
    stranger = sales.app_client(sales.new_tenant())
    assert stranger.get(ACTIVITIES).json["items"] == []
    assert stranger.get(f"{ACTIVITIES}/{one['id']}").status_code == 404
    assert stranger.post(f"{ACTIVITIES}/{one['id']}/complete", {}).status_code == 404


def test_who_may_read_may_not_plan(sales: Sales) -> None:
    reader = sales.app_client(sales.new_tenant(), "sales.activities.read")
    assert reader.post(ACTIVITIES, {"subject": "Call"}).status_code == 403


def test_reach_decides_whose_are_seen(sales: Sales) -> None:
    tenant = sales.new_tenant()
    grants = {"sales.activities.*": "own"}
    mine, other = (sales.user_client(tenant, grants, user_id=uuid4()) for _ in range(2))
    one = good(mine.post(ACTIVITIES, {"subject": "Call"}))
    assert mine.get(ACTIVITIES).json["items"] == [one]
    assert other.get(ACTIVITIES).json["items"] == []
    assert other.post(f"{ACTIVITIES}/{one['id']}/cancel").status_code == 404


def test_an_activity_is_about_the_people_of_its_opportunity(app: ApiClient) -> None:
    person, company = str(uuid4()), str(uuid4())
    one = open_one(app, define_pipeline(app), person_id=person, company_id=company)
    call = good(app.post(ACTIVITIES, {"subject": "Call", "opportunity_id": one["id"]}))
    assert (call["person_id"], call["company_id"]) == (person, company)
    unknown = app.post(ACTIVITIES, {"subject": "Call", "opportunity_id": str(uuid4())})
    assert places(unknown) == [("/opportunity_id", "opportunity_unknown")]


def test_two_who_complete_it_at_the_same_time_complete_it_once(
    sales: Sales, app: ApiClient
) -> None:
    person = str(uuid4())
    one = good(app.post(ACTIVITIES, {"kind": "call", "subject": "Call", "person_id": person}))
    path = f"{ACTIVITIES}/{one['id']}/complete"
    done = {"outcome": "reached", "minutes": 12, "note": "Wants beans"}
    assert at_once(*[lambda: app.post(path, done)] * 2) == [200, 409]
    (told,) = facts(sales, app, events.ActivityCompleted)
    assert (told.timeline_kind, told.outcome, told.minutes) == ("sales_call", "reached", 12)
    assert told.person_id == person
    assert b"beans" not in told.SerializeToString()


def test_what_is_done_or_cancelled_stays_as_it_is(app: ApiClient) -> None:
    done, off = (f"{ACTIVITIES}/{good(app.post(ACTIVITIES, {'subject': 'A'}))['id']}" for _ in "ab")
    good(app.post(f"{done}/complete", {}))
    good(app.post(f"{off}/cancel"))
    assert refused(app.post(f"{done}/cancel")) == (409, "activity_closed")
    assert refused(app.post(f"{off}/complete", {})) == (409, "activity_closed")
    assert refused(app.patch(done, {"subject": "B"})) == (409, "activity_closed")


def test_nothing_is_done_in_the_future(app: ApiClient) -> None:
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    answer = app.post(ACTIVITIES, {"subject": "Call", "done": {"completed_at": later}})
    assert places(answer) == [("/completed_at", "in_future")]


def test_a_reminder_is_told_once_at_its_time_and_again_when_it_is_moved(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    at = clock.now() + timedelta(hours=2)
    one = good(app.post(ACTIVITIES, {"subject": "Call", "remind_at": at.isoformat()}))
    path = f"{ACTIVITIES}/{one['id']}"

    def told() -> int:
        return len(facts(timed, app, events.ActivityReminderReached))

    clock.move(timedelta(hours=1))
    fire(timed)
    assert told() == 0
    clock.move(timedelta(hours=1))
    fire(timed)
    fire(timed)
    assert told() == 1
    later = clock.now() + timedelta(hours=1)
    assert good(app.patch(path, {"remind_at": later.isoformat()}))["reminded_at"] is None
    clock.move(timedelta(hours=1))
    fire(timed)
    assert told() == 2


def test_nobody_is_reminded_of_what_is_done(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    at = (clock.now() + timedelta(hours=2)).isoformat()
    one = good(app.post(ACTIVITIES, {"subject": "Call", "remind_at": at}))
    good(app.post(f"{ACTIVITIES}/{one['id']}/complete", {}))
    clock.move(timedelta(hours=3))
    fire(timed)
    assert facts(timed, app, events.ActivityReminderReached) == []


def test_a_day_is_reported_from_midnight_to_midnight_where_the_person_is(
    timed: Sales, clock: MovableClock
) -> None:
    clock.move(datetime(2030, 5, 2, 9, tzinfo=UTC) - clock.now())
    app, owner, other = lasting_app(timed, clock), str(uuid4()), str(uuid4())

    def done(at: str, who: str, **more: object) -> None:
        body = {"kind": "call", "subject": at, "owner_id": who}
        good(app.post(ACTIVITIES, {**body, "done": {"completed_at": at, **more}}))

    # In Taipei the second of May begins at 16:00 of the first in UTC.
    done("2030-05-01T15:59:59Z", owner, outcome="reached", minutes=5)
    done("2030-05-01T16:00:00Z", owner, outcome="reached", minutes=10)
    done("2030-05-02T03:00:00Z", owner, outcome="no_answer", minutes=1)
    done("2030-05-02T03:00:00Z", other)
    for due in ("2030-05-02T10:00:00Z", "2030-04-30T10:00:00Z", "2030-05-03T10:00:00Z"):
        good(app.post(ACTIVITIES, {"subject": "Open", "owner_id": owner, "due_at": due}))
    reports = good(app.get(f"{REPORTS}?on=2030-05-02&time_zone=Asia/Taipei"))["items"]
    assert sorted(report["owner_id"] for report in reports) == sorted([owner, other])
    mine = f"{REPORTS}?on=2030-05-02&time_zone=Asia/Taipei&owner_id={owner}"
    (report,) = good(app.get(mine))["items"]
    assert report["completed"] == {"call": 2}
    assert report["outcomes"] == {"reached": 1, "no_answer": 1}
    assert (report["minutes"], report["due"], report["overdue"]) == (11, 1, 1)
    assert [one["subject"] for one in report["activities"]] == [
        "2030-05-01T16:00:00Z",
        "2030-05-02T03:00:00Z",
    ]


def test_a_time_zone_that_there_is_not_is_refused(app: ApiClient) -> None:
    answer = app.get(f"{REPORTS}?on=2030-05-02&time_zone=Mars/Olympus")
    assert refused(answer) == (400, "parameter_invalid")


def test_reports_show_those_in_reach_alone(sales: Sales) -> None:
    tenant = sales.new_tenant()
    mine, other = (
        sales.user_client(tenant, {"sales.activities.*": "own"}, user_id=uuid4()) for _ in "ab"
    )
    good(mine.post(ACTIVITIES, {"subject": "Call", "done": {}}))
    today = datetime.now(UTC).date()
    assert len(good(mine.get(f"{REPORTS}?on={today}"))["items"]) == 1
    assert good(other.get(f"{REPORTS}?on={today}"))["items"] == []


def test_what_was_written_about_somebody_goes_when_they_are_erased(
    bus: Bus, app: ApiClient
) -> None:
    person = uuid4()
    body = {"subject": "Call Ming", "description": "Likes tea", "person_id": str(person)}
    one = good(app.post(ACTIVITIES, {**body, "done": {"note": "Ill today", "outcome": "reached"}}))
    assert app.tenant_id is not None
    bus.say(PersonErased(person_id=str(person)), app.tenant_id, person)
    path = f"{ACTIVITIES}/{one['id']}"
    eventually(lambda: app.get(path).json["person_id"] is None)
    erased = app.get(path).json
    written = (erased["subject"], erased["description"], erased["note"], erased["outcome"])
    assert written == ("Erased", "", "", "reached")


def test_times_that_leave_the_calendar_in_utc_are_refused(app: ApiClient) -> None:
    first, last = "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-10:00"
    assert app.get(f"{ACTIVITIES}?due_at[gte]={first}").status_code == 400
    assert places(app.post(ACTIVITIES, {"subject": "Ring", "due_at": last}))[0][0] == "/due_at"
    for day in ("9999-12-31", "0001-01-01"):
        reports = f"/v1/sales/daily-reports?on={day}&time_zone=Asia/Taipei"
        assert app.get(reports).status_code == 400


def test_what_was_done_for_an_opportunity_is_found_by_indexes(
    database: TestDatabase, app: ApiClient
) -> None:
    one = open_one(app, define_pipeline(app))
    activity = good(app.post(ACTIVITIES, {"subject": "Ring", "opportunity_id": one["id"]}))
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy's own
    about = ACTIVITY_LIST.filters["opportunity_id"].condition("eq", UUID(one["id"]))
    found = sa.select(rows.id).where(rows.tenant_id == app.tenant_id, about)
    listed = found.order_by(rows.created_at.desc(), rows.id.desc()).limit(51)
    plan = plan_among_many(
        database,
        "activities",
        {"tenant_id": app.tenant_id, "id": activity["id"]},
        "'opportunity_id', gen_random_uuid(), 'subject', 'Another ' || n",
        str(listed.compile(dialect=dialect, compile_kwargs={"literal_binds": True})),
        {},
    )
    assert "activities_of_opportunity" in plan
    assert "activities_of_lead" in plan
