"""Freshness over REST: by the time since the last touch, with what becomes of stale leads (SA-4)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import lead_events_pb2, qualification_events_pb2
from services.sales.tests.builders import (
    LEADS,
    Sales,
    capture,
    define_reason,
    facts,
    fire,
    good,
    lasting_app,
    places,
)
from services.sales.tests.qualifying import (
    FRESHNESS,
    POOL,
    define_rule,
    is_,
    owned_by,
    set_freshness,
    settle,
    stale_rule,
)

HOURS = timedelta(hours=1)


def lead_of(app: ApiClient, lead: dict[str, Any]) -> dict[str, Any]:
    """The lead as it is now."""
    return good(app.get(f"{LEADS}/{lead['id']}"))


def ids(answer: Any) -> list[str]:
    """The ids of a page."""
    return [one["id"] for one in answer.json["items"]]


def wait(timed: Sales, clock: MovableClock, hours: float) -> None:
    """Let so many hours pass, and fire what is due by then."""
    clock.move(hours * HOURS)
    fire(timed)


def test_settings_and_views_tell_strangers_nothing(sales: Sales, app: ApiClient) -> None:
    set_freshness(app)
    capture(app)
    other = sales.app_client(sales.new_tenant())
    for path in (FRESHNESS, POOL, f"{LEADS}/going-stale"):
        assert ApiClient(sales.app, None).get(path).status_code == 401
    told = good(other.get(FRESHNESS))
    assert (told["version"], told["warm_after_hours"], told["rules"]) == (0, 72, [])
    assert ids(other.get(f"{LEADS}/going-stale?within_days=366")) == ids(other.get(POOL)) == []


def test_a_lead_cools_down_step_by_step_and_each_is_told_once(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    set_freshness(app)
    settle(timed, app)
    lead = capture(app, **owned_by(uuid4()))
    seen = [lead["freshness"]]
    for hours in (24, 24, 24, 24):
        wait(timed, clock, hours)
        fire(timed)
        seen.append(lead_of(app, lead)["freshness"])
    assert seen == ["hot", "warm", "cold", "stale", "stale"]
    told = facts(timed, app, lead_events_pb2.LeadFreshnessChanged)
    steps = [(one.previous_freshness, one.freshness) for one in told]
    assert steps == [("hot", "warm"), ("warm", "cold"), ("cold", "stale")]
    assert lead_of(app, lead)["owner_id"] == lead["owner_id"]


def test_the_defaults_hold_until_the_tenant_says_otherwise(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    lead = capture(app)
    seen = {}
    for days in (3, 14, 30):
        clock.move(
            timedelta(days=days) - (clock.now() - datetime.fromisoformat(lead["captured_at"]))
        )
        fire(timed)
        seen[days] = lead_of(app, lead)["freshness"]
    assert seen == {3: "warm", 14: "cold", 30: "stale"}


def test_a_service_that_was_away_finds_out_at_once_what_it_has_missed(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    set_freshness(app)
    settle(timed, app)
    lead = capture(app)
    wait(timed, clock, 100)
    assert lead_of(app, lead)["freshness"] == "stale"
    (told,) = facts(timed, app, lead_events_pb2.LeadFreshnessChanged)
    assert (told.previous_freshness, told.freshness) == ("hot", "stale")


def test_a_touch_makes_a_lead_hot_again_and_an_old_one_does_not(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    set_freshness(app)
    settle(timed, app)
    lead = capture(app)
    wait(timed, clock, 50)
    path = f"{LEADS}/{lead['id']}/touches"
    before = (clock.now() - 30 * HOURS).isoformat()
    assert good(app.post(path, {"kind": "mail", "at": before}))["freshness"] == "warm"
    touched = good(app.post(path, {"kind": "call"}))
    assert touched["freshness"] == "hot"
    assert touched["stale_at"][:19] == (clock.now() + 72 * HOURS).isoformat()[:19]
    wait(timed, clock, 23)
    assert lead_of(app, lead)["freshness"] == "hot"
    wait(timed, clock, 1)
    assert lead_of(app, lead)["freshness"] == "warm"


def test_leads_are_filtered_by_freshness(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    set_freshness(app)
    settle(timed, app)
    old = capture(app)
    wait(timed, clock, 30)
    new = capture(app, email="b@engines.example")
    assert ids(app.get(f"{LEADS}?freshness=hot")) == [new["id"]]
    assert ids(app.get(f"{LEADS}?freshness[in]=warm,cold")) == [old["id"]]
    assert app.get(f"{LEADS}?freshness=lukewarm").status_code == 400


def test_what_is_about_to_go_stale_is_seen_in_time(timed: Sales, clock: MovableClock) -> None:
    app, mine = lasting_app(timed, clock), uuid4()
    set_freshness(app, stale_after_hours=240)
    settle(timed, app)
    first = capture(app, **owned_by(mine))
    clock.move(2 * 24 * HOURS)
    second = capture(app, email="b@engines.example", **owned_by(uuid4()))
    third = capture(app, email="c@engines.example", **owned_by(mine))
    define_reason(app, "disqualification", "no_need")
    good(app.post(f"{LEADS}/{third['id']}/disqualify", {"reason": "no_need"}))
    path = f"{LEADS}/going-stale"
    assert ids(app.get(f"{path}?within_days=7")) == []
    assert ids(app.get(f"{path}?within_days=8")) == [first["id"]]
    assert ids(app.get(f"{path}?within_days=10")) == [first["id"], second["id"]]
    for wrong in ("0", "367", "soon"):
        assert app.get(f"{path}?within_days={wrong}").status_code in (400, 422)
    wait(timed, clock, 9 * 24)
    assert ids(app.get(f"{path}?within_days=30")) == [second["id"]]


def test_what_is_about_to_go_stale_is_narrowed_to_what_the_caller_sees(
    sales: Sales, app: ApiClient
) -> None:
    mine = uuid4()
    own = capture(app, **owned_by(mine))
    other = capture(app, email="b@engines.example", **owned_by(uuid4()))
    assert app.tenant_id is not None
    user = sales.user_client(app.tenant_id, {"sales.leads.read": "own"}, user_id=mine)
    path = f"{LEADS}/going-stale?within_days=30"
    assert ids(user.get(path)) == [own["id"]]
    assert ids(user.get(f"{LEADS}?freshness=hot")) == [own["id"]]
    assert ids(app.get(path)) == [own["id"], other["id"]]


def test_stale_leads_are_recycled_archived_or_kept_by_the_first_rule_that_fits(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    define_rule(app, 50, conditions=is_("company_name", "Hotel Sol"))
    small = {"field": "score", "comparison": "at_most", "number": 10}
    set_freshness(
        app,
        stale_rule("keep", *is_("source", "partner"), key="partners"),
        stale_rule("archive", small, key="hopeless"),
        stale_rule("recycle", key="others"),
    )
    settle(timed, app)
    owner = owned_by(uuid4())
    kept = capture(app, source="partner", **owner)
    away = capture(app, email="b@engines.example", source="fair", **owner)
    pooled = capture(app, email="c@engines.example", company_name="Hotel Sol", **owner)
    wait(timed, clock, 73)
    assert lead_of(app, kept)["owner_id"] == owner["owner_id"]
    assert lead_of(app, away)["state"] == "archived"
    recycled = lead_of(app, pooled)
    assert (recycled["state"], recycled["owner_id"], recycled["recycled"]) == ("open", None, 1)
    assert ids(app.get(POOL)) == [pooled["id"]]
    fire(timed)
    (fact,) = facts(timed, app, lead_events_pb2.LeadRecycled)
    assert (fact.lead_id, fact.previous_owner_id) == (pooled["id"], owner["owner_id"])
    assert fact.times == 1
    (archived,) = facts(timed, app, lead_events_pb2.LeadArchived)
    assert archived.lead_id == away["id"]


def test_who_is_disqualified_or_converted_meanwhile_is_left_alone(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    set_freshness(app, stale_rule("recycle"))
    settle(timed, app)
    define_reason(app, "disqualification", "no_need")
    hopeless = capture(app, **owned_by(uuid4()))
    away = capture(app, email="b@engines.example", **owned_by(uuid4()))
    good(app.post(f"{LEADS}/{hopeless['id']}/disqualify", {"reason": "no_need"}))
    app.delete(f"{LEADS}/{away['id']}")
    wait(timed, clock, 100)
    assert lead_of(app, hopeless)["owner_id"] == hopeless["owner_id"]
    assert (lead_of(app, away)["freshness"], lead_of(app, away)["owner_id"]) == (
        "hot",
        away["owner_id"],
    )
    assert facts(timed, app, lead_events_pb2.LeadRecycled) == []
    restored = good(app.post(f"{LEADS}/{away['id']}/restore"))
    assert restored["freshness"] == "hot"
    wait(timed, clock, 24)
    assert lead_of(app, away)["freshness"] == "warm"


def test_other_limits_hold_for_the_leads_that_are_there(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    lead = capture(app, **owned_by(uuid4()))
    wait(timed, clock, 30)
    assert lead_of(app, lead)["freshness"] == "hot"
    set_freshness(app, stale_rule("recycle"), stale_after_hours=50)
    wait(timed, clock, 0)
    assert lead_of(app, lead)["freshness"] == "warm"
    wait(timed, clock, 20)
    again = lead_of(app, lead)
    assert (again["freshness"], again["owner_id"]) == ("stale", None)


def test_limits_out_of_order_and_rules_that_mean_nothing_are_refused(app: ApiClient) -> None:
    wrong = {
        "warm_after_hours": 48,
        "cold_after_hours": 48,
        "stale_after_hours": 24,
        "rules": [
            stale_rule("recycle"),
            stale_rule("archive", {"field": "score", "comparison": "is", "values": ["1"]}),
        ],
    }
    assert places(app.put(FRESHNESS, wrong)) == [
        ("/cold_after_hours", "limits_out_of_order"),
        ("/stale_after_hours", "limits_out_of_order"),
        ("/rules/1/key", "key_repeated"),
        ("/rules/1/conditions/0/comparison", "comparison_impossible"),
    ]
    assert app.put(FRESHNESS, {"warm_after_hours": 0}).status_code == 422
    assert app.get(FRESHNESS).json["version"] == 0


def test_settings_are_told_once(sales: Sales, app: ApiClient) -> None:
    told = set_freshness(app, stale_rule("recycle", key="ours"))
    assert app.get(FRESHNESS).json == told
    set_freshness(app, stale_rule("recycle", key="ours"))
    (fact,) = facts(sales, app, qualification_events_pb2.LeadFreshnessSettingsChanged)
    assert (fact.stale_after_hours, list(fact.rules)) == (72, ["ours"])


def test_of_two_workers_at_once_one_deals_with_a_stale_lead(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    set_freshness(app, stale_rule("recycle"))
    settle(timed, app)
    leads = [capture(app, email=f"{n}@b.example", **owned_by(uuid4())) for n in range(10)]
    clock.move(73 * HOURS)
    with ThreadPoolExecutor(3) as pool:
        for worker in [pool.submit(fire, timed) for _ in range(3)]:
            worker.result()
    fire(timed)
    recycled = [one.lead_id for one in facts(timed, app, lead_events_pb2.LeadRecycled)]
    assert sorted(recycled) == sorted(one["id"] for one in leads)
    assert len(facts(timed, app, lead_events_pb2.LeadFreshnessChanged)) == 10


def test_a_touch_while_the_time_is_up_leaves_the_lead_hot(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    set_freshness(app)
    settle(timed, app)
    lead = capture(app)
    clock.move(24 * HOURS)
    with ThreadPoolExecutor(2) as pool:
        worker = pool.submit(fire, timed)
        good(app.post(f"{LEADS}/{lead['id']}/touches", {"kind": "call"}))
        worker.result()
    fire(timed)
    assert lead_of(app, lead)["freshness"] == "hot"
    wait(timed, clock, 24)
    assert lead_of(app, lead)["freshness"] == "warm"
