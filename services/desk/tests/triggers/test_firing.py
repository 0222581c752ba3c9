"""What triggers do by themselves: on facts, once for each, in their order, and never in circles."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.waiting import eventually
from desk.trigger_chains.domain import MOST_AN_HOUR, MOST_DEEP
from desk.triggers.pruning import prune_firings
from rapport.desk.events.v1 import automation_events_pb2 as events
from rapport.identity.events.v1.access_events_pb2 import TeamPlaced, TeamRemoved
from services.desk.tests.automating import (
    FIRINGS,
    TRIGGERS,
    Hearing,
    firings,
    make_trigger,
    raise_to,
    say,
    tag,
    timed_app,
    untag,
)
from services.desk.tests.builders import TICKETS, Desk, facts, good, open_ticket
from services.desk.tests.conversing import act, conversation, current, hear, note, reply
from services.desk.tests.routing_builders import (
    known_user,
    led_team,
    make_agent,
    make_queue,
    tell_team,
)


@pytest.fixture
def app(timed: Desk, clock: MovableClock) -> ApiClient:
    """An app in a tenant of its own, where nothing happens unless a test says so."""
    return timed_app(timed, clock)


@pytest.fixture
def hearing(timed: Desk, app: ApiClient) -> Hearing:
    """What has facts of the tenant heard."""
    return Hearing(timed, app)


def notes(client: ApiClient, ticket: dict[str, Any]) -> list[str]:
    """The notes of a ticket."""
    return [one["text"] for one in conversation(client, ticket) if one["kind"] == "note"]


def test_a_trigger_fires_over_the_bus(desk: Desk) -> None:
    client = desk.app_client(desk.new_tenant())
    make_trigger(client, "ticket_opened", tag("seen"), condition="channel == 'phone'")
    ticket, other = open_ticket(client, channel="phone"), open_ticket(client)
    eventually(lambda: current(client, ticket)["tags"] == ["seen"])
    assert current(client, other)["tags"] == []
    assert [one["outcome"] for one in firings(client)] == ["done"]


def test_each_event_fires_what_waits_for_it(app: ApiClient, hearing: Hearing) -> None:
    for event in (
        "ticket_opened",
        "ticket_changed",
        "ticket_assigned",
        "status_changed",
        "customer_message",
        "public_reply",
        "internal_note",
    ):
        # What is done by itself is no event of these.
        make_trigger(app, event, tag(event), condition="author != 'service'")
    queue, ticket = make_queue(app, method="manual"), open_ticket(app)
    steps: tuple[Callable[[], ApiAnswer], ...] = (
        lambda: app.patch(f"{TICKETS}/{ticket['id']}", {"type": "incident"}),
        lambda: act(app, ticket, "assign", queue_id=queue["id"]),
        lambda: hear(app, ticket),
        lambda: note(app, ticket),
        lambda: reply(app, ticket),
    )
    for step in steps:
        good(step())
    hearing.settle()
    fired = sorted(one["event"] for one in firings(app) if one["outcome"] == "done")
    assert fired == [
        "customer_message",
        "internal_note",
        "public_reply",
        "status_changed",
        "ticket_assigned",
        "ticket_changed",
        "ticket_opened",
    ]
    assert current(app, ticket)["tags"] == fired


def test_conditions_know_what_has_happened(app: ApiClient, hearing: Hearing) -> None:
    raised = "'priority' in changed && from_priority == 'normal' && priority == 'urgent'"
    make_trigger(app, "ticket_changed", tag("raised"), condition=raised)
    again = "from_status == 'resolved' && cause == 'customer'"
    make_trigger(app, "status_changed", tag("again"), condition=again)
    make_trigger(app, "customer_message", tag("first"), condition="first && author == 'customer'")
    ticket = open_ticket(app, message={"text": "It leaks"})
    good(app.patch(f"{TICKETS}/{ticket['id']}", {"priority": "urgent"}))
    good(act(app, ticket, "resolve"))
    good(hear(app, ticket))
    hearing.settle()
    assert current(app, ticket)["tags"] == ["again", "first", "raised"]
    assert len(firings(app)) == 3


def test_one_trigger_sees_what_those_before_it_have_done(app: ApiClient, hearing: Hearing) -> None:
    make_trigger(app, "ticket_opened", tag("late"), condition="'early' in tags", position=9)
    make_trigger(app, "ticket_opened", tag("early"), position=1)
    make_trigger(app, "ticket_opened", tag("never"), condition="'early' in tags", position=0)
    ticket = open_ticket(app)
    hearing.settle()
    assert current(app, ticket)["tags"] == ["early", "late"]


def test_a_fact_that_comes_twice_fires_once(app: ApiClient, hearing: Hearing) -> None:
    make_trigger(app, "ticket_opened", say("We have it.", "note"))
    ticket = open_ticket(app)
    hearing.settle()
    hearing.hear_again()
    assert notes(app, ticket) == ["We have it."]


def test_two_who_hear_the_same_at_once_fire_once(timed: Desk, app: ApiClient) -> None:
    make_trigger(app, "ticket_opened", say("We have it.", "note"))
    ticket = open_ticket(app)
    two = [Hearing(timed, app), Hearing(timed, app)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(Hearing.settle, two))
    assert notes(app, ticket) == ["We have it."]


def test_what_a_trigger_says_answers_nothing(app: ApiClient, hearing: Hearing) -> None:
    make_trigger(app, "ticket_opened", say("We have {{number}}."))
    ticket = open_ticket(app, message={"text": "It leaks"})
    hearing.settle()
    said = conversation(app, ticket)[-1]
    assert (said["text"], said["automatic"]) == (f"We have {ticket['number']}.", True)
    after = current(app, ticket)
    assert (after["status"], after["first_responded_at"]) == ("new", None)
    assert after["waiting_since"] is not None


def test_a_trigger_that_cannot_is_told_of_and_holds_up_no_other(
    timed: Desk, app: ApiClient, hearing: Hearing
) -> None:
    closing = {"kind": "set_status", "status": "closed"}
    make_trigger(app, "ticket_opened", tag("half"), closing)
    make_trigger(app, "ticket_opened", tag("whole"))
    ticket = open_ticket(app)
    hearing.settle()
    assert current(app, ticket)["tags"] == ["whole"]
    assert [one["outcome"] for one in firings(app)] == ["ticket_not_resolved", "done"]
    told = facts(timed, app, events.TriggerFired)
    assert [one.reason for one in told] == ["ticket_not_resolved", ""]


def test_a_paused_trigger_fires_no_more(app: ApiClient, hearing: Hearing) -> None:
    trigger = make_trigger(app, "ticket_opened", tag("a"))
    good(app.post(f"{TRIGGERS}/{trigger['id']}/pause"))
    ticket = open_ticket(app)
    hearing.settle()
    assert current(app, ticket)["tags"] == []


def test_everybody_who_is_meant_is_alerted_once(
    timed: Desk, app: ApiClient, hearing: Hearing
) -> None:
    queue = make_queue(app, method="manual")
    agent = make_agent(timed, app, queue)
    user = str(known_user(timed, app))
    alert = {"kind": "alert", "queue": True, "assignee": True, "user_ids": [user, agent["id"]]}
    trigger = make_trigger(app, "ticket_opened", alert)
    ticket = open_ticket(app, queue_id=queue["id"])
    hearing.settle()
    told = facts(timed, app, events.TicketAlertRaised)
    assert {one.user_id for one in told} == {user, agent["id"]}
    assert {(one.source, one.source_id, one.ticket_id) for one in told} == {
        ("trigger", trigger["id"], ticket["id"])
    }


def test_who_leads_the_team_of_the_queue_is_alerted_as_it_is_led_by_then(
    timed: Desk, app: ApiClient, hearing: Hearing
) -> None:
    team, leader = led_team(timed, app)
    above, chief = led_team(timed, app)
    queue = make_queue(app, method="manual", team_id=str(team))
    make_trigger(app, "ticket_opened", {"kind": "alert", "lead": True})
    unled = make_queue(app, "sales", method="manual")

    def told() -> list[str]:
        hearing.settle()
        return [one.user_id for one in facts(timed, app, events.TicketAlertRaised)]

    open_ticket(app, queue_id=queue["id"])
    assert told() == [str(leader)]
    placed = TeamPlaced(team_id=str(team), name="Team", parent_team_id=str(above))
    tell_team(timed, app, placed, 3)
    # What was said before is heard after it.
    tell_team(timed, app, TeamPlaced(team_id=str(team), manager_id=str(leader)), 2)
    open_ticket(app, queue_id=queue["id"])
    assert told() == [str(leader), str(chief)]
    tell_team(timed, app, TeamRemoved(team_id=str(above)), 2)
    open_ticket(app, queue_id=queue["id"])
    open_ticket(app, queue_id=unled["id"])
    open_ticket(app)
    assert told() == [str(leader), str(chief)]


def test_a_trigger_that_has_done_its_work_calls_itself_no_more(
    timed: Desk, app: ApiClient, hearing: Hearing
) -> None:
    make_trigger(app, "ticket_changed", raise_to("high"))
    ticket = open_ticket(app)
    good(app.patch(f"{TICKETS}/{ticket['id']}", {"type": "incident"}))
    hearing.settle()
    assert current(app, ticket)["priority"] == "high"
    assert [one["outcome"] for one in firings(app)] == ["done"]
    assert facts(timed, app, events.TriggerLoopStopped) == []
    assert notes(app, ticket) == []


def test_a_circle_is_stopped_with_a_note_that_names_who_took_part(
    timed: Desk, app: ApiClient, hearing: Hearing
) -> None:
    made = [
        make_trigger(app, "ticket_changed", action, name=name, condition=condition)
        for name, condition, action in (
            ("Up", "priority == 'low'", raise_to("high")),
            ("Down", "priority == 'high'", raise_to("low")),
            ("Seen", "", tag("seen")),
        )
    ]
    ticket = open_ticket(app)
    good(app.patch(f"{TICKETS}/{ticket['id']}", {"priority": "low"}))
    hearing.settle()
    assert notes(app, ticket) == [
        "Triggers were stopped. They called each other in a circle: Up, Down, Seen, Up."
    ]
    stopped = facts(timed, app, events.TriggerLoopStopped)
    up, down, seen = (one["id"] for one in made)
    assert [(one.reason, list(one.trigger_ids)) for one in stopped] == [
        ("again", [up, down, seen, up])
    ]
    assert current(app, ticket)["tags"] == ["seen"]
    assert all(one["active"] for one in good(app.get(TRIGGERS))["items"])


def test_too_many_that_follow_from_each_other_are_stopped(
    timed: Desk, app: ApiClient, hearing: Hearing
) -> None:
    for step in range(MOST_DEEP + 3):
        # The later a step, the earlier it is tried: so each waits for the fact of the one before.
        about: dict[str, Any] = {"condition": f"size(tags) == {step}", "position": 99 - step}
        make_trigger(app, "ticket_changed", tag(f"t{step:02}"), **about)
    ticket = open_ticket(app)
    good(app.patch(f"{TICKETS}/{ticket['id']}", {"type": "incident"}))
    hearing.settle()
    assert len(current(app, ticket)["tags"]) == MOST_DEEP
    stopped = facts(timed, app, events.TriggerLoopStopped)
    assert [one.reason for one in stopped] == ["too_deep"]
    assert [len(one.trigger_ids) for one in stopped] == [MOST_DEEP + 1]
    assert len(notes(app, ticket)) == 1


def test_too_many_within_an_hour_are_stopped_until_it_is_over(
    timed: Desk, app: ApiClient, hearing: Hearing, clock: MovableClock
) -> None:
    make_trigger(app, "ticket_changed", say("Changed.", "note"), condition="'type' in changed")
    ticket = open_ticket(app)

    def change(times: int) -> None:
        for place in range(times):
            kind = "incident" if place % 2 == 0 else "question"
            good(app.patch(f"{TICKETS}/{ticket['id']}", {"type": kind}))
            hearing.settle()

    change(MOST_AN_HOUR)
    assert notes(app, ticket).count("Changed.") == MOST_AN_HOUR
    change(2)
    assert notes(app, ticket).count("Changed.") == MOST_AN_HOUR
    stopped = facts(timed, app, events.TriggerLoopStopped)
    assert [one.reason for one in stopped] == ["too_often"]
    assert len(notes(app, ticket)) == MOST_AN_HOUR + 1
    # At the very end of the hour those of its beginning count no more.
    clock.move(timedelta(hours=1))
    change(1)
    assert notes(app, ticket).count("Changed.") == MOST_AN_HOUR + 1


def test_what_fired_long_ago_goes(
    timed: Desk, app: ApiClient, hearing: Hearing, clock: MovableClock
) -> None:
    make_trigger(app, "ticket_opened", tag("a"))
    open_ticket(app)
    hearing.settle()
    prune_firings(timed.service.database, clock.now() + timedelta(days=90))
    assert len(firings(app)) == 1
    later = clock.now() + timedelta(days=90, seconds=1)
    prune_firings(timed.service.database, later)
    assert firings(app) == []


def test_firings_about_tickets_out_of_reach_are_not_seen(
    timed: Desk, app: ApiClient, hearing: Hearing
) -> None:
    assert app.tenant_id is not None
    make_trigger(app, "ticket_opened", tag("a"), untag("b"))
    open_ticket(app)
    hearing.settle()
    grants = {"desk.triggers.read": "all", "desk.tickets.read": "own"}
    user = timed.user_client(app.tenant_id, grants)
    assert good(user.get(FIRINGS))["items"] == []
    assert len(firings(app)) == 1
