"""Whom deadlines of tickets are told to that nobody looks after: who leads the team of the queue (DE-3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from desk.app import timer_runner
from rapport.desk.events.v1.automation_events_pb2 import TicketAlertRaised
from rapport.identity.events.v1.user_events_pb2 import UserSuspended
from services.desk.tests.automating import Hearing, timed_app
from services.desk.tests.builders import Desk, facts, good, open_ticket
from services.desk.tests.conversing import act, reply
from services.desk.tests.promising import CLOCKS, make_level, minutes
from services.desk.tests.routing_builders import (
    known_user,
    led_team,
    make_agent,
    make_queue,
    tell_user,
)


class House:
    """A queue that is handed out by hand, served by an agent of a team that somebody leads."""

    def __init__(self, desk: Desk, clock: MovableClock) -> None:
        self.desk, self.clock = desk, clock
        self.app: ApiClient = timed_app(desk, clock)
        self.hearing = Hearing(desk, self.app)
        self.team, self.leader = led_team(desk, self.app)
        self.queue = make_queue(self.app, method="manual", team_id=str(self.team))
        self.agent: str = make_agent(desk, self.app, self.queue)["id"]

    def open(self, **more: Any) -> dict[str, Any]:
        """A ticket in the queue, in nobody's hands unless said otherwise."""
        return open_ticket(self.app, queue_id=self.queue["id"], **more)

    def pass_by(self, count: int) -> None:
        """So many minutes, with all that follows."""
        self.clock.move(minutes(count))
        self.hearing.pass_by()

    def told(self) -> list[tuple[UUID, str, str]]:
        """Who was told of which ticket, and of which policy."""
        return [
            (UUID(one.user_id), one.ticket_id, one.source_id)
            for one in facts(self.desk, self.app, TicketAlertRaised)
            if one.source == "service_level"
        ]


@pytest.fixture
def house(timed: Desk, clock: MovableClock) -> House:
    """A house in a tenant of its own."""
    return House(timed, clock)


def test_who_leads_the_team_hears_of_deadlines_of_what_nobody_has_once_each(house: House) -> None:
    level = make_level(house.app, warn={"minutes_before": 10})
    ticket = house.open()
    house.pass_by(49)
    assert house.told() == []
    once = (house.leader, ticket["id"], level["id"])
    house.pass_by(1)
    assert house.told() == [once]
    house.pass_by(10)
    assert house.told() == [once, once]
    house.pass_by(10)
    assert house.told() == [once, once]


def test_of_what_somebody_has_or_was_answered_in_time_nobody_else_hears(house: House) -> None:
    make_level(house.app, warn={"minutes_before": 10})
    house.open(assignee_id=house.agent)
    good(reply(house.app, house.open()))
    taken, resolved = house.open(), house.open()
    house.pass_by(49)
    good(act(house.app, taken, "assign", assignee_id=house.agent))
    good(act(house.app, resolved, "resolve"))
    house.pass_by(60)
    assert house.told() == []


def test_who_is_handed_a_ticket_when_its_deadline_has_passed_hears_alone(house: House) -> None:
    chief = known_user(house.desk, house.app)
    make_level(house.app, escalation={"assignee_id": str(chief)})
    house.open()
    house.pass_by(60)
    assert house.told() == []


def test_who_leads_the_queue_that_a_late_ticket_is_moved_to_hears(house: House) -> None:
    team, chief = led_team(house.desk, house.app)
    late = make_queue(house.app, "late", method="manual", team_id=str(team))
    make_level(house.app, escalation={"queue_id": late["id"]})
    house.open()
    house.pass_by(60)
    assert [user for user, *_ in house.told()] == [chief]


def test_where_nobody_leads_who_may_sign_in_nobody_hears_of_each_deadline(house: House) -> None:
    make_level(house.app, warn={"minutes_before": 10})
    tell_user(house.desk, house.app, UserSuspended(user_id=str(house.leader)), 2)
    house.open()
    house.pass_by(60)
    assert house.told() == []


def test_deadlines_of_what_nobody_has_are_listed_by_themselves(house: House) -> None:
    make_level(house.app)
    house.open(assignee_id=house.agent)
    waiting = house.open()
    path = f"{CLOCKS}?target=first_response&assigned=false"
    soon = good(house.app.get(path))["items"]
    assert [one["ticket_id"] for one in soon] == [waiting["id"]]
    good(act(house.app, waiting, "assign", assignee_id=house.agent))
    assert good(house.app.get(path))["items"] == []


def test_two_who_fire_the_same_timers_tell_of_a_deadline_once(house: House) -> None:
    make_level(house.app)
    house.open()
    house.clock.move(minutes(60))
    runners = [timer_runner(house.desk.service) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: one.run_due(), runners))
    house.hearing.pass_by()
    assert [user for user, *_ in house.told()] == [house.leader]
