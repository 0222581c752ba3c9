"""Service levels, calendars and promises, made over REST; and the time, passed step by step."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from desk.app import timer_runner
from services.desk.tests.builders import TICKETS, Desk, good

CALENDARS = "/v1/desk/business-calendars"
LEVELS = "/v1/desk/service-levels"
CLOCKS = "/v1/desk/clocks"
ATTAINMENT = "/v1/desk/attainment"
PROMISES = "/v1/desk/promises"
PROMISES_KEPT = "/v1/desk/promises-kept"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ALWAYS = {day: [{"opens": "00:00", "closes": "24:00"}] for day in WEEKDAYS}
OFFICE = {day: [{"opens": "09:00", "closes": "18:00"}] for day in WEEKDAYS[:5]}


def minutes(count: int) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=count)


def alike(count: int) -> dict[str, int]:
    """The same number of minutes for every priority."""
    return dict.fromkeys(("low", "normal", "high", "urgent"), count)


def make_level(client: ApiClient, **more: Any) -> dict[str, Any]:
    """A policy: first response in an hour, resolution in eight, unless said otherwise."""
    body = {"name": "Hours", "first_response": alike(60), "resolution": alike(480), **more}
    return good(client.post(LEVELS, body))


def make_calendar(client: ApiClient, **more: Any) -> dict[str, Any]:
    """A calendar that is open at office hours in Taipei, unless said otherwise."""
    return good(
        client.post(
            CALENDARS,
            {"name": "Office", "time_zone": "Asia/Taipei", "week": OFFICE, **more},
        )
    )


def fire_all(desk: Desk) -> None:
    """Fire what is due by the service's own clock, and what follows from it at once."""
    runner = timer_runner(desk.service)
    while runner.run_due() == 0:
        pass


def pass_time(desk: Desk, clock: MovableClock, by: timedelta) -> None:
    """Move the clock, and fire what is due by then."""
    clock.move(by)
    fire_all(desk)


def clocks_of(client: ApiClient, ticket: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The clocks of a ticket by their target; of next responses the last."""
    answer = good(client.get(f"{TICKETS}/{ticket['id']}/clocks"))
    found: dict[str, dict[str, Any]] = {}
    for one in answer["items"]:
        found.setdefault(one["target"], one)
    return found


def at(text: str | None) -> datetime | None:
    """An instant of an answer."""
    return None if text is None else datetime.fromisoformat(text)


def promise(client: ApiClient, ticket: dict[str, Any], due_at: datetime, **more: Any) -> Any:
    """Promise the customer of a ticket to be in touch."""
    body = {"due_at": due_at.isoformat(), **more}
    return client.post(f"{TICKETS}/{ticket['id']}/promises", body)
