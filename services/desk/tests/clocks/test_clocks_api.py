"""Clocks of tickets over REST: what is due when, what warns and breaks, and once for all (DE-3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from desk.app import timer_runner
from rapport.desk.events.v1 import clock_events_pb2 as events
from services.desk.tests.builders import (
    TICKETS,
    Desk,
    facts,
    good,
    lasting_app,
    open_ticket,
    places,
    refused,
)
from services.desk.tests.conversing import act, current, hear, reply
from services.desk.tests.promising import (
    ALWAYS,
    ATTAINMENT,
    CALENDARS,
    CLOCKS,
    LEVELS,
    alike,
    at,
    clocks_of,
    fire_all,
    make_calendar,
    make_level,
    minutes,
    pass_time,
)
from services.desk.tests.routing_builders import known_user, make_queue


@pytest.fixture
def owner(timed: Desk, clock: MovableClock) -> ApiClient:
    """An app of a tenant of its own."""
    return lasting_app(timed, clock)


def told(desk: Desk, client: ApiClient, kind: Any) -> list[tuple[str, str]]:
    """Of which tickets and targets facts of a kind tell, in their order."""
    return [(one.ticket_id, one.target) for one in facts(desk, client, kind)]


@pytest.mark.parametrize("path", [CLOCKS, f"{TICKETS}/{UUID(int=1)}/clocks", ATTAINMENT])
def test_reading_clocks_needs_a_token(timed: Desk, path: str) -> None:
    assert refused(timed.anonymous().get(path)) == (401, "token_missing")


def test_another_tenants_clocks_are_invisible(timed: Desk, owner: ApiClient) -> None:
    make_level(owner)
    ticket = open_ticket(owner)
    assert len(good(owner.get(CLOCKS))["items"]) == 2
    stranger = timed.app_client(timed.new_tenant())
    assert good(stranger.get(CLOCKS))["items"] == []
    assert refused(stranger.get(f"{TICKETS}/{ticket['id']}/clocks")) == (404, "not_found")


def test_a_new_ticket_has_its_deadlines_and_what_is_left_is_told(
    owner: ApiClient, clock: MovableClock
) -> None:
    level = make_level(owner, warn={"at_percent": 75})
    ticket, opened = open_ticket(owner), clock.now()
    clock.move(minutes(20))
    found = clocks_of(owner, ticket)
    response = found["first_response"]
    assert response["service_level_id"] == level["id"]
    assert (response["state"], response["used_seconds"]) == ("running", 1200)
    assert response["left_seconds"] == 2400
    assert at(response["due_at"]) == opened + minutes(60)
    assert at(response["warn_at"]) == opened + minutes(45)
    assert at(found["resolution"]["due_at"]) == opened + minutes(480)
    assert [one["since"] for one in response["stretches"]] == [response["started_at"]]


def test_a_deadline_is_warned_of_and_breaks_once_however_often_timers_fire(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    make_level(owner, warn={"minutes_before": 10})
    ticket = open_ticket(owner)
    pass_time(timed, clock, minutes(49))
    assert facts(timed, owner, events.ServiceLevelWarned) == []
    for _ in range(3):
        pass_time(timed, clock, minutes(1))
    assert told(timed, owner, events.ServiceLevelWarned) == [(ticket["id"], "first_response")]
    assert facts(timed, owner, events.ServiceLevelBreached) == []
    pass_time(timed, clock, minutes(8))
    # The clock may go back and forth: what broke broke.
    for step in (-30, 40, 5):
        pass_time(timed, clock, minutes(step))
    assert told(timed, owner, events.ServiceLevelWarned) == [(ticket["id"], "first_response")]
    assert told(timed, owner, events.ServiceLevelBreached) == [(ticket["id"], "first_response")]
    good(reply(owner, ticket))
    (met,) = facts(timed, owner, events.ServiceLevelMet)
    assert (met.target, met.late) == ("first_response", True)


def test_an_answer_counts_up_to_the_deadline_and_not_at_it(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    make_level(owner)
    soon, late = open_ticket(owner), open_ticket(owner)
    clock.move(minutes(60) - timedelta(microseconds=1))
    good(reply(owner, soon))
    clock.move(timedelta(microseconds=1))
    good(reply(owner, late))
    met = facts(timed, owner, events.ServiceLevelMet)
    assert [(one.ticket_id, one.late) for one in met] == [(soon["id"], False), (late["id"], True)]
    assert told(timed, owner, events.ServiceLevelBreached) == [(late["id"], "first_response")]


def test_who_takes_a_call_has_given_the_first_response(timed: Desk, owner: ApiClient) -> None:
    make_level(owner, next_response=alike(30))
    assert owner.tenant_id is not None
    grants = {"desk.tickets.read": "all", "desk.tickets.write": "all"}
    agent = timed.user_client(owner.tenant_id, grants)
    spoken = open_ticket(agent, channel="phone")
    recorded = open_ticket(owner, channel="phone")
    assert "first_response" not in clocks_of(owner, spoken)
    assert "first_response" in clocks_of(owner, recorded)
    # Nobody has said anything since: what else is changed begins no clock.
    good(owner.patch(f"{TICKETS}/{spoken['id']}", {"tags": ["called"]}))
    assert "next_response" not in clocks_of(owner, spoken)


def test_the_time_for_a_resolution_stands_still_while_the_customer_is_waited_for(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    make_level(owner)
    ticket, opened = open_ticket(owner), clock.now()
    clock.move(minutes(30))
    good(reply(owner, ticket, status="waiting_for_customer"))
    clock.move(timedelta(days=3))
    resolution = clocks_of(owner, ticket)["resolution"]
    assert (resolution["state"], resolution["due_at"]) == ("paused", None)
    assert at(resolution["paused_at"]) == opened + minutes(30)
    assert resolution["left_seconds"] == 450 * 60
    good(hear(owner, ticket))
    resolution = clocks_of(owner, ticket)["resolution"]
    assert at(resolution["due_at"]) == clock.now() + minutes(450)
    assert facts(timed, owner, events.ServiceLevelBreached) == []


def test_other_states_stop_the_time_only_where_the_policy_says_so(owner: ApiClient) -> None:
    make_level(owner, pauses_on_hold=True)
    held, third = open_ticket(owner), open_ticket(owner)
    good(act(owner, held, "status", status="on_hold"))
    good(act(owner, third, "status", status="waiting_for_third_party"))
    states = [clocks_of(owner, one)["resolution"]["state"] for one in (held, third)]
    assert states == ["paused", "running"]


def test_the_next_answer_is_due_from_the_first_message_that_nobody_has_answered(
    owner: ApiClient, clock: MovableClock
) -> None:
    make_level(owner, next_response=alike(30))
    ticket = open_ticket(owner, message={"text": "It leaks."})
    good(hear(owner, ticket))
    assert "next_response" not in clocks_of(owner, ticket)
    good(reply(owner, ticket))
    clock.move(minutes(5))
    good(hear(owner, ticket))
    asked = clock.now()
    clock.move(minutes(10))
    good(hear(owner, ticket, text="And?"))
    found = clocks_of(owner, ticket)["next_response"]
    assert (found["round"], at(found["due_at"])) == (1, asked + minutes(30))
    good(reply(owner, ticket))
    assert clocks_of(owner, ticket)["next_response"]["state"] == "met"
    good(hear(owner, ticket))
    found = clocks_of(owner, ticket)["next_response"]
    assert (found["round"], at(found["due_at"])) == (2, clock.now() + minutes(30))


def test_what_is_reopened_goes_on_with_its_rest_and_never_breaks_at_once(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    make_level(owner, grace_minutes=45)
    ticket = open_ticket(owner)
    clock.move(minutes(59))
    good(reply(owner, ticket))
    clock.move(minutes(420))
    good(act(owner, ticket, "resolve"))
    pass_time(timed, clock, timedelta(days=2))
    good(hear(owner, ticket, text="It leaks again."))
    fire_all(timed)
    resolution = clocks_of(owner, ticket)["resolution"]
    # One minute was left; the grace is longer.
    assert (resolution["state"], resolution["breached_at"]) == ("running", None)
    assert at(resolution["due_at"]) == clock.now() + minutes(45)
    pass_time(timed, clock, minutes(45))
    assert told(timed, owner, events.ServiceLevelBreached) == [(ticket["id"], "resolution")]
    assert told(timed, owner, events.ServiceLevelMet) == [
        (ticket["id"], "first_response"),
        (ticket["id"], "resolution"),
    ]


def test_the_first_policy_whose_condition_holds_counts_and_another_priority_is_another_one(
    owner: ApiClient, clock: MovableClock
) -> None:
    queue = make_queue(owner, "vip")
    make_level(owner, name="All", position=9)
    make_level(owner, name="Vip", position=1, condition="queue == 'vip'", resolution=alike(20))
    make_level(
        owner, name="Urgent", position=2, condition="priority == 'urgent'", resolution=alike(100)
    )
    ticket, opened = open_ticket(owner), clock.now()
    assert at(clocks_of(owner, ticket)["resolution"]["due_at"]) == opened + minutes(480)
    clock.move(minutes(10))
    good(owner.patch(f"{TICKETS}/{ticket['id']}", {"priority": "urgent"}))
    resolution = clocks_of(owner, ticket)["resolution"]
    assert (resolution["service_level"], at(resolution["due_at"])) == (
        "Urgent",
        opened + minutes(100),
    )
    good(act(owner, ticket, "assign", queue_id=queue["id"]))
    resolution = clocks_of(owner, ticket)["resolution"]
    assert (resolution["service_level"], at(resolution["due_at"])) == ("Vip", opened + minutes(20))


def test_a_deadline_that_would_be_past_is_set_anew_with_the_grace(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    targets = {"normal": 480, "urgent": 60}
    make_level(owner, first_response={}, resolution=targets, grace_minutes=15)
    ticket = open_ticket(owner)
    pass_time(timed, clock, minutes(90))
    good(owner.patch(f"{TICKETS}/{ticket['id']}", {"priority": "urgent"}))
    fire_all(timed)
    resolution = clocks_of(owner, ticket)["resolution"]
    assert at(resolution["grace_since"]) == clock.now()
    assert at(resolution["due_at"]) == clock.now() + minutes(15)
    assert facts(timed, owner, events.ServiceLevelBreached) == []


def test_open_deadlines_follow_a_change_of_policy_and_calendar_from_their_beginning(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    calendar = make_calendar(owner, time_zone="UTC", week=ALWAYS)
    level = make_level(owner, business_calendar_id=calendar["id"])
    paused, running, opened = open_ticket(owner), open_ticket(owner), clock.now()
    good(act(owner, paused, "status", status="waiting_for_customer"))
    clock.move(minutes(30))
    good(owner.patch(f"{LEVELS}/{level['id']}", {"resolution": alike(2000)}))
    fire_all(timed)
    assert at(clocks_of(owner, running)["resolution"]["due_at"]) == opened + minutes(2000)
    assert clocks_of(owner, paused)["resolution"]["left_seconds"] == 2000 * 60
    tomorrow = (clock.now() + timedelta(days=1)).date()
    holiday = {"on": tomorrow.isoformat(), "name": "Founders' day"}
    good(owner.patch(f"{CALENDARS}/{calendar['id']}", {"holidays": [holiday]}))
    fire_all(timed)
    due = at(clocks_of(owner, running)["resolution"]["due_at"])
    assert due == opened + minutes(2000 + 24 * 60)


def test_every_open_ticket_follows_a_change_of_policy_however_many_there_are(
    timed: Desk, owner: ApiClient
) -> None:
    items = [{"subject": f"Leak {number}"} for number in range(230)]
    good(owner.post(f"{TICKETS}/batch", {"items": items, "atomic": True}))
    make_level(owner)
    fire_all(timed)
    page = good(owner.get(f"{CLOCKS}?target=resolution&count=true&page_size=1"))
    assert page["total_count"] == 230


def test_a_broken_deadline_raises_the_priority_and_hands_the_ticket_on(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    queue, lead = make_queue(owner, "escalated", method="manual"), known_user(timed, owner)
    escalation = {
        "raise_priority_to": "high",
        "queue_id": queue["id"],
        "assignee_id": str(lead),
    }
    make_level(owner, escalation=escalation)
    ticket, urgent = open_ticket(owner), open_ticket(owner, priority="urgent")
    answered = open_ticket(owner)
    good(reply(owner, answered))
    pass_time(timed, clock, minutes(60))
    now = current(owner, ticket)
    assert (now["priority"], now["queue_id"], now["assignee_id"]) == (
        "high",
        queue["id"],
        str(lead),
    )
    assert current(owner, urgent)["priority"] == "urgent"
    assert current(owner, answered)["queue_id"] is None
    # The higher priority has no other deadline here, and nothing else breaks by it.
    assert len(facts(timed, owner, events.ServiceLevelBreached)) == 2


def test_clocks_that_are_due_soon_are_found_and_go_by_the_reach_of_their_tickets(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    make_level(owner)
    assert owner.tenant_id is not None
    user_id = known_user(timed, owner)
    mine = open_ticket(owner, assignee_id=str(user_id))
    clock.move(minutes(4))
    other = open_ticket(owner)
    agent = timed.user_client(owner.tenant_id, {"desk.tickets.read": "own"}, user_id=user_id)
    until = (clock.now() + minutes(57)).isoformat().replace("+", "%2B")
    soon = good(owner.get(f"{CLOCKS}?due_at[lte]={until}&state=running"))["items"]
    assert [(one["ticket_id"], one["target"]) for one in soon] == [(mine["id"], "first_response")]
    seen = {one["ticket_id"] for one in good(agent.get(CLOCKS))["items"]}
    assert seen == {mine["id"]}
    assert agent.get(f"{TICKETS}/{other['id']}/clocks").status_code == 404


def test_attainment_is_what_was_kept_of_all_that_was_settled(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    make_level(owner)
    first_on = clock.now().date().isoformat()
    kept, late, never = open_ticket(owner), open_ticket(owner), open_ticket(owner, priority="high")
    good(reply(owner, kept))
    pass_time(timed, clock, minutes(61))
    good(reply(owner, late))
    last_on = (clock.now() + timedelta(days=1)).date().isoformat()
    period = f"first_on={first_on}&last_on={last_on}&target=first_response"
    rows = good(owner.get(f"{ATTAINMENT}?{period}"))["items"]
    assert rows == [
        {
            "key": None,
            "target": "first_response",
            "kept": 1,
            "breached": 2,
            "late": 1,
            "percent": "33.33",
        }
    ]
    rows = good(owner.get(f"{ATTAINMENT}?{period}&by=priority"))["items"]
    assert [(one["key"], one["kept"], one["breached"]) for one in rows] == [
        ("high", 0, 1),
        ("normal", 1, 1),
    ]
    assert never["priority"] == "high"
    wrong = owner.get(f"{ATTAINMENT}?first_on={last_on}&last_on={first_on}")
    assert (wrong.status_code, places(wrong)) == (422, [("last_on", "days_not_in_order")])


def test_a_merged_ticket_breaks_nothing_and_who_waited_there_waits_here(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    make_level(owner, next_response=alike(30))
    gone = open_ticket(owner, message={"text": "Hello?"})
    stays = open_ticket(owner, message={"text": "It leaks."})
    good(reply(owner, stays))
    clock.move(minutes(10))
    good(act(owner, gone, "merge", into_id=stays["id"]))
    states = {one["state"] for one in clocks_of(owner, gone).values()}
    assert states == {"void"}
    waiting = clocks_of(owner, stays)["next_response"]
    assert at(waiting["due_at"]) == clock.now() + minutes(30)
    pass_time(timed, clock, minutes(90))
    assert (gone["id"], "first_response") not in told(timed, owner, events.ServiceLevelBreached)


def test_a_deadline_breaks_once_when_two_runners_and_an_answer_come_at_the_same_time(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    make_level(owner)
    tickets = [open_ticket(owner) for _ in range(6)]
    clock.move(minutes(60))
    runners = [timer_runner(timed.service).run_due for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        fired = [pool.submit(one) for one in runners]
        answers = [pool.submit(reply, owner, one) for one in tickets]
        for answer in answers:
            good(answer.result())
        for firing in fired:
            firing.result()
    fire_all(timed)
    broken = told(timed, owner, events.ServiceLevelBreached)
    assert sorted(broken) == sorted((one["id"], "first_response") for one in tickets)
    met = facts(timed, owner, events.ServiceLevelMet)
    assert [one.late for one in met] == [True] * len(tickets)
