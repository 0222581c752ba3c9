"""Business calendars over REST (DE-3)."""

from __future__ import annotations

from uuid import UUID

import pytest

from chassis.testing.client import ApiClient
from rapport.desk.events.v1 import business_calendar_events_pb2 as events
from services.desk.tests.builders import Desk, at_once, facts, good, places, refused
from services.desk.tests.promising import ALWAYS, CALENDARS, OFFICE, make_calendar

NOON = [{"opens": "09:00", "closes": "12:00"}]


@pytest.mark.parametrize("path", [CALENDARS, f"{CALENDARS}/{UUID(int=1)}"])
def test_reading_calendars_needs_a_token(desk: Desk, path: str) -> None:
    assert refused(desk.anonymous().get(path)) == (401, "token_missing")


def test_who_may_read_calendars_may_not_write_them(desk: Desk) -> None:
    reader = desk.app_client(desk.new_tenant(), "desk.business_calendars.read")
    assert good(reader.get(CALENDARS))["items"] == []
    body = {"name": "Office", "time_zone": "UTC", "week": OFFICE}
    assert reader.post(CALENDARS, body).status_code == 403


def test_another_tenants_calendars_are_invisible(desk: Desk, app: ApiClient) -> None:
    calendar = make_calendar(app)
    stranger = desk.app_client(desk.new_tenant())
    assert good(stranger.get(CALENDARS))["items"] == []
    path = f"{CALENDARS}/{calendar['id']}"
    assert stranger.get(path).status_code == 404
    assert stranger.patch(path, {"name": "Mine"}).status_code == 404


def test_a_calendar_is_shown_as_it_was_written_and_told_of(desk: Desk, app: ApiClient) -> None:
    holidays = [{"on": "2026-02-16", "name": "除夕", "intervals": NOON}]
    calendar = make_calendar(app, name="台北", holidays=holidays)
    assert good(app.get(f"{CALENDARS}/{calendar['id']}")) == calendar
    assert (calendar["week"]["sunday"], calendar["week"]["monday"]) == ([], OFFICE["monday"])
    assert calendar["holidays"] == holidays
    (told,) = facts(desk, app, events.BusinessCalendarCreated)
    assert told.business_calendar.minutes_a_week == 5 * 9 * 60


def test_a_patch_changes_what_it_mentions_and_nothing_twice(desk: Desk, app: ApiClient) -> None:
    calendar = make_calendar(app)
    path = f"{CALENDARS}/{calendar['id']}"
    changed = good(app.patch(path, {"week": ALWAYS}))
    assert good(app.patch(path, {"week": ALWAYS})) == changed
    assert (changed["name"], changed["time_zone"]) == ("Office", "Asia/Taipei")
    assert changed["week"]["sunday"] == ALWAYS["sunday"]
    assert len(facts(desk, app, events.BusinessCalendarChanged)) == 1
    stale = app.patch(path, {"name": "Old"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412


def test_an_archived_calendar_is_listed_when_it_is_asked_for(app: ApiClient) -> None:
    calendar = make_calendar(app)
    good(app.post(f"{CALENDARS}/{calendar['id']}/archive"))
    assert good(app.get(CALENDARS))["items"] == []
    assert len(good(app.get(f"{CALENDARS}?archived=true"))["items"]) == 1
    assert good(app.post(f"{CALENDARS}/{calendar['id']}/restore"))["archived_at"] is None


@pytest.mark.parametrize(
    ("more", "pointer", "code"),
    [
        ({"time_zone": "Europe/Atlantis"}, "/time_zone", "time_zone_unknown"),
        ({"week": {}}, "/week", "hardly_ever_open"),
        (
            {"week": {**OFFICE, "monday": [*NOON, *NOON]}},
            "/week/monday/1",
            "intervals_overlap",
        ),
        (
            {"week": {**OFFICE, "friday": [{"opens": "10:00", "closes": "09:00"}]}},
            "/week/friday/0",
            "interval_impossible",
        ),
        (
            {"holidays": [{"on": "2026-01-01", "name": "a"}] * 2},
            "/holidays/1/on",
            "holiday_twice",
        ),
        ({"holidays": [{"on": "0001-01-01", "name": "a"}]}, "/holidays/0/on", "year_out_of_range"),
    ],
)
def test_hours_that_no_desk_has_are_refused_where_they_are(
    app: ApiClient, more: dict[str, object], pointer: str, code: str
) -> None:
    body = {"name": "Office", "time_zone": "UTC", "week": OFFICE, **more}
    answer = app.post(CALENDARS, body)
    assert (answer.status_code, places(answer)) == (422, [(pointer, code)])


def test_of_two_who_change_the_same_version_at_once_one_is_refused(app: ApiClient) -> None:
    calendar = make_calendar(app)
    path, headers = f"{CALENDARS}/{calendar['id']}", {"If-Match": '"1"'}
    statuses = at_once(
        lambda: app.patch(path, {"name": "One"}, headers=headers),
        lambda: app.patch(path, {"name": "Two"}, headers=headers),
    )
    assert statuses == [200, 412]
