"""Programs over REST: what callers can do, what they are refused, and what nobody else sees (LO-1)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.loyalty.events.v1 import program_events_pb2 as events
from services.loyalty.tests.builders import (
    MEMBERS,
    PROGRAMS,
    Loyalty,
    at_once,
    create_program,
    facts,
    good,
    lasting_app,
    places,
    refused,
)

DRAFT = {"key": "club", "name": "Club", "currency": "TWD"}


def test_listing_needs_a_token(loyalty: Loyalty) -> None:
    assert refused(loyalty.anonymous().get(PROGRAMS)) == (401, "token_missing")


def test_who_may_read_may_not_write(loyalty: Loyalty) -> None:
    reader = loyalty.app_client(loyalty.new_tenant(), "loyalty.programs.read")
    assert reader.get(PROGRAMS).json["items"] == []
    assert reader.post(PROGRAMS, DRAFT).status_code == 403


def test_another_tenants_programs_are_invisible(loyalty: Loyalty, app: ApiClient) -> None:
    path = f"{PROGRAMS}/{create_program(app)['id']}"
    stranger = loyalty.app_client(loyalty.new_tenant())
    assert stranger.get(PROGRAMS).json["items"] == []
    assert stranger.get(path).status_code == 404
    assert stranger.patch(path, {"name": "Mine"}).status_code == 404
    assert stranger.post(f"{path}/open").status_code == 404
    assert stranger.post(f"{path}/close", {}).status_code == 404


def test_a_program_begins_as_a_draft_is_opened_and_closed_and_each_is_told(
    loyalty: Loyalty, app: ApiClient
) -> None:
    expiry = {"kind": "after_months", "months": 12, "at_end_of": "month", "notice_days": [30, 7]}
    body = {
        **DRAFT,
        "point_value": "0.025",
        "points_name": {"en": "Stars", "zh-Hant": "星星"},
        "enrolment": {"interaction_kinds": ["sign_up"], "first_purchase": "delivered"},
        "numbers": {"prefix": "CAFE", "digits": 8},
        "policies": {"pending": {"days": 14}, "expiry": expiry},
    }
    assert app.post(PROGRAMS, {**body, "numbers": {"prefix": "OIL"}}).status_code == 422
    program = good(app.post(PROGRAMS, body))
    path = f"{PROGRAMS}/{program['id']}"
    assert app.get(path).json == program
    assert (program["status"], program["point_value"]) == ("draft", "0.025")
    assert program["policies"]["expiry"]["notice_days"] == [30, 7]
    assert program["policies"]["refunds"] == {"when_spent": "owe"}
    assert good(app.post(f"{path}/open"))["status"] == "active"
    changed = good(app.patch(path, {"name": "Circle", "leap_day": "march_1"}))
    assert (changed["name"], changed["leap_day"]) == ("Circle", "march_1")
    assert changed["points_name"] == program["points_name"]
    closed = good(app.post(f"{path}/close", {"redeem_until": "2999-12-31"}))
    assert (closed["status"], closed["redeem_until"]) == ("closed", "2999-12-31")
    for kind, status in (
        (events.ProgramCreated, "draft"),
        (events.ProgramOpened, "active"),
        (events.ProgramChanged, "active"),
        (events.ProgramClosed, "closed"),
    ):
        told: list[Any] = facts(loyalty, app, kind)
        assert [fact.program_id for fact in told] == [program["id"]], kind
        assert told[0].program.status == status


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"name": " "}, ("/name", "name_missing")),
        ({"currency": "XXX"}, ("/currency", "currency_unknown")),
        ({"time_zone": "Asia/Atlantis"}, ("/time_zone", "time_zone_unknown")),
        (
            {"policies": {"expiry": {"kind": "inactivity"}}},
            ("/policies/expiry/months", "months_missing"),
        ),
        (
            {"policies": {"expiry": {"kind": "on_day", "month": 2, "day": 30}}},
            ("/policies/expiry/day", "no_such_day"),
        ),
    ],
)
def test_terms_that_cannot_be_are_refused(
    app: ApiClient, change: dict[str, Any], wrong: tuple[str, str]
) -> None:
    answer = app.post(PROGRAMS, {**DRAFT, **change})
    assert (answer.status_code, places(answer)) == (422, [wrong])


def test_of_programs_with_one_key_that_are_begun_at_once_one_is(app: ApiClient) -> None:
    assert at_once(*[lambda: app.post(PROGRAMS, DRAFT)] * 3) == [201, 409, 409]
    assert refused(app.post(PROGRAMS, DRAFT)) == (409, "program_exists")


def test_a_draft_and_a_closed_program_take_nobody(app: ApiClient) -> None:
    program = good(app.post(PROGRAMS, DRAFT))
    path = f"{PROGRAMS}/{program['id']}"
    body = {"program_id": program["id"], "person_id": str(uuid4())}
    assert refused(app.post(MEMBERS, body)) == (409, "program_not_active")
    assert refused(app.post(f"{path}/close", {})) == (409, "program_draft")
    good(app.post(f"{path}/open"))
    good(app.post(MEMBERS, body))
    assert refused(app.patch(path, {"currency": "EUR"})) == (409, "program_currency_fixed")
    good(app.post(f"{path}/close", {}))
    assert refused(app.post(MEMBERS, {**body, "person_id": str(uuid4())})) == (
        409,
        "program_not_active",
    )


def test_no_day_that_is_over_in_the_programs_zone_is_the_last_for_spending(
    timed: Loyalty, clock: MovableClock
) -> None:
    clock.move(datetime(2031, 1, 14, 17, tzinfo=UTC) - clock.now())
    app = lasting_app(timed, clock)
    path = f"{PROGRAMS}/{create_program(app)['id']}"
    answer = app.post(f"{path}/close", {"redeem_until": "2031-01-14"})
    assert places(answer) == [("/redeem_until", "day_past")]
    good(app.post(f"{path}/close", {"redeem_until": "2031-01-15"}))
