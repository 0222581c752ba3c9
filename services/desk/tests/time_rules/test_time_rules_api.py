"""Time rules: what administrators can do, and what happens to tickets when time has passed, to the instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from desk.time_rules.pruning import KEPT_FOR, prune_time_rule_firings
from rapport.desk.events.v1 import automation_events_pb2 as events
from services.desk.tests.automating import (
    TIME_RULES,
    Hearing,
    make_time_rule,
    raise_to,
    say,
    tag,
    timed_app,
)
from services.desk.tests.builders import TICKETS, Desk, at_once, facts, good, refused
from services.desk.tests.builders import open_ticket as opened
from services.desk.tests.conversing import act, conversation, current, hear, reply
from services.desk.tests.promising import make_calendar

_SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> MovableClock:
    """A clock that begins on a Monday, at ten in the morning in Taipei."""
    return MovableClock(datetime(2026, 3, 2, 2, tzinfo=UTC))


@pytest.fixture
def later(timed: Desk, clock: MovableClock) -> ApiClient:
    """An app in a tenant of its own whose time a test moves."""
    return timed_app(timed, clock)


@pytest.fixture
def hearing(timed: Desk, later: ApiClient) -> Hearing:
    """What has facts heard and timers fired."""
    return Hearing(timed, later)


def hours(count: float) -> timedelta:
    """So many hours."""
    return timedelta(hours=count)


def tags(client: ApiClient, ticket: dict[str, Any]) -> list[str]:
    """What a ticket is marked with."""
    found: list[str] = current(client, ticket)["tags"]
    return found


def test_listing_needs_a_token(desk: Desk) -> None:
    assert refused(desk.anonymous().get(TIME_RULES)) == (401, "token_missing")


def test_who_may_read_may_not_write(desk: Desk) -> None:
    reader = desk.app_client(desk.new_tenant(), "desk.time_rules.read")
    assert reader.get(TIME_RULES).json["items"] == []
    body = {"name": {"en": "A"}, "since": "opened", "hours": 1, "actions": [tag("a")]}
    assert refused(reader.post(TIME_RULES, body)) == (403, "permission_missing")


def test_another_tenants_time_rules_are_invisible(desk: Desk, app: ApiClient) -> None:
    rule = make_time_rule(app, "opened", 48, tag("a"))
    path, stranger = f"{TIME_RULES}/{rule['id']}", desk.app_client(desk.new_tenant())
    for answer in (
        stranger.get(path),
        stranger.patch(path, {"hours": 2}),
        stranger.delete(path),
        *(stranger.post(f"{path}/{verb}") for verb in ("pause", "resume", "restore")),
    ):
        assert refused(answer) == (404, "not_found")
    assert stranger.get(TIME_RULES).json["items"] == []
    assert app.get(path).json == rule


def test_a_time_rule_is_told_of_changed_paused_and_archived(desk: Desk, app: ApiClient) -> None:
    rule = make_time_rule(app, "reply", 72, tag("a"))
    path = f"{TIME_RULES}/{rule['id']}"
    assert good(app.patch(path, {"hours": 71}))["hours"] == 71
    assert good(app.patch(path, {"hours": 71}))["version"] == rule["version"] + 1
    assert good(app.post(f"{path}/pause"))["active"] is False
    assert good(app.post(f"{path}/resume"))["active"] is True
    assert app.delete(path).status_code == 204
    assert refused(app.post(f"{path}/resume")) == (409, "time_rule_archived")
    assert good(app.post(f"{path}/restore"))["active"] is False
    told = (
        events.TimeRuleDefined,
        events.TimeRulePaused,
        events.TimeRuleResumed,
        events.TimeRuleArchived,
        events.TimeRuleRestored,
    )
    assert [len(facts(desk, app, kind)) for kind in told] == [2, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"hours": 0}, "/hours"),
        ({"hours": 8_761}, "/hours"),
        ({"since": "born"}, "/since"),
        ({"condition": "from_status == 'new'"}, "/condition"),
        ({"business_calendar_id": str(uuid4())}, "/business_calendar_id"),
        ({"actions": [{"kind": "assign", "to_me": True}]}, "/actions/0/to_me"),
    ],
)
def test_what_is_no_time_rule_is_refused_where_it_is_wrong(
    app: ApiClient, more: dict[str, Any], pointer: str
) -> None:
    body = {"name": {"en": "A"}, "since": "opened", "hours": 1, "actions": [tag("a")], **more}
    answer = app.post(TIME_RULES, body)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_two_changes_at_once_keep_one_version(app: ApiClient) -> None:
    rule = make_time_rule(app, "opened", 48, tag("a"))
    path, same = f"{TIME_RULES}/{rule['id']}", {"If-Match": f'"{rule["version"]}"'}
    statuses = at_once(
        lambda: app.patch(path, {"hours": 7}, headers=same),
        lambda: app.patch(path, {"hours": 8}, headers=same),
    )
    assert statuses == [200, 412]


def test_a_customer_who_is_waited_for_is_reminded_and_then_the_ticket_resolved(
    timed: Desk, later: ApiClient, hearing: Hearing, clock: MovableClock
) -> None:
    waits = {"condition": "status == 'waiting_for_customer'"}
    make_time_rule(later, "status_changed", 72, say("Are you there?"), **waits)
    resolve = {"kind": "set_status", "status": "resolved"}
    make_time_rule(later, "status_changed", 7 * 24, resolve, **waits)
    ticket = opened(later, message={"text": "It leaks"})
    good(reply(later, ticket, status="waiting_for_customer"))
    hearing.pass_by()
    clock.move(hours(72) - _SECOND)
    hearing.pass_by()
    assert len(conversation(later, ticket)) == 2
    clock.move(_SECOND)
    hearing.pass_by()
    said = conversation(later, ticket)[-1]
    assert (said["text"], said["automatic"]) == ("Are you there?", True)
    clock.move(hours(96) - _SECOND)
    hearing.pass_by()
    assert current(later, ticket)["status"] == "waiting_for_customer"
    clock.move(_SECOND)
    hearing.pass_by()
    assert current(later, ticket)["status"] == "resolved"
    assert len(conversation(later, ticket)) == 3
    assert len(facts(timed, later, events.TimeRuleFired)) == 2


def test_it_counts_anew_when_the_ticket_stands_otherwise(
    later: ApiClient, hearing: Hearing, clock: MovableClock
) -> None:
    waits = {"condition": "status == 'waiting_for_customer'"}
    make_time_rule(later, "status_changed", 72, say("Are you there?", "note"), **waits)
    ticket = opened(later)
    good(act(later, ticket, "status", status="waiting_for_customer"))
    hearing.pass_by()
    clock.move(hours(71))
    good(hear(later, ticket))
    good(act(later, ticket, "status", status="waiting_for_customer"))
    hearing.pass_by()
    clock.move(hours(71))
    hearing.pass_by()
    assert len(conversation(later, ticket)) == 1
    for _ in range(3):
        clock.move(hours(1))
        hearing.pass_by()
    assert [one["kind"] for one in conversation(later, ticket)] == ["customer", "note"]


def test_what_a_rule_changes_itself_does_not_have_it_count_anew(
    timed: Desk, later: ApiClient, hearing: Hearing, clock: MovableClock
) -> None:
    make_time_rule(later, "updated", 48, say("Nothing has happened.", "note"))
    ticket = opened(later)
    hearing.pass_by()
    for _ in range(5):
        clock.move(hours(48))
        hearing.pass_by()
    assert len(conversation(later, ticket)) == 1
    good(later.patch(f"{TICKETS}/{ticket['id']}", {"type": "incident"}))
    hearing.pass_by()
    clock.move(hours(48))
    hearing.pass_by()
    assert len(facts(timed, later, events.TimeRuleFired)) == 2


def test_a_condition_is_judged_again_when_the_ticket_changes(
    later: ApiClient, hearing: Hearing, clock: MovableClock
) -> None:
    make_time_rule(later, "opened", 48, tag("late"), condition="priority == 'high'")
    ticket = opened(later)
    hearing.pass_by()
    clock.move(hours(60))
    hearing.pass_by()
    assert tags(later, ticket) == []
    good(later.patch(f"{TICKETS}/{ticket['id']}", {"priority": "high"}))
    hearing.pass_by()
    assert tags(later, ticket) == ["late"]


def test_business_hours_stand_still_over_night_and_the_weekend(
    later: ApiClient, hearing: Hearing, clock: MovableClock
) -> None:
    office = make_calendar(later)
    make_time_rule(later, "opened", 48, raise_to("high"), business_calendar_id=office["id"])
    # Monday 10:00 in Taipei; nine hours a day are open: 8 + 4 * 9 = 44 by Friday evening.
    ticket = opened(later)
    hearing.pass_by()
    clock.move(datetime(2026, 3, 9, 5, tzinfo=UTC) - _SECOND - clock.now())
    hearing.pass_by()
    assert current(later, ticket)["priority"] == "normal"
    clock.move(_SECOND)
    hearing.pass_by()
    assert current(later, ticket)["priority"] == "high"


@pytest.mark.parametrize(
    ("day", "due"),
    [
        # Clocks go forward on 29 March 2026 in Berlin, and back on 25 October.
        (datetime(2026, 3, 27, 16, tzinfo=UTC), datetime(2026, 3, 30, 8, tzinfo=UTC)),
        (datetime(2026, 10, 23, 15, tzinfo=UTC), datetime(2026, 10, 26, 9, tzinfo=UTC)),
    ],
)
def test_business_hours_follow_the_clock_on_the_wall(
    later: ApiClient, hearing: Hearing, clock: MovableClock, day: datetime, due: datetime
) -> None:
    clock.move(day - clock.now())
    office = make_calendar(later, time_zone="Europe/Berlin")
    # At 17:00 on a Friday, one hour is open until Monday at 09:00: the second one ends at 10:00.
    make_time_rule(later, "opened", 2, tag("late"), business_calendar_id=office["id"])
    ticket = opened(later)
    hearing.pass_by()
    clock.move(due - _SECOND - clock.now())
    hearing.pass_by()
    assert tags(later, ticket) == []
    clock.move(due - clock.now())
    hearing.pass_by()
    assert tags(later, ticket) == ["late"]


def test_a_changed_calendar_moves_what_is_due(
    later: ApiClient, hearing: Hearing, clock: MovableClock
) -> None:
    office = make_calendar(later)
    make_time_rule(later, "opened", 20, tag("late"), business_calendar_id=office["id"])
    ticket = opened(later)
    hearing.pass_by()
    always = {"opens": "00:00", "closes": "24:00"}
    week = {day: [always] for day in ("monday", "tuesday", "wednesday")}
    good(later.patch(f"/v1/desk/business-calendars/{office['id']}", {"week": week}))
    hearing.pass_by()
    clock.move(hours(20) - _SECOND)
    hearing.pass_by()
    assert tags(later, ticket) == []
    clock.move(_SECOND)
    hearing.pass_by()
    assert tags(later, ticket) == ["late"]


def test_a_new_rule_holds_for_tickets_that_are_there(
    later: ApiClient, hearing: Hearing, clock: MovableClock
) -> None:
    tickets = [opened(later) for _ in range(3)]
    closed = opened(later)
    for verb in ("resolve", "close"):
        good(act(later, closed, verb))
    clock.move(hours(50))
    make_time_rule(later, "opened", 48, tag("late"))
    hearing.pass_by()
    assert [tags(later, one) for one in tickets] == [["late"]] * 3
    assert tags(later, closed) == []


def test_a_paused_rule_makes_up_for_it_when_it_is_resumed(
    later: ApiClient, hearing: Hearing, clock: MovableClock
) -> None:
    rule = make_time_rule(later, "opened", 48, tag("late"), active=False)
    ticket = opened(later)
    hearing.pass_by()
    clock.move(hours(49))
    hearing.pass_by()
    assert tags(later, ticket) == []
    good(later.post(f"{TIME_RULES}/{rule['id']}/resume"))
    hearing.pass_by()
    assert tags(later, ticket) == ["late"]


def test_a_clock_that_jumps_back_fires_nothing_twice(
    later: ApiClient, hearing: Hearing, clock: MovableClock
) -> None:
    make_time_rule(later, "opened", 48, say("Two days.", "note"))
    ticket = opened(later)
    hearing.pass_by()
    clock.move(hours(49))
    hearing.pass_by()
    clock.move(-hours(10))
    hearing.pass_by()
    clock.move(hours(10))
    hearing.pass_by()
    assert len(conversation(later, ticket)) == 1


def test_a_rule_that_cannot_is_told_of_and_not_tried_for_ever(
    timed: Desk, later: ApiClient, hearing: Hearing, clock: MovableClock
) -> None:
    closing = {"kind": "set_status", "status": "closed"}
    make_time_rule(later, "opened", 1, tag("half"), closing)
    ticket = opened(later)
    hearing.pass_by()
    for _ in range(3):
        clock.move(hours(1))
        hearing.pass_by()
    told = facts(timed, later, events.TimeRuleFired)
    assert [one.reason for one in told] == ["ticket_not_resolved"]
    assert tags(later, ticket) == []


_KEPT = sa.text("SELECT ticket_id FROM time_rule_firings WHERE tenant_id = :tenant_id")


def test_what_a_rule_did_is_kept_until_the_ticket_has_long_been_closed(
    timed: Desk, later: ApiClient, hearing: Hearing, clock: MovableClock
) -> None:
    make_time_rule(later, "opened", 1, say("An hour.", "note"))
    tickets = [opened(later) for _ in range(3)]
    hearing.pass_by()
    clock.move(hours(1))
    hearing.pass_by()
    open_still, closed_late, closed = (one["id"] for one in tickets)

    def close(ticket_id: str) -> None:
        for verb in ("resolve", "close"):
            good(act(later, {"id": ticket_id}, verb))

    def kept() -> set[str]:
        service = timed.service
        prune_time_rule_firings(service.database, clock.now())
        assert later.tenant_id is not None
        with service.database.tenant_transaction(later.tenant_id) as connection:
            rows = connection.execute(_KEPT, {"tenant_id": later.tenant_id})
            return {str(row.ticket_id) for row in rows}

    close(closed)
    clock.move(_SECOND)
    close(closed_late)
    clock.move(KEPT_FOR - _SECOND)
    assert kept() == {open_still, closed_late, closed}
    clock.move(_SECOND)
    assert kept() == {open_still, closed_late}
    clock.move(KEPT_FOR)
    assert kept() == {open_still}
    hearing.pass_by()
    assert len(conversation(later, tickets[0])) == 1
