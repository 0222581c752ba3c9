"""Opportunities over REST: opened, moved against criteria, won, lost, and reopened."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import opportunity_events_pb2 as events
from services.sales.tests.builders import (
    OPPORTUNITIES,
    RATES,
    Sales,
    at_once,
    choose_base,
    define_pipeline,
    define_reason,
    facts,
    fire,
    good,
    lasting_app,
    move,
    open_one,
    places,
    refused,
    stage,
)

DOLLARS = {"amount": "1000.00", "currency": "USD"}


def test_listing_needs_a_token(sales: Sales) -> None:
    assert refused(sales.anonymous().get(OPPORTUNITIES)) == (401, "token_missing")


def test_who_may_read_may_not_open(sales: Sales, app: ApiClient) -> None:
    pipeline = define_pipeline(app)
    assert app.tenant_id is not None
    reader = sales.app_client(app.tenant_id, "sales.opportunities.read")
    body = {"pipeline_id": pipeline["id"], "name": "A"}
    assert reader.post(OPPORTUNITIES, body).status_code == 403


def test_another_tenants_are_invisible(sales: Sales, app: ApiClient) -> None:
    one = open_one(app, define_pipeline(app))
    stranger = sales.app_client(sales.new_tenant())
    assert stranger.get(OPPORTUNITIES).json["items"] == []
    for path in ("", "/history", "/coverage", "/people", "/readiness?stage=talk"):
        assert stranger.get(f"{OPPORTUNITIES}/{one['id']}{path}").status_code == 404, path
    assert move(stranger, one, "talk").status_code == 404


def test_reach_decides_whose_are_seen(sales: Sales, app: ApiClient) -> None:
    pipeline, tenant = define_pipeline(app), app.tenant_id
    assert tenant is not None
    grants = {"sales.opportunities.*": "own", "sales.pipelines.read": "all"}
    mine, other = (sales.user_client(tenant, grants, user_id=uuid4()) for _ in range(2))
    one = open_one(mine, pipeline)
    assert [found["id"] for found in mine.get(OPPORTUNITIES).json["items"]] == [one["id"]]
    assert other.get(OPPORTUNITIES).json["items"] == []
    assert move(other, one, "talk").status_code == 404
    board = f"/v1/sales/pipelines/{pipeline['id']}/board"
    counts = [client.get(board).json["columns"][0]["opportunities"] for client in (mine, other)]
    assert counts == [1, 0]


def test_what_was_opened_is_answered_read_and_listed_alike(app: ApiClient) -> None:
    choose_base(app, "USD")
    one = open_one(
        app,
        define_pipeline(app),
        amount=DOLLARS,
        expected_close_on="2030-01-31",
        competitors=[{"name": "Other Beans"}],
    )
    assert app.get(f"{OPPORTUNITIES}/{one['id']}").json == one
    assert app.get(OPPORTUNITIES).json["items"] == [one]
    assert (one["stage"], one["probability"], one["base_amount"]) == ("new", 10, DOLLARS)


def test_opportunities_are_found_as_their_names_begin(app: ApiClient) -> None:
    pipeline = define_pipeline(app)
    first = open_one(app, pipeline, name="Renewal: Grinders")
    open_one(app, pipeline, name="New: Renewal of the bar")

    def found(query: str) -> list[str]:
        return [one["id"] for one in good(app.get(f"{OPPORTUNITIES}?{query}"))["items"]]

    assert found("name[prefix]=Renewal") == [first["id"]]
    assert found("name=Renewal: Grinders") == [first["id"]]
    assert found("name[prefix]=renewal") == []
    assert app.get(f"{OPPORTUNITIES}?name[gte]=A").status_code == 400


def test_an_amount_is_valued_by_the_rate_of_the_day_and_again_when_it_is_won(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    pipeline = define_pipeline(app)
    body = {"pipeline_id": pipeline["id"], "name": "A", "amount": DOLLARS}
    assert refused(app.post(OPPORTUNITIES, body)) == (409, "base_currency_missing")
    choose_base(app, "TWD")
    assert refused(app.post(OPPORTUNITIES, body)) == (409, "exchange_rate_missing")
    today, later = ((clock.now() + timedelta(days=days)).date().isoformat() for days in (0, 10))
    for rate, day in (("31.5", today), ("32", later)):
        good(app.post(RATES, {"currency": "USD", "rate": rate, "valid_from": day}))
    one = good(app.post(OPPORTUNITIES, body))
    assert one["base_amount"] == {"amount": "31500.00", "currency": "TWD"}
    clock.move(timedelta(days=10))
    kept = good(app.patch(f"{OPPORTUNITIES}/{one['id']}", {"source": "fair"}))
    assert (kept["base_amount"], kept["rate"]) == (one["base_amount"], "31.5")
    won = good(move(app, one, "won"))
    assert (won["base_amount"]["amount"], won["valued_on"]) == ("32000.00", later)


def test_a_stage_asks_for_fields_and_every_stage_left_behind_for_its_criteria(
    app: ApiClient,
) -> None:
    choose_base(app)
    criteria = [
        {"key": "who", "name": {"en": "We know who decides"}, "kind": "role", "role": "decider"},
        {"key": "met", "name": {"en": "We met"}, "kind": "activity", "activity": "meeting"},
    ]
    worth = {
        "key": "worth",
        "name": {"en": "Worth it"},
        "kind": "field",
        "field": "amount",
        "at_least": "500",
    }
    pipeline = define_pipeline(
        app,
        stage("new", exit_criteria=criteria),
        stage("talk", exit_criteria=[worth]),
        stage("offer", required_fields=["expected_close_on"]),
    )
    one = open_one(app, pipeline)
    path = f"{OPPORTUNITIES}/{one['id']}"
    answer = move(app, one, "offer")
    assert refused(answer) == (409, "stage_criteria_unmet")
    named = [pointer for pointer, _ in places(answer)]
    assert named == [
        "/stages/new/exit_criteria/who",
        "/stages/new/exit_criteria/met",
        "/stages/talk/exit_criteria/worth",
        "/stages/offer/expected_close_on",
    ]
    ready = good(app.get(f"{path}/readiness?stage=offer"))
    assert not ready["ready"]
    assert [one["pointer"] for one in ready["unmet"]] == named
    good(app.put(f"{path}/people/{uuid4()}", {"roles": ["decider"]}))
    meeting = {"kind": "meeting", "subject": "First talk", "opportunity_id": one["id"]}
    good(app.post("/v1/sales/activities", {**meeting, "done": {"outcome": "good"}}))
    assert good(move(app, one, "talk"))["stage"] == "talk"
    amount = {"amount": "499.99", "currency": "TWD"}
    good(app.patch(path, {"amount": amount, "expected_close_on": "2030-01-01"}))
    assert places(move(app, one, "offer")) == [
        ("/stages/talk/exit_criteria/worth", "criterion_unmet")
    ]
    good(app.patch(path, {"amount": {**amount, "amount": "500"}}))
    assert good(app.get(f"{path}/readiness?stage=offer"))["ready"]
    assert good(move(app, one, "offer"))["stage"] == "offer"
    # Backwards nothing is asked for.
    assert good(move(app, one, "new"))["stage"] == "new"


def test_the_history_tells_every_stage_and_who_moved_it(app: ApiClient) -> None:
    one = open_one(app, define_pipeline(app))
    for to in ("talk", "new", "won"):
        good(move(app, one, to))
    entries = app.get(f"{OPPORTUNITIES}/{one['id']}/history").json["items"]
    assert [entry["stage"] for entry in entries] == ["new", "talk", "new", "won"]
    ends_and_begins = [(a["left_at"], b["entered_at"]) for a, b in pairwise(entries)]
    assert all(left == entered for left, entered in ends_and_begins)
    assert entries[-1]["left_at"] is None
    assert {entry["entered_by"] for entry in entries} == {"client:test-app"}


def test_two_who_move_it_at_the_same_time_move_it_once(sales: Sales, app: ApiClient) -> None:
    one = open_one(app, define_pipeline(app))
    assert at_once(*[lambda: move(app, one, "talk")] * 2) == [200, 409]
    (told,) = facts(sales, app, events.OpportunityMoved)
    assert (told.from_stage, told.opportunity.stage) == ("new", "talk")
    assert len(app.get(f"{OPPORTUNITIES}/{one['id']}/history").json["items"]) == 2


def test_what_is_lost_has_a_reason_and_can_be_opened_again(sales: Sales, app: ApiClient) -> None:
    define_reason(app, "loss", "price")
    one = open_one(app, define_pipeline(app))
    path = f"{OPPORTUNITIES}/{one['id']}"
    assert places(move(app, one, "lost")) == [("/stage", "stage_of_losses")]
    assert places(app.post(f"{path}/lose", {"reason": "x"})) == [("/reason", "reason_unknown")]
    assert refused(app.post(f"{path}/reopen", {})) == (409, "opportunity_open")
    lost = good(app.post(f"{path}/lose", {"reason": "price", "lost_to": "Other Beans"}))
    assert (lost["state"], lost["stage"], lost["loss_reason"]) == ("lost", "lost", "price")
    assert refused(move(app, one, "talk")) == (409, "opportunity_closed")
    again = good(app.post(f"{path}/reopen", {"stage": "talk"}))
    assert (again["state"], again["stage"], again["loss_reason"]) == ("open", "talk", None)
    assert [f.reason for f in facts(sales, app, events.OpportunityLost)] == ["price"]
    assert len(facts(sales, app, events.OpportunityReopened)) == 1


def test_what_was_won_keeps_its_amount(app: ApiClient) -> None:
    choose_base(app, "USD")
    one = open_one(app, define_pipeline(app), amount=DOLLARS)
    good(move(app, one, "won"))
    answer = app.patch(f"{OPPORTUNITIES}/{one['id']}", {"amount": {**DOLLARS, "amount": "1"}})
    assert refused(answer) == (409, "opportunity_closed")


def test_too_long_in_a_stage_is_told_once_for_each_entry(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    one = open_one(app, define_pipeline(app, stage("new", max_days=7), stage("talk", max_days=3)))
    path = f"{OPPORTUNITIES}/{one['id']}"

    def told() -> list[tuple[str, int]]:
        found = facts(timed, app, events.OpportunityStageTimeExceeded)
        return [(fact.opportunity.stage, fact.max_days) for fact in found]

    clock.move(timedelta(days=6))
    fire(timed)
    assert told() == []
    clock.move(timedelta(days=2))
    fire(timed)
    fire(timed)
    assert told() == [("new", 7)]
    assert app.get(path).json["overdue_since"] is not None
    # Moved in time, it is not late; moved back, its time begins anew.
    assert good(move(app, one, "talk"))["overdue_since"] is None
    clock.move(timedelta(days=2))
    good(move(app, one, "new"))
    clock.move(timedelta(days=2))
    fire(timed)
    assert told() == [("new", 7)]
    clock.move(timedelta(days=5))
    fire(timed)
    assert told() == [("new", 7), ("new", 7)]


def test_what_is_closed_is_never_late(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    one = open_one(app, define_pipeline(app, stage("new", max_days=1)))
    good(move(app, one, "won"))
    clock.move(timedelta(days=2))
    fire(timed)
    assert facts(timed, app, events.OpportunityStageTimeExceeded) == []


def test_a_stale_version_is_refused(app: ApiClient) -> None:
    one = open_one(app, define_pipeline(app))
    headers = {"If-Match": f'"{one["version"]}"'}
    path = f"{OPPORTUNITIES}/{one['id']}"
    good(app.patch(path, {"source": "fair"}, headers=headers))
    answer = app.post(f"{path}/move", {"stage": "talk"}, headers=headers)
    assert refused(answer) == (412, "version_mismatch")


def test_a_change_tells_the_names_of_fields_and_who_had_it_before(
    sales: Sales, app: ApiClient
) -> None:
    owner, heir = str(uuid4()), str(uuid4())
    one = open_one(app, define_pipeline(app), owner_id=owner)
    good(app.patch(f"{OPPORTUNITIES}/{one['id']}", {"owner_id": heir, "next_step": "Call"}))
    (told,) = facts(sales, app, events.OpportunityChanged)
    assert list(told.changed_fields) == ["next_step", "owner_id"]
    assert (told.previous_owner_id, told.opportunity.owner_id) == (owner, heir)
    assert b"Call" not in told.SerializeToString()


def test_an_amount_below_zero_is_refused_when_opened_and_when_changed(app: ApiClient) -> None:
    choose_base(app)
    below, pipeline = {"amount": "-1.00", "currency": "TWD"}, define_pipeline(app)
    body = {"pipeline_id": pipeline["id"], "name": "A", "amount": below}
    assert places(app.post(OPPORTUNITIES, body)) == [("/amount", "amount_negative")]
    one = open_one(app, pipeline, amount={"amount": "0", "currency": "TWD"})
    answer = app.patch(f"{OPPORTUNITIES}/{one['id']}", {"amount": below})
    assert places(answer) == [("/amount", "amount_negative")]
