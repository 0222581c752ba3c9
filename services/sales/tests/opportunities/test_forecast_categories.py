"""How opportunities count in forecasts: by their stage, unless they say otherwise (SA-13)."""

from __future__ import annotations

from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import opportunity_events_pb2 as events
from services.sales.tests.builders import (
    OPPORTUNITIES,
    PIPELINES,
    Sales,
    define_pipeline,
    define_reason,
    ends,
    facts,
    good,
    move,
    open_one,
    places,
    stage,
)


def test_the_stage_says_how_an_opportunity_counts_unless_it_says_so_itself(
    sales: Sales, app: ApiClient
) -> None:
    pipeline = define_pipeline(
        app, stage("new"), stage("offer", 60, forecast_category="best_case"), stage("sure", 90)
    )
    one = open_one(app, pipeline)
    path = f"{OPPORTUNITIES}/{one['id']}"
    assert (one["forecasts_as"], one["forecast_category"]) == ("pipeline", None)
    assert good(move(app, one, "offer"))["forecasts_as"] == "best_case"
    said = good(app.patch(path, {"forecast_category": "commit"}))
    assert (said["forecasts_as"], said["forecast_category"]) == ("commit", "commit")
    # What the owner has said goes along to another stage, until it is taken back.
    assert good(move(app, one, "sure"))["forecasts_as"] == "commit"
    assert good(app.patch(path, {"forecast_category": None}))["forecasts_as"] == "pipeline"
    assert app.get(OPPORTUNITIES).json["items"][0]["forecasts_as"] == "pipeline"
    told = facts(sales, app, events.OpportunityChanged)
    assert [list(fact.changed_fields) for fact in told] == [["forecast_category"]] * 2
    assert [fact.opportunity.forecast_category for fact in told] == ["commit", "pipeline"]


def test_what_is_closed_counts_by_how_it_ended(app: ApiClient) -> None:
    define_reason(app, "loss", "price")
    pipeline = define_pipeline(app, stage("new", forecast_category="commit"))
    won, lost = open_one(app, pipeline), open_one(app, pipeline)
    assert good(move(app, won, "won"))["forecasts_as"] == "closed"
    path = f"{OPPORTUNITIES}/{lost['id']}"
    assert good(app.post(f"{path}/lose", {"reason": "price"}))["forecasts_as"] == "omitted"
    assert good(app.post(f"{path}/reopen", {}))["forecasts_as"] == "commit"


def test_another_definition_brings_its_own_category(app: ApiClient) -> None:
    pipeline = define_pipeline(app, stage("new"))
    one = open_one(app, pipeline)
    stages = [stage("new", forecast_category="commit"), *ends()]
    good(app.patch(f"{PIPELINES}/{pipeline['id']}", {"stages": stages}))
    path = f"{OPPORTUNITIES}/{one['id']}"
    assert app.get(path).json["forecasts_as"] == "pipeline"
    assert good(app.post(f"{path}/adopt-definition", {}))["forecasts_as"] == "commit"


def test_a_category_that_there_is_not_is_refused(app: ApiClient) -> None:
    one = open_one(app, define_pipeline(app))
    answer = app.patch(f"{OPPORTUNITIES}/{one['id']}", {"forecast_category": "closed"})
    assert answer.status_code == 422
    assert places(answer)[0][0] == "/forecast_category"
