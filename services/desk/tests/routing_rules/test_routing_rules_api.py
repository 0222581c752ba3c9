"""Routing rules over REST: what administrators can say, what they are refused, and what nobody else sees."""

from __future__ import annotations

from uuid import uuid4

import pytest

from chassis.testing.client import ApiClient
from rapport.desk.events.v1 import routing_events_pb2 as events
from services.desk.tests.builders import Desk, at_once, facts, good, places, refused
from services.desk.tests.routing_builders import QUEUES, RULES, make_queue, make_rule


def test_listing_needs_a_token(desk: Desk) -> None:
    assert refused(desk.anonymous().get(RULES)) == (401, "token_missing")


def test_who_may_read_may_not_write(desk: Desk) -> None:
    reader = desk.app_client(desk.new_tenant(), "desk.routing_rules.read")
    assert reader.get(RULES).json["items"] == []
    assert reader.post(RULES, {"name": {"en": "R"}}).status_code == 403


def test_another_tenants_rules_are_invisible(desk: Desk, app: ApiClient) -> None:
    rule = make_rule(app)
    path = f"{RULES}/{rule['id']}"
    stranger = desk.app_client(desk.new_tenant())
    assert stranger.get(RULES).json["items"] == []
    for answer in (
        stranger.get(path),
        stranger.patch(path, {"position": 1}),
        stranger.delete(path),
        stranger.post(f"{path}/restore"),
    ):
        assert refused(answer) == (404, "not_found")
    queue = make_queue(app)
    body = {"name": {"en": "R"}, "queue_id": queue["id"]}
    assert places(stranger.post(RULES, body)) == [("/queue_id", "queue_unknown")]


def test_rules_stand_in_their_order_and_are_told_of(desk: Desk, app: ApiClient) -> None:
    queue = make_queue(app)
    first = make_rule(app, 'type == "incident"', queue_id=queue["id"], raise_priority_to="high")
    second = make_rule(app)
    third = make_rule(app, position=0)
    assert [one["position"] for one in (first, second, third)] == [0, 1, 0]
    listed = app.get(RULES).json["items"]
    assert [one["id"] for one in listed] == [first["id"], third["id"], second["id"]]
    told = facts(desk, app, events.RoutingRuleDefined)[0]
    assert (told.queue_id, told.raise_priority_to) == (queue["id"], "high")


@pytest.mark.parametrize(
    "condition", ["tier ==", "nothing == 1", "value", 'tier > 3 || "a"', "x" * 1001]
)
def test_a_condition_that_is_none_is_pointed_at(app: ApiClient, condition: str) -> None:
    answer = app.post(RULES, {"name": {"en": "R"}, "condition": condition})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/condition"


def test_what_cannot_be_is_refused(app: ApiClient) -> None:
    skill = {"key": "a", "level": 1}
    twice = app.post(RULES, {"name": {"en": "R"}, "skills": [skill, skill]})
    assert places(twice) == [("/skills", "skill_repeated")]
    nowhere = app.post(RULES, {"name": {"en": "R"}, "queue_id": str(uuid4())})
    assert places(nowhere) == [("/queue_id", "queue_unknown")]
    assert app.post(RULES, {"name": {"en": "R"}, "position": 2**31}).status_code == 422


def test_what_is_changed_is_checked_anew(desk: Desk, app: ApiClient) -> None:
    queue, rule = make_queue(app), make_rule(app, "true")
    path = f"{RULES}/{rule['id']}"
    changed = good(app.patch(path, {"queue_id": queue["id"], "owner_first": True}))
    assert (changed["queue_id"], changed["condition"]) == (queue["id"], "true")
    assert places(app.patch(path, {"condition": "1"}))[0][0] == "/condition"
    assert app.delete(f"{QUEUES}/{queue['id']}").status_code == 204
    assert good(app.patch(path, {"owner_first": False}))["queue_id"] == queue["id"]
    assert len(facts(desk, app, events.RoutingRuleDefined)) == 3


def test_what_is_archived_is_tried_no_more_until_it_is_restored(app: ApiClient) -> None:
    rule = make_rule(app)
    path = f"{RULES}/{rule['id']}"
    assert app.delete(path).status_code == 204
    assert app.delete(path).status_code == 204
    assert app.get(RULES).json["items"] == []
    assert good(app.post(f"{path}/restore"))["archived_at"] is None
    assert len(app.get(RULES).json["items"]) == 1


def test_of_two_who_change_one_version_at_once_one_does(app: ApiClient) -> None:
    rule = make_rule(app)
    path, headers = f"{RULES}/{rule['id']}", {"If-Match": '"1"'}
    changes = [
        lambda position=position: app.patch(path, {"position": position}, headers=headers)
        for position in (5, 6)
    ]
    assert at_once(*changes) == [200, 412]
