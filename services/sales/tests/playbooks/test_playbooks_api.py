"""Playbooks over REST: what they put in place when an opportunity enters a stage, and how often."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import activity_events_pb2 as events
from services.sales.tests.builders import (
    ACTIVITIES,
    PLAYBOOKS,
    Sales,
    at_once,
    define_pipeline,
    facts,
    fire,
    good,
    lasting_app,
    move,
    open_one,
    places,
    refused,
)

STEPS: list[dict[str, Any]] = [
    {"key": "call", "kind": "call", "subject": "Call them", "due_after_hours": 24},
    {"key": "visit", "kind": "visit", "subject": "Visit them"},
]


def define(app: ApiClient, pipeline: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A playbook for the stage `talk`."""
    body = {"name": {"en": "Talk"}, "pipeline_id": pipeline["id"], "stage": "talk", "steps": STEPS}
    return good(app.post(PLAYBOOKS, {**body, **more}))


def planned(app: ApiClient, one: dict[str, Any]) -> list[dict[str, Any]]:
    """What is planned for an opportunity, by subject."""
    found = app.get(f"{ACTIVITIES}?opportunity_id={one['id']}").json["items"]
    return sorted(found, key=lambda activity: str(activity["subject"]))


def test_listing_needs_a_token_and_shows_no_other_tenants(sales: Sales, app: ApiClient) -> None:
    playbook = define(app, define_pipeline(app))
    assert refused(sales.anonymous().get(PLAYBOOKS)) == (401, "token_missing")
    stranger = sales.app_client(sales.new_tenant())
    assert stranger.get(PLAYBOOKS).json["items"] == []
    assert stranger.get(f"{PLAYBOOKS}/{playbook['id']}").status_code == 404


def test_who_may_read_may_not_define(sales: Sales, app: ApiClient) -> None:
    pipeline = define_pipeline(app)
    assert app.tenant_id is not None
    reader = sales.app_client(app.tenant_id, "sales.playbooks.read")
    body = {"name": {"en": "A"}, "pipeline_id": pipeline["id"], "stage": "talk", "steps": STEPS}
    assert reader.post(PLAYBOOKS, body).status_code == 403


def test_entering_the_stage_plans_its_steps_for_the_owner_once_for_each_entry(
    sales: Sales, app: ApiClient
) -> None:
    pipeline, owner = define_pipeline(app), str(uuid4())
    playbook = define(app, pipeline)
    one = open_one(app, pipeline, owner_id=owner)
    assert planned(app, one) == []
    good(move(app, one, "talk"))
    call, visit = planned(app, one)
    assert (call["playbook_id"], call["playbook_step"]) == (playbook["id"], "call")
    assert (call["owner_id"], visit["due_at"]) == (owner, None)
    good(move(app, one, "offer"))
    good(move(app, one, "talk"))
    assert len(planned(app, one)) == 4
    assert len(facts(sales, app, events.ActivityPlanned)) == 4


def test_two_who_move_it_at_the_same_time_plan_its_steps_once(app: ApiClient) -> None:
    pipeline = define_pipeline(app)
    define(app, pipeline)
    one = open_one(app, pipeline)
    assert at_once(*[lambda: move(app, one, "talk")] * 3) == [200, 409, 409]
    assert len(planned(app, one)) == 2


def test_steps_are_due_and_reminded_of_by_the_time_of_the_entry(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    pipeline = define_pipeline(app)
    define(app, pipeline, stage="new", steps=[{**STEPS[0], "remind_hours_before": 4}])
    one = open_one(app, pipeline)
    (call,) = planned(app, one)
    due, entered = (datetime.fromisoformat(t) for t in (call["due_at"], one["entered_at"]))
    assert due - entered == timedelta(hours=24)
    clock.move(timedelta(hours=19))
    fire(timed)
    assert facts(timed, app, events.ActivityReminderReached) == []
    clock.move(timedelta(hours=1))
    fire(timed)
    assert len(facts(timed, app, events.ActivityReminderReached)) == 1


def test_what_is_archived_or_changed_puts_nothing_old_in_place(app: ApiClient) -> None:
    pipeline = define_pipeline(app)
    path = f"{PLAYBOOKS}/{define(app, pipeline)['id']}"
    good(app.patch(path, {"steps": STEPS[:1]}))
    first, second = open_one(app, pipeline), open_one(app, pipeline)
    good(move(app, first, "talk"))
    assert [one["subject"] for one in planned(app, first)] == ["Call them"]
    assert app.delete(path).status_code == 204
    assert refused(app.patch(path, {"steps": STEPS})) == (409, "playbook_archived")
    good(move(app, second, "talk"))
    assert planned(app, second) == []
    assert good(app.post(f"{path}/restore"))["archived_at"] is None


def test_a_playbook_for_no_stage_and_with_senseless_steps_is_refused(app: ApiClient) -> None:
    pipeline = define_pipeline(app)
    body = {"name": {"en": "A"}, "pipeline_id": pipeline["id"], "stage": "talk", "steps": STEPS}
    won = app.post(PLAYBOOKS, {**body, "stage": "won"})
    assert places(won) == [("/stage", "stage_unknown")]
    nowhere = app.post(PLAYBOOKS, {**body, "pipeline_id": str(uuid4())})
    assert places(nowhere) == [("/pipeline_id", "pipeline_unknown")]
    steps = [STEPS[0], {**STEPS[1], "key": "call", "remind_hours_before": 1}]
    assert places(app.post(PLAYBOOKS, {**body, "steps": steps})) == [
        ("/steps/1/key", "key_repeated"),
        ("/steps/1/remind_hours_before", "due_missing"),
    ]
