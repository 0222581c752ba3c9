"""Playbooks that begin when a lead fits conditions: which activities they plan, once (SA-8)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.sales.events.v1 import activity_events_pb2 as events
from services.sales.tests.builders import (
    ACTIVITIES,
    LEADS,
    PLAYBOOKS,
    Sales,
    at_once,
    capture,
    define_pipeline,
    facts,
    fire,
    good,
    lasting_app,
    places,
    refused,
)

STEPS: list[dict[str, Any]] = [
    {
        "key": "call",
        "kind": "call",
        "subject": "Call them",
        "due_after_hours": 24,
        "remind_hours_before": 2,
    },
    {"key": "brochure", "kind": "mail", "subject": "Send the brochure"},
]
FAIR = {"field": "source", "comparison": "is", "values": ["Fair"]}
LARGE = {"field": "company_size", "comparison": "at_least", "number": 100}


@pytest.fixture
def app(timed: Sales, clock: MovableClock) -> ApiClient:
    """An external app with every permission, in a tenant of its own, whose timers the test fires."""
    return lasting_app(timed, clock)


def define(app: ApiClient, *conditions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A playbook for leads."""
    body = {"name": {"en": "Fair"}, "lead_conditions": list(conditions), "steps": STEPS, **more}
    return good(app.post(PLAYBOOKS, body))


def planned(app: ApiClient, lead: dict[str, Any]) -> list[dict[str, Any]]:
    """What is planned about a lead, by subject."""
    found = app.get(f"{ACTIVITIES}?lead_id={lead['id']}").json["items"]
    return sorted(found, key=lambda activity: str(activity["subject"]))


def test_a_lead_that_fits_all_conditions_gets_its_activities(
    timed: Sales, app: ApiClient, clock: MovableClock
) -> None:
    playbook = define(app, FAIR, LARGE)
    assert (playbook["pipeline_id"], playbook["lead_conditions"][0]["values"]) == (None, ["Fair"])
    owner = str(uuid4())
    fits = capture(app, source="fair", company_size=200, owner_id=owner)
    others = [
        capture(app, source="web", company_size=200),
        capture(app, source="fair", company_size=2),
        capture(app, source="fair"),
    ]
    fire(timed)
    call, brochure = planned(app, fits)
    assert (call["kind"], call["owner_id"], brochure["due_at"]) == ("call", owner, None)
    assert (call["playbook_id"], call["playbook_step"]) == (playbook["id"], "call")
    due_at, remind_at = (datetime.fromisoformat(call[name]) for name in ("due_at", "remind_at"))
    assert due_at - remind_at == timedelta(hours=2)
    # A worker of another fixture may have been first, by a clock that goes on.
    assert abs(due_at - clock.now() - timedelta(hours=24)) < timedelta(minutes=10)
    assert [planned(app, one) for one in others] == [[], [], []]
    (told,) = facts(timed, app, events.PlaybookDefined)
    assert (told.for_leads, told.pipeline_id, list(told.steps)) == (True, "", ["call", "brochure"])


def test_it_begins_once_however_often_and_by_however_many_the_lead_is_changed(
    timed: Sales, app: ApiClient
) -> None:
    define(app, LARGE)
    lead = capture(app)
    path = f"{LEADS}/{lead['id']}"
    changes = [lambda n=n: app.patch(path, {"company_size": 100 + n}) for n in range(4)]
    assert at_once(*changes) == [200] * 4
    assert at_once(*[lambda: _fired(timed, app, path)] * 3) == [200] * 3
    assert len(planned(app, lead)) == 2
    good(app.patch(path, {"company_size": 1}))
    good(app.patch(path, {"company_size": 500}))
    fire(timed)
    assert len(planned(app, lead)) == 2


def _fired(timed: Sales, app: ApiClient, path: str) -> Any:
    fire(timed)
    return app.get(path)


def test_a_lead_that_no_longer_fits_or_is_put_away_when_it_would_begin_gets_nothing(
    timed: Sales, app: ApiClient
) -> None:
    define(app, LARGE)
    changed, archived = (capture(app, company_size=200) for _ in range(2))
    good(app.patch(f"{LEADS}/{changed['id']}", {"company_size": 2}))
    app.delete(f"{LEADS}/{archived['id']}")
    fire(timed)
    assert (planned(app, changed), planned(app, archived)) == ([], [])


def test_what_time_alone_makes_of_a_lead_begins_a_playbook_too(
    timed: Sales, app: ApiClient, clock: MovableClock
) -> None:
    define(app, {"field": "recycled", "comparison": "at_least", "number": 1})
    rule = {"key": "back", "name": {"en": "Back"}, "action": "recycle"}
    good(app.put("/v1/sales/lead-freshness", {"rules": [rule]}))
    lead = capture(app, owner_id=str(uuid4()))
    fire(timed)
    assert planned(app, lead) == []
    clock.move(timedelta(days=365))
    fire(timed)
    assert len(planned(app, lead)) == 2


def test_an_archived_playbook_begins_nothing_and_a_changed_one_as_it_is_now(
    timed: Sales, app: ApiClient
) -> None:
    playbook = define(app, FAIR)
    app.delete(f"{PLAYBOOKS}/{playbook['id']}")
    before = capture(app, source="fair")
    fire(timed)
    assert planned(app, before) == []
    good(app.post(f"{PLAYBOOKS}/{playbook['id']}/restore"))
    change = {"lead_conditions": [LARGE], "steps": STEPS[1:]}
    good(app.patch(f"{PLAYBOOKS}/{playbook['id']}", change))
    fair, large = capture(app, source="fair"), capture(app, company_size=300)
    fire(timed)
    # The service by the real clock may have begun with it before.
    eventually(lambda: [one["subject"] for one in planned(app, large)] == ["Send the brochure"])
    assert planned(app, fair) == []


def test_a_playbook_begins_with_a_stage_or_with_leads_and_not_with_both_or_neither(
    app: ApiClient,
) -> None:
    pipeline = define_pipeline(app)["id"]
    body = {"name": {"en": "Fair"}, "steps": STEPS}
    for beginning, wrong in (
        ({}, ("/lead_conditions", "beginning_missing")),
        ({"stage": "talk"}, ("/pipeline_id", "pipeline_missing")),
        ({"pipeline_id": pipeline}, ("/stage", "stage_missing")),
        (
            {"pipeline_id": pipeline, "stage": "talk", "lead_conditions": [FAIR]},
            ("/lead_conditions", "stage_and_leads"),
        ),
        (
            {"lead_conditions": [{"field": "source", "comparison": "at_least", "number": 1}]},
            ("/lead_conditions/0/comparison", "comparison_impossible"),
        ),
    ):
        answer = app.post(PLAYBOOKS, {**body, **beginning})
        assert (answer.status_code, places(answer)) == (422, [wrong])
    playbook = define(app, FAIR)
    answer = app.patch(f"{PLAYBOOKS}/{playbook['id']}", {"stage": "talk"})
    assert places(answer) == [("/pipeline_id", "pipeline_missing")]


def test_who_may_not_define_playbooks_defines_none_for_leads(timed: Sales, app: ApiClient) -> None:
    assert app.tenant_id is not None
    seller = timed.user_client(
        app.tenant_id, {"sales.leads.*": "all", "sales.playbooks.read": "all"}
    )
    body = {"name": {"en": "Fair"}, "lead_conditions": [FAIR], "steps": STEPS}
    assert refused(seller.post(PLAYBOOKS, body)) == (403, "permission_missing")
