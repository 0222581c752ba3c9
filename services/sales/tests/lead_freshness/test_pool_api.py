"""The pool over REST: what anybody may claim, and who has it then (SA-4)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import lead_events_pb2
from services.sales.tests.builders import (
    LEADS,
    Sales,
    at_once,
    capture,
    define_reason,
    facts,
    fire,
    good,
    lasting_app,
    refused,
)
from services.sales.tests.qualifying import (
    POOL,
    define_rule,
    is_,
    owned_by,
    set_freshness,
    settle,
    stale_rule,
)

GRANTS = {
    "sales.leads.read": "own",
    "sales.leads.write": "own",
    "sales.lead_pool.read": "all",
    "sales.lead_pool.claim": "all",
}


def seller(sales: Sales, app: ApiClient, user_id: UUID | None = None) -> ApiClient:
    """One who sees what is theirs, and the pool."""
    assert app.tenant_id is not None
    return sales.user_client(app.tenant_id, GRANTS, user_id=user_id or uuid4())


def test_the_pool_shows_what_is_nobodys_the_most_promising_first(
    sales: Sales, app: ApiClient
) -> None:
    define_rule(app, 10, conditions=is_("country", "TW"))
    define_reason(app, "disqualification", "no_need")
    capture(app, **owned_by(uuid4()))
    plain = capture(app, email="b@engines.example")
    promising = capture(app, email="c@engines.example", country="TW")
    hopeless = capture(app, email="d@engines.example")
    good(app.post(f"{LEADS}/{hopeless['id']}/disqualify", {"reason": "no_need"}))
    pool = seller(sales, app).get(POOL).json["items"]
    assert [one["id"] for one in pool] == [promising["id"], plain["id"]]
    assert app.tenant_id is not None
    user = sales.user_client(app.tenant_id, {"sales.leads.read": "own"})
    assert user.get(POOL).status_code == 403


def test_who_claims_a_lead_has_it(sales: Sales, app: ApiClient) -> None:
    lead, mine = capture(app), uuid4()
    path, user = f"{LEADS}/{lead['id']}", seller(sales, app, mine)
    assert user.get(path).status_code == 404
    claimed = good(user.post(f"{path}/claim"))
    assert (claimed["owner_id"], claimed["freshness"]) == (str(mine), "hot")
    assert user.get(path).json["id"] == lead["id"]
    (fact,) = facts(sales, app, lead_events_pb2.LeadClaimed)
    assert fact.lead.owner_id == str(mine)
    late = seller(sales, app).post(f"{path}/claim")
    assert refused(late) == (409, "lead_not_in_pool")


def test_what_was_never_in_the_pool_is_unknown_to_those_who_cannot_see_it(
    sales: Sales, app: ApiClient
) -> None:
    lead = capture(app, **owned_by(uuid4()))
    path = f"{LEADS}/{lead['id']}/claim"
    assert seller(sales, app).post(path).status_code == 404
    assert seller(sales, app).post(f"{LEADS}/{uuid4()}/claim").status_code == 404
    assert refused(app.post(path)) == (403, "user_needed")


def test_of_many_who_claim_a_lead_at_once_one_has_it(sales: Sales, app: ApiClient) -> None:
    lead = capture(app)
    users = [seller(sales, app) for _ in range(5)]
    for user in users:
        assert user.get(POOL).json["items"][0]["id"] == lead["id"]
    path = f"{LEADS}/{lead['id']}/claim"
    assert at_once(*(lambda user=user: user.post(path) for user in users)) == [200, *[409] * 4]
    (fact,) = facts(sales, app, lead_events_pb2.LeadClaimed)
    assert app.get(f"{LEADS}/{lead['id']}").json["owner_id"] == fact.lead.owner_id


def test_who_gets_a_stale_lead_has_as_long_as_anybody(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    set_freshness(app, stale_rule("recycle"))
    settle(timed, app)
    lead = capture(app, **owned_by(uuid4()))
    path = f"{LEADS}/{lead['id']}"
    clock.move(timedelta(hours=73))
    fire(timed)
    assert app.get(path).json["owner_id"] is None
    given = good(app.patch(path, owned_by(uuid4())))
    assert given["freshness"] == "hot"
    clock.move(timedelta(hours=71))
    fire(timed)
    assert app.get(path).json["owner_id"] == given["owner_id"]
    clock.move(timedelta(hours=1))
    fire(timed)
    again = app.get(path).json
    assert (again["owner_id"], again["recycled"]) == (None, 2)
    assert [one.times for one in facts(timed, app, lead_events_pb2.LeadRecycled)] == [1, 2]


def test_a_lead_that_nobody_wants_is_put_away_in_the_end(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    often = {"field": "recycled", "comparison": "at_least", "number": 1}
    set_freshness(app, stale_rule("archive", often, key="enough"), stale_rule("recycle", key="r"))
    settle(timed, app)
    lead = capture(app, **owned_by(uuid4()))
    path = f"{LEADS}/{lead['id']}"
    for state in ("open", "archived"):
        clock.move(timedelta(hours=73))
        fire(timed)
        assert app.get(path).json["state"] == state
        if state == "open":
            good(app.post(f"{path}/touches", {"kind": "mail"}))
