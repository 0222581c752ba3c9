"""Pipelines over REST: what makes one sound, and what becomes of those under way when one changes."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.identity.events.v1.tenant_events_pb2 import TenantCreated
from services.sales.tests.builders import (
    OPPORTUNITIES,
    PIPELINES,
    Sales,
    at_once,
    define_pipeline,
    ends,
    good,
    move,
    open_one,
    places,
    refused,
    stage,
)


def test_listing_needs_a_token_and_shows_no_other_tenants(sales: Sales, app: ApiClient) -> None:
    pipeline = define_pipeline(app)
    assert refused(sales.anonymous().get(PIPELINES)) == (401, "token_missing")
    stranger = sales.app_client(sales.new_tenant())
    assert stranger.get(PIPELINES).json["items"] == []
    for path in ("", "/definitions", "/board", "/board/new"):
        assert stranger.get(f"{PIPELINES}/{pipeline['id']}{path}").status_code == 404, path


def test_who_may_read_may_not_define(sales: Sales) -> None:
    reader = sales.app_client(sales.new_tenant(), "sales.pipelines.read")
    body = {"name": {"en": "Sales"}, "stages": [stage("new"), *ends()]}
    assert reader.post(PIPELINES, body).status_code == 403


def test_what_was_defined_is_answered_read_and_listed_alike(app: ApiClient) -> None:
    criterion = {"key": "met", "name": {"en": "Met"}, "kind": "activity", "activity": "meeting"}
    pipeline = define_pipeline(
        app, stage("new", exit_criteria=[criterion], max_days=7), required_roles=["decider"]
    )
    assert app.get(f"{PIPELINES}/{pipeline['id']}").json == pipeline
    assert app.get(PIPELINES).json["items"] == [pipeline]
    assert pipeline["definition"] == 1


@pytest.mark.parametrize(
    ("stages", "wrong"),
    [
        ([*ends(), stage("new")], ("/stages", "first_stage_closed")),
        ([stage("new"), stage("talk"), ends()[0]], ("/stages", "lost_stage_missing")),
        ([stage("new"), stage("new"), *ends()], ("/stages/1/key", "key_repeated")),
        ([stage("new", 100), *ends()], ("/stages/0/probability", "probability_impossible")),
        (
            [stage("new"), {**ends()[0], "max_days": 3}, ends()[1]],
            ("/stages/1", "closed_stage_left"),
        ),
        (
            [
                stage(
                    "new",
                    exit_criteria=[{"key": "a", "name": {"en": "A"}, "kind": "role"}],
                ),
                *ends(),
            ],
            ("/stages/0/exit_criteria/0/role", "criterion_incomplete"),
        ),
    ],
)
def test_a_pipeline_that_nothing_could_go_through_is_refused_where_it_is_wrong(
    app: ApiClient, stages: list[dict[str, Any]], wrong: tuple[str, str]
) -> None:
    answer = app.post(PIPELINES, {"name": {"en": "Sales"}, "stages": stages})
    assert wrong in places(answer)


def test_a_changed_pipeline_leaves_those_under_way_as_they_are(app: ApiClient) -> None:
    pipeline = define_pipeline(app)
    path, under_way = f"{PIPELINES}/{pipeline['id']}", open_one(app, pipeline)
    changed = good(app.patch(path, {"stages": [stage("fresh"), stage("offer", 70), *ends()]}))
    assert changed["definition"] == 2
    # By the definition that it began with, `talk` is still there, and an offer stands at 60 %.
    assert good(move(app, under_way, "talk"))["stage"] == "talk"
    assert good(move(app, under_way, "offer"))["probability"] == 60
    newer = open_one(app, pipeline)
    assert (newer["stage"], newer["definition"]) == ("fresh", 2)
    assert places(move(app, newer, "talk")) == [("/stage", "stage_unknown")]
    numbers = [one["definition"] for one in app.get(f"{path}/definitions").json["items"]]
    assert numbers == [2, 1]


def test_one_under_way_goes_by_the_newest_definition_once_somebody_says_so(app: ApiClient) -> None:
    pipeline = define_pipeline(app)
    one, other = open_one(app, pipeline), open_one(app, pipeline, stage="offer")
    good(
        app.patch(
            f"{PIPELINES}/{pipeline['id']}",
            {"stages": [stage("fresh"), stage("offer", 70), *ends()]},
        )
    )
    adopt = f"{OPPORTUNITIES}/{one['id']}/adopt-definition"
    assert places(app.post(adopt, {})) == [("/stage", "stage_unknown")]
    assert good(app.post(adopt, {"stage": "fresh"}))["definition"] == 2
    kept = good(app.post(f"{OPPORTUNITIES}/{other['id']}/adopt-definition", {}))
    assert (kept["stage"], kept["probability"], kept["entered_at"]) == (
        "offer",
        70,
        other["entered_at"],
    )


def test_two_changes_at_once_make_two_definitions_or_refuse_the_stale_one(app: ApiClient) -> None:
    pipeline = define_pipeline(app)
    path, headers = f"{PIPELINES}/{pipeline['id']}", {"If-Match": f'"{pipeline["version"]}"'}
    calls = [
        lambda name=name: app.patch(path, {"name": {"en": name}}, headers=headers)
        for name in ("One", "Two")
    ]
    assert at_once(*calls) == [200, 412]


def test_an_archived_pipeline_takes_nothing_new_and_lets_the_rest_go_on(app: ApiClient) -> None:
    pipeline = define_pipeline(app)
    path, under_way = f"{PIPELINES}/{pipeline['id']}", open_one(app, pipeline)
    assert app.delete(path).status_code == 204
    body = {"pipeline_id": pipeline["id"], "name": "Late"}
    assert refused(app.post(OPPORTUNITIES, body)) == (409, "pipeline_archived")
    assert good(move(app, under_way, "talk"))["stage"] == "talk"
    good(app.post(f"{path}/restore"))
    assert app.post(OPPORTUNITIES, body).status_code == 201


def test_a_new_tenant_starts_with_a_pipeline(sales: Sales, bus: Bus) -> None:
    tenant = sales.new_tenant()
    app = sales.app_client(tenant)
    bus.say(TenantCreated(tenant_id=str(tenant), name="New"), tenant, tenant)
    (pipeline,) = eventually(lambda: app.get(PIPELINES).json["items"])
    assert open_one(app, pipeline)["stage"] == "new"
