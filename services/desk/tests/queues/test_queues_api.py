"""Queues over REST: what callers can do, what they are refused, and what nobody else sees."""

from __future__ import annotations

from uuid import uuid4

from chassis.testing.client import ApiClient
from rapport.desk.events.v1 import queue_events_pb2 as events
from services.desk.tests.builders import TICKETS, Desk, at_once, facts, good, refused
from services.desk.tests.routing_builders import QUEUES, make_queue


def test_listing_needs_a_token(desk: Desk) -> None:
    assert refused(desk.anonymous().get(QUEUES)) == (401, "token_missing")


def test_who_may_read_may_not_write(desk: Desk) -> None:
    reader = desk.app_client(desk.new_tenant(), "desk.queues.read")
    assert reader.get(QUEUES).json["items"] == []
    body = {"key": "a", "name": {"en": "A"}}
    assert refused(reader.post(QUEUES, body)) == (403, "permission_missing")


def test_another_tenants_queues_are_invisible(desk: Desk, app: ApiClient) -> None:
    queue = make_queue(app)
    path = f"{QUEUES}/{queue['id']}"
    stranger = desk.app_client(desk.new_tenant())
    assert stranger.get(QUEUES).json["items"] == []
    for answer in (
        stranger.get(path),
        stranger.patch(path, {"position": 2}),
        stranger.delete(path),
        stranger.post(f"{path}/restore"),
        stranger.post(f"{path}/pull"),
    ):
        assert refused(answer) == (404, "not_found")
    body = {"subject": "It leaks", "queue_id": queue["id"]}
    assert stranger.post(TICKETS, body).status_code == 422
    assert app.get(path).json == queue


def test_a_queue_is_told_of_and_changed(desk: Desk, app: ApiClient) -> None:
    team = str(uuid4())
    queue = make_queue(app, team_id=team, most_open=3)
    path = f"{QUEUES}/{queue['id']}"
    changed = good(app.patch(path, {"method": "skill", "default_priority": "high"}))
    assert (changed["method"], changed["default_priority"], changed["most_open"]) == (
        "skill",
        "high",
        3,
    )
    created, told = facts(desk, app, events.QueueCreated), facts(desk, app, events.QueueChanged)
    assert [(one.key, one.team_id, one.method) for one in created] == [
        ("billing", team, "least_loaded")
    ]
    assert [one.method for one in told] == ["skill"]


def test_a_change_that_changes_nothing_is_no_change(desk: Desk, app: ApiClient) -> None:
    queue = make_queue(app)
    same = good(app.patch(f"{QUEUES}/{queue['id']}", {"method": queue["method"]}))
    assert same == queue
    assert facts(desk, app, events.QueueChanged) == []


def test_a_key_is_taken_once_be_it_by_two_at_once(app: ApiClient) -> None:
    body = {"key": "repairs", "name": {"en": "Repairs"}}
    statuses = at_once(*[lambda: app.post(QUEUES, body)] * 2)
    assert statuses == [201, 409]
    assert refused(app.post(QUEUES, body)) == (409, "queue_exists")


def test_what_is_archived_takes_no_tickets_until_it_is_restored(app: ApiClient) -> None:
    queue = make_queue(app)
    path, body = f"{QUEUES}/{queue['id']}", {"subject": "It leaks", "queue_id": queue["id"]}
    assert app.delete(path).status_code == 204
    assert app.get(QUEUES).json["items"] == []
    assert len(app.get(f"{QUEUES}?archived=true").json["items"]) == 1
    answer = app.post(TICKETS, body)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "queue_unknown")
    assert good(app.post(f"{path}/restore"))["archived_at"] is None
    assert good(app.post(TICKETS, body))["queue_id"] == queue["id"]


def test_the_general_queue_stays(app: ApiClient) -> None:
    queue = make_queue(app, "general")
    assert refused(app.delete(f"{QUEUES}/{queue['id']}")) == (409, "queue_general")


def test_an_outdated_version_is_refused(app: ApiClient) -> None:
    queue = make_queue(app)
    path = f"{QUEUES}/{queue['id']}"
    stale = {"If-Match": '"0"'}
    assert app.patch(path, {"position": 7}, headers=stale).status_code == 412
    assert good(app.get(path))["position"] == 0


def test_a_tickets_reach_goes_by_the_team_of_its_queue(desk: Desk, app: ApiClient) -> None:
    assert app.tenant_id is not None
    team = uuid4()
    queue = make_queue(app, method="manual", team_id=str(team))
    ticket = good(app.post(TICKETS, {"subject": "It leaks", "queue_id": queue["id"]}))
    grants = {"desk.tickets.read": "own"}
    inside = desk.user_client(app.tenant_id, grants, teams=(team,))
    outside = desk.user_client(app.tenant_id, grants, teams=(uuid4(),))
    assert inside.get(f"{TICKETS}/{ticket['id']}").status_code == 200
    assert refused(outside.get(f"{TICKETS}/{ticket['id']}")) == (404, "not_found")
