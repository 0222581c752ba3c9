"""How many leads were converted, credited to what, and how soon somebody turned to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from services.sales.tests.builders import (
    ACTIVITIES,
    LEADS,
    Sales,
    at_once,
    capture,
    define_pipeline,
    good,
)
from services.sales.tests.counting import differing, tell_all
from services.sales.tests.lead_conversions.conftest import app, asking, customers

__all__ = ["app", "asking", "customers"]
CONVERSIONS = "/v1/sales/analytics/lead-conversions"


def captured(client: ApiClient, campaign: str) -> dict[str, Any]:
    """A lead of a campaign, whom nobody else is."""
    return capture(client, email=f"{uuid4()}@engines.example", campaign=campaign, source="web")


def call(client: ApiClient, lead: dict[str, Any]) -> None:
    """Call a lead."""
    body = {"kind": "call", "subject": "Say hello", "lead_id": lead["id"]}
    one = good(client.post(ACTIVITIES, body))
    good(client.post(f"{ACTIVITIES}/{one['id']}/complete", {}))


def test_conversions_credits_and_first_contact_are_as_worked_out_by_hand(
    asking: Sales, app: ApiClient, database: TestDatabase, clock: MovableClock
) -> None:
    define_pipeline(app)
    clock.move(datetime(clock.now().year + 1, 1, 5, tzinfo=UTC) - clock.now())
    year = clock.now().year
    spring, other, _nobody = (captured(app, "spring") for _ in range(3))
    captured(app, "")
    clock.move(timedelta(hours=2))
    call(app, spring)
    clock.move(timedelta(hours=2))
    call(app, other)
    # The summer campaign has turned this lead, which spring had brought.
    touch = {"kind": "mail", "campaign": "summer", "source": "web", "at": clock.now().isoformat()}
    good(app.post(f"{LEADS}/{other['id']}/touches", touch))
    clock.move(timedelta(days=40))
    for lead in (spring, other):
        good(app.post(f"{LEADS}/{lead['id']}/convert", {}))
    tell_all(asking, database, app)
    assert differing(app) == {}
    report = good(app.get(f"{CONVERSIONS}?period={year}-01&by=campaign"))
    assert report["total"] == {
        "leads": 4,
        "converted": 2,
        "conversion_rate": "0.5000",
        "contacted": 2,
        "hours_to_first_contact": {
            "count": 2,
            "mean": "3.0000",
            "median": "3.0000",
            "p90": "3.8000",
        },
        "credited": 2,
    }
    groups = {one["key"]: one for one in report["groups"]}
    told = {
        key: (one["leads"], one["converted"], one["conversion_rate"], one["credited"])
        for key, one in groups.items()
    }
    assert told == {
        "spring": (3, 2, "0.6667", 1),
        "summer": (0, 0, None, 1),
        None: (1, 0, "0.0000", 0),
    }
    # A lead counts for the period of its capture, whenever it was converted.
    assert good(app.get(f"{CONVERSIONS}?period={year}-02"))["total"]["leads"] == 0


def test_who_is_converted_twice_at_once_counts_once(
    asking: Sales, app: ApiClient, database: TestDatabase, clock: MovableClock
) -> None:
    define_pipeline(app)
    lead = captured(app, "spring")
    path = f"{LEADS}/{lead['id']}/convert"
    assert at_once(*[lambda: app.post(path, {})] * 4) == [200] * 4
    tell_all(asking, database, app)
    tell_all(asking, database, app)
    total = good(app.get(f"{CONVERSIONS}?period={clock.now().year}"))["total"]
    assert (total["leads"], total["converted"]) == (1, 1)
