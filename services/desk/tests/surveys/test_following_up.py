"""What a bad score leads to: a ticket, once, in the hands of whom the survey names (DE-10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from desk.survey_requests.operations import UNATTENDED_AFTER
from rapport.desk.events.v1 import survey_events_pb2 as events
from rapport.desk.events.v1.automation_events_pb2 import TicketAlertRaised
from rapport.desk.events.v1.ticket_events_pb2 import TicketAssigned as Assigned
from rapport.identity.events.v1.user_events_pb2 import UserDeactivated
from services.desk.tests.builders import TICKETS, Desk, facts, good, lasting_app
from services.desk.tests.conversing import act
from services.desk.tests.promising import fire_all, pass_time
from services.desk.tests.routing_builders import (
    known_user,
    led_team,
    make_agent,
    make_queue,
    tell_user,
)
from services.desk.tests.surveys.test_surveys_api import (
    asked_about,
    make_survey,
    requests_of,
    say,
)
from services.desk.tests.telling import said, tell, tell_all, twice


def test_a_bad_score_opens_a_ticket_once(timed: Desk, clock: MovableClock) -> None:
    client = lasting_app(timed, clock)
    queue = make_queue(client, "care")
    make_survey(client, follow_up={"queue_id": queue["id"], "priority": "urgent"})
    ticket, path = asked_about(timed, client, clock)
    place = tell_all(timed, client)
    assert say(timed, path, 2, "Nobody called back").status_code == 303
    tell(timed, client, twice(said(timed, client, place)))
    [asked] = requests_of(client)
    opened = good(client.get(f"{TICKETS}/{asked['follow_up_ticket_id']}"))
    assert opened["subject"] == f"Score 2 of 5 from a customer ({ticket['number']})"
    assert (opened["queue_id"], opened["priority"]) == (queue["id"], "urgent")
    assert opened["person_id"] == ticket["person_id"]
    [note] = good(client.get(f"{TICKETS}/{opened['id']}/messages"))["items"]
    assert (note["kind"], note["text"]) == ("note", "Nobody called back")
    [link] = good(client.get(f"{TICKETS}/{opened['id']}/links"))["items"]
    assert (link["other_id"], link["kind"]) == (ticket["id"], "related")
    assert len(facts(timed, client, events.SurveyFollowedUp)) == 1


@pytest.mark.parametrize("is_here", [True, False])
def test_a_bad_score_is_given_to_whom_the_survey_names_while_they_are_here(
    timed: Desk, clock: MovableClock, *, is_here: bool
) -> None:
    client = lasting_app(timed, clock)
    lead = known_user(timed, client)
    queue = make_queue(client, "care", method="manual")
    follow_up = {"queue_id": queue["id"], "assignee_id": str(lead)}
    assert make_survey(client, follow_up=follow_up)["follow_up"]["assignee_id"] == str(lead)
    _, path = asked_about(timed, client, clock)
    place = tell_all(timed, client)
    if not is_here:
        tell_user(timed, client, UserDeactivated(user_id=str(lead)), 2)
    assert say(timed, path, 1, "Nobody called back").status_code == 303
    tell(timed, client, twice(said(timed, client, place)))
    [asked] = requests_of(client)
    opened = good(client.get(f"{TICKETS}/{asked['follow_up_ticket_id']}"))
    assert opened["queue_id"] == queue["id"]
    assert opened["assignee_id"] == (str(lead) if is_here else None)
    # What notifications tells the user by.
    told = [(one.ticket.assignee_id, one.cause) for one in facts(timed, client, Assigned)]
    assert told == ([(str(lead), "low_score")] if is_here else [])


def followed_up(timed: Desk, client: ApiClient, clock: MovableClock, **follow_up: str) -> str:
    """The id of a ticket that was opened for a bad score."""
    make_survey(client, follow_up=follow_up)
    _, path = asked_about(timed, client, clock)
    place = tell_all(timed, client)
    assert say(timed, path, 1, "Nobody called back").status_code == 303
    tell(timed, client, twice(said(timed, client, place)))
    return str(requests_of(client)[0]["follow_up_ticket_id"])


def test_who_leads_the_team_of_the_queue_is_told_of_a_bad_score_that_nobody_has(
    timed: Desk, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    team, leader = led_team(timed, client)
    queue = make_queue(client, "care", method="manual", team_id=str(team))
    make_agent(timed, client, queue)
    opened = followed_up(timed, client, clock, queue_id=queue["id"])
    pass_time(timed, clock, UNATTENDED_AFTER - timedelta(seconds=1))
    assert facts(timed, client, TicketAlertRaised) == []
    pass_time(timed, clock, timedelta(seconds=1))
    fire_all(timed)
    [told] = facts(timed, client, TicketAlertRaised)
    assert (told.user_id, told.ticket_id, told.source) == (str(leader), opened, "survey")


def test_where_nobody_leads_those_who_serve_the_queue_are_told_of_a_bad_score(
    timed: Desk, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    team, leader = led_team(timed, client)
    queue = make_queue(client, "care", method="manual", team_id=str(team))
    agent = make_agent(timed, client, queue)
    tell_user(timed, client, UserDeactivated(user_id=str(leader)), 2)
    followed_up(timed, client, clock, queue_id=queue["id"])
    pass_time(timed, clock, UNATTENDED_AFTER)
    assert [one.user_id for one in facts(timed, client, TicketAlertRaised)] == [agent["id"]]


@pytest.mark.parametrize("done", ["assigned", "resolved"])
def test_of_a_bad_score_that_somebody_takes_care_of_nobody_is_told(
    timed: Desk, clock: MovableClock, done: str
) -> None:
    client = lasting_app(timed, clock)
    team, _ = led_team(timed, client)
    queue = make_queue(client, "care", method="manual", team_id=str(team))
    opened = {"id": followed_up(timed, client, clock, queue_id=queue["id"])}
    if done == "assigned":
        good(act(client, opened, "assign", assignee_id=str(known_user(timed, client))))
    else:
        good(act(client, opened, "resolve"))
    pass_time(timed, clock, UNATTENDED_AFTER)
    assert facts(timed, client, TicketAlertRaised) == []


def test_nobody_is_asked_about_what_was_opened_for_a_bad_score(
    timed: Desk, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    make_survey(client, follow_up={})
    _, path = asked_about(timed, client, clock)
    say(timed, path, 1)
    place = tell_all(timed, client)
    opened = {"id": requests_of(client)[0]["follow_up_ticket_id"]}
    good(act(client, opened, "resolve"))
    tell_all(timed, client, place)
    assert len(requests_of(client)) == 1


def test_a_score_that_is_corrected_to_a_bad_one_is_followed_up(
    timed: Desk, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    make_survey(client, follow_up={"up_to": 3})
    _, path = asked_about(timed, client, clock)
    say(timed, path, 4)
    place = tell_all(timed, client)
    assert requests_of(client)[0]["follow_up_ticket_id"] is None
    say(timed, path, 3)
    tell_all(timed, client, place)
    assert requests_of(client)[0]["follow_up_ticket_id"] is not None
