"""The board: columns with sums, pages by key, and stages that only older definitions have."""

from __future__ import annotations

from typing import Any

from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from services.sales.tests.builders import (
    PIPELINES,
    choose_base,
    define_pipeline,
    ends,
    good,
    open_one,
    refused,
    stage,
)
from services.sales.tests.plans import plan_among_many


def board(client: ApiClient, pipeline: dict[str, Any], query: str = "") -> dict[str, Any]:
    """The columns of a board by stage."""
    answer = good(client.get(f"{PIPELINES}/{pipeline['id']}/board{query}"))
    return {column["stage"]: column for column in answer["columns"]}


def test_columns_sum_up_in_the_base_currency(app: ApiClient) -> None:
    choose_base(app)
    pipeline = define_pipeline(app)
    for amount in ("100.00", "50.10"):
        open_one(app, pipeline, stage="talk", amount={"amount": amount, "currency": "TWD"})
    open_one(app, pipeline, stage="talk")
    columns = board(app, pipeline)
    assert list(columns) == ["new", "talk", "offer"]
    talk = columns["talk"]
    assert (talk["opportunities"], talk["amount"]["amount"]) == (3, "150.10")
    assert talk["weighted"] == {"amount": "60.04", "currency": "TWD"}
    assert columns["new"]["amount"]["amount"] == "0.00"


def test_pages_of_a_column_go_on_where_the_board_ends(app: ApiClient) -> None:
    pipeline = define_pipeline(app)
    opened = [open_one(app, pipeline)["id"] for _ in range(5)]
    column = board(app, pipeline, "?page_size=2")["new"]
    found = [card["id"] for card in column["items"]]
    path, token = f"{PIPELINES}/{pipeline['id']}/board/new", column["next_page_token"]
    while token:
        # What comes in meanwhile is newer, and moves no page.
        open_one(app, pipeline)
        page = good(app.get(f"{path}?page_size=2&page_token={token}"))
        found += [card["id"] for card in page["items"]]
        token = page["next_page_token"]
    assert found == opened[::-1]


def test_a_token_holds_for_its_own_column_alone(app: ApiClient) -> None:
    pipeline = define_pipeline(app)
    for _ in range(2):
        open_one(app, pipeline)
    token = board(app, pipeline, "?page_size=1")["new"]["next_page_token"]
    path = f"{PIPELINES}/{pipeline['id']}/board"
    assert refused(app.get(f"{path}/talk?page_token={token}")) == (400, "page_token_invalid")
    assert refused(app.get(f"{path}/new?page_token=x")) == (400, "page_token_invalid")


def test_a_stage_of_an_older_definition_is_shown_while_something_is_in_it(app: ApiClient) -> None:
    pipeline = define_pipeline(app)
    open_one(app, pipeline, stage="talk")
    good(
        app.patch(
            f"{PIPELINES}/{pipeline['id']}", {"stages": [stage("new"), stage("offer"), *ends()]}
        )
    )
    columns = board(app, pipeline)
    assert list(columns) == ["new", "offer", "talk"]
    assert (columns["talk"]["opportunities"], columns["talk"]["name"]) == (1, None)


def test_sums_and_cards_come_from_the_index_of_the_board(
    database: TestDatabase, app: ApiClient
) -> None:
    pipeline = define_pipeline(app)
    like = {"tenant_id": app.tenant_id, "id": open_one(app, pipeline)["id"]}
    plan = plan_among_many(
        database,
        "opportunities",
        like,
        # One in a hundred is in the stage of a card that is open.
        "'state', CASE WHEN mod(n, 100) = 0 THEN 'open' ELSE 'lost' END",
        "SELECT stage, count(*), sum(base_amount) FROM opportunities WHERE tenant_id = %(tenant_id)s"
        " AND pipeline_id = %(pipeline_id)s AND state = 'open' GROUP BY stage",
        {**like, "pipeline_id": pipeline["id"]},
    )
    assert "Index Only Scan using opportunities_board" in plan
