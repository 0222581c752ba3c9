"""Routing settings over REST: who is valuable, and what becomes of the tickets of who is away."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.testing.client import ApiClient
from rapport.desk.events.v1 import routing_events_pb2 as events
from services.desk.tests.builders import Desk, at_once, facts, good, places, refused
from services.desk.tests.routing_builders import SETTINGS

CHOSEN = {
    "waiting_tickets": "go",
    "away_minutes": None,
    "offline_minutes": 0,
    "valuable": [
        {"tiers": ["gold"], "least_value": None, "raise_to": "high"},
        {
            "tiers": [],
            "least_value": {"amount": "50000.00", "currency": "TWD"},
            "raise_to": "urgent",
        },
    ],
}


def without_version(settings: dict[str, Any]) -> dict[str, Any]:
    """What was chosen."""
    return {name: value for name, value in settings.items() if name != "version"}


def test_reading_needs_a_token_and_writing_a_permission(desk: Desk) -> None:
    assert refused(desk.anonymous().get(SETTINGS)) == (401, "token_missing")
    reader = desk.app_client(desk.new_tenant(), "desk.routing_settings.read")
    assert good(reader.get(SETTINGS))["waiting_tickets"] == "stay"
    assert refused(reader.put(SETTINGS, {})) == (403, "permission_missing")


def test_what_is_chosen_is_told_of_and_is_the_tenants_own(desk: Desk, app: ApiClient) -> None:
    before = good(app.get(SETTINGS))
    assert (before["version"], before["away_minutes"], before["offline_minutes"]) == (0, 30, None)
    assert without_version(good(app.put(SETTINGS, CHOSEN))) == CHOSEN
    assert without_version(good(app.get(SETTINGS))) == CHOSEN
    stranger = desk.app_client(desk.new_tenant())
    assert good(stranger.get(SETTINGS)) == before
    (told,) = facts(desk, app, events.RoutingSettingsChanged)
    assert (told.waiting_tickets, told.thresholds) == ("go", 2)


def test_choosing_the_same_changes_nothing(desk: Desk, app: ApiClient) -> None:
    versions = [good(app.put(SETTINGS, CHOSEN))["version"] for _ in range(2)]
    assert versions == [1, 1]
    assert len(facts(desk, app, events.RoutingSettingsChanged)) == 1


@pytest.mark.parametrize(
    ("money", "code"),
    [
        ({"amount": "-1.00", "currency": "TWD"}, "amount_negative"),
        ({"amount": "1.00", "currency": "XXQ"}, "currency_unknown"),
    ],
)
def test_money_that_cannot_be_is_pointed_at(
    app: ApiClient, money: dict[str, str], code: str
) -> None:
    body = {"valuable": [{"least_value": money, "raise_to": "high"}]}
    ((pointer, found),) = places(app.put(SETTINGS, body))
    assert pointer.startswith("/valuable/0/least_value")
    assert found == code


def test_two_at_once_take_turns(app: ApiClient) -> None:
    bodies = ({"away_minutes": 5}, {"away_minutes": 6})
    assert at_once(*[lambda body=body: app.put(SETTINGS, body) for body in bodies]) == [200, 200]
    assert good(app.get(SETTINGS))["version"] == 2
