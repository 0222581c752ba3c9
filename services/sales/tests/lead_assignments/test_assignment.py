"""How leads find an owner: which rule takes them, whom it chooses, and what is said of it (SA-3)."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.contacts.events.v1 import company_events_pb2 as companies
from rapport.identity.events.v1 import user_events_pb2 as users
from rapport.sales.events.v1 import assignment_events_pb2 as events
from rapport.sales.events.v1.lead_events_pb2 import LeadChanged
from services.sales.tests.assigning import (
    PREVIEW,
    assignments,
    be_away,
    define_rule,
    define_territory,
    people,
    seen,
    tenant_of,
)
from services.sales.tests.builders import (
    LEADS,
    WEB_FORMS,
    Sales,
    at_once,
    capture,
    facts,
    fire,
    good,
    lasting_app,
    refused,
)


def owner(client: ApiClient, **more: Any) -> str | None:
    """Who gets a lead that is captured now."""
    found: str | None = capture(client, **more)["owner_id"]
    return found


def previewed(client: ApiClient, **traits: Any) -> dict[str, Any]:
    """What the rules would do."""
    return good(client.post(PREVIEW, {"lead": traits}))


def test_without_rules_nothing_is_tried(sales: Sales, app: ApiClient) -> None:
    lead = capture(app)
    assert lead["owner_id"] is None
    assert assignments(app, lead) == []
    assert facts(sales, app, events.LeadLeftUnassigned) == []


def test_users_take_turns_and_a_named_owner_stays(sales: Sales, app: ApiClient) -> None:
    one, two, boss = people(3)
    rule = define_rule(app, one, two)
    found = [owner(app) for _ in range(4)]
    assert found == [one, two, one, two]
    assert owner(app, owner_id=boss) == boss
    assert owner(app) == one
    told = facts(sales, app, events.LeadAssigned)
    assert [fact.lead.owner_id for fact in told] == [one, two, one, two, one]
    assert {fact.assignment_rule_id for fact in told} == {rule["id"]}
    assert len(facts(sales, app, LeadChanged)) == 5


def test_one_hundred_leads_at_once_are_spread_evenly(app: ApiClient) -> None:
    team = people(4)
    define_rule(app, *team)
    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda n: owner(app, email=f"{n}@b.example"), range(100)))
    assert Counter(found) == dict.fromkeys(team, 25)


def test_batches_and_single_leads_at_once_are_spread_evenly(app: ApiClient) -> None:
    team = people(3)
    define_rule(app, *team)

    def batch(number: int) -> int:
        items = [{"email": f"{number}.{n}@b.example"} for n in range(10)]
        return len(good(app.post(f"{LEADS}/batch", {"items": items}))["items"])

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(batch, range(6))) == [10] * 6
    listed = app.get(f"{LEADS}?page_size=200").json["items"]
    assert Counter(one["owner_id"] for one in listed) == dict.fromkeys(team, 20)


def test_what_fails_in_a_batch_uses_up_nobodys_turn(app: ApiClient) -> None:
    one, two = people(2)
    define_rule(app, one, two)
    taken = {"email": "a@b.example", "external_ids": [{"system": "erp", "id": "1"}]}
    items = [taken, taken, {"email": "c@d.example"}]
    answer = good(app.post(f"{LEADS}/batch", {"items": items}))
    assert [item["status"] for item in answer["items"]] == [201, 409, 201]
    listed = app.get(LEADS).json["items"]
    assert sorted(lead["owner_id"] for lead in listed) == sorted([one, two])


def test_the_first_rule_that_fits_takes_it_and_the_others_say_why_not(
    sales: Sales, app: ApiClient
) -> None:
    one, two = people(2)
    fair = define_rule(app, one, conditions={"sources": ["fair"], "languages": ["de"]})
    owned = define_rule(app, method="company_owner")
    rest = define_rule(app, two)
    lead = capture(app, source="web", language="en")
    (assignment,) = assignments(app, lead)
    assert (assignment["owner_id"], assignment["assignment_rule_id"]) == (two, rest["id"])
    assert [
        (x["assignment_rule_id"], x["taken"], x["unmet"]) for x in assignment["considered"]
    ] == [
        (fair["id"], False, ["sources", "languages"]),
        (owned["id"], False, ["company_unknown"]),
        (rest["id"], True, []),
    ]
    assert assignment["reason"] is None
    assert owner(app, source="Fair", language="de-AT") == one
    stranger = sales.app_client(sales.new_tenant())
    assert stranger.get(f"{LEADS}/{lead['id']}/assignments").status_code == 404


def test_what_no_rule_takes_stays_in_the_pool_until_one_does(sales: Sales, app: ApiClient) -> None:
    one = people(1)[0]
    define_rule(app, one, conditions={"sources": ["fair"]})
    lead = capture(app, source="web")
    (left,) = assignments(app, lead)
    assert (lead["owner_id"], left["owner_id"], left["reason"]) == (None, None, "no_rule")
    (told,) = facts(sales, app, events.LeadLeftUnassigned)
    assert (told.lead.lead_id, told.reason) == (lead["id"], "no_rule")
    define_rule(app, one)
    path = f"{LEADS}/{lead['id']}/assign"
    assert good(app.post(path))["owner_id"] == one
    assert [x["owner_id"] for x in assignments(app, lead)] == [None, one]
    assert refused(app.post(path)) == (409, "lead_not_in_pool")


def test_of_two_who_have_rules_tried_at_once_one_is_too_late(app: ApiClient) -> None:
    define_rule(app, *people(2), conditions={"sources": ["fair"]})
    lead = capture(app)
    define_rule(app, *people(2))
    path = f"{LEADS}/{lead['id']}/assign"
    assert at_once(*[lambda: app.post(path)] * 4) == [200, 409, 409, 409]
    assert len(assignments(app, lead)) == 2


def test_a_territory_brings_its_people(app: ApiClient) -> None:
    north, south, hotels = people(3)
    in_north = {"countries": ["TW"], "postal_codes": [{"first": "100", "last": "116"}]}
    define_territory(app, north, **in_north)
    define_territory(app, south, countries=["TW"])
    trade = define_territory(app, hotels, industries=["hotels"], smallest_company=50)
    named = {"territory_ids": [trade["id"]]}
    define_rule(app, method="territory", conditions=named)
    define_rule(app, method="territory")
    assert owner(app, country="TW", postal_code="10617") == north
    assert owner(app, country="TW", postal_code="80001") == south
    assert owner(app, country="TW", industry="Hotels", company_size=50) == hotels
    lead = capture(app, country="JP")
    assert [one["unmet"] for one in assignments(app, lead)[0]["considered"]] == [
        ["territory_ids"],
        ["outside_territories"],
    ]


def test_load_goes_to_who_has_the_fewest_open_leads_up_to_the_most(app: ApiClient) -> None:
    busy, idle = people(2)
    for _ in range(3):
        capture(app, owner_id=busy)
    done = capture(app, owner_id=idle)
    rule = define_rule(app, busy, idle, method="load", most_open_leads=4)
    assert [owner(app) for _ in range(2)] == [idle, idle]
    assert app.delete(f"{LEADS}/{done['id']}").status_code == 204
    assert [owner(app) for _ in range(2)] == [idle, busy]
    assert owner(app) == idle
    full = capture(app)
    (left,) = assignments(app, full)
    assert (left["owner_id"], left["reason"]) == (None, "nobody_available")
    (considered,) = left["considered"]
    assert considered["assignment_rule_id"] == rule["id"]
    assert {x["user_id"]: x["because"] for x in considered["skipped"]} == {
        busy: "full",
        idle: "full",
    }


def test_leads_at_once_are_spread_by_load_and_never_over_the_most(app: ApiClient) -> None:
    team = people(3)
    define_rule(app, *team, method="load", most_open_leads=5)
    with ThreadPoolExecutor(6) as pool:
        found = Counter(pool.map(lambda n: owner(app, email=f"{n}@b.example"), range(18)))
    assert found.pop(None) == 3
    assert found == dict.fromkeys(team, 5)


def test_who_is_away_is_passed_over_on_those_days_and_makes_up_for_nothing(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    one, two = people(2)
    define_rule(app, one, two)
    today = clock.now().date()
    be_away(app, one, str(today), str(today + timedelta(days=1)))
    first = capture(app)
    assert first["owner_id"] == two
    (considered,) = assignments(app, first)[0]["considered"]
    assert considered["skipped"] == [{"user_id": one, "because": "away"}]
    clock.move(timedelta(days=1))
    assert [owner(app) for _ in range(2)] == [two, two]
    clock.move(timedelta(days=1))
    assert [owner(app) for _ in range(4)] == [one, two, one, two]


def test_who_may_not_sign_in_gets_nothing(bus: Bus, app: ApiClient) -> None:
    one, two = people(2)
    define_rule(app, one, two)
    tenant = tenant_of(app)
    bus.say(users.UserSuspended(user_id=one), tenant, UUID(one), 5)
    bus.say(users.UserDeactivated(user_id=two), tenant, UUID(two), 3)
    eventually(lambda: previewed(app)["reason"] == "nobody_available")
    because = {x["user_id"]: x["because"] for x in previewed(app)["considered"][0]["skipped"]}
    assert because == {one: "suspended", two: "deactivated"}
    # What was said before and comes late changes nothing.
    bus.say(users.UserActivated(user_id=one), tenant, UUID(one), 4)
    bus.say(users.UserActivated(user_id=two), tenant, UUID(two), 4)
    eventually(lambda: previewed(app)["owner_id"] == two)
    assert owner(app) == two


def test_the_open_leads_of_who_leaves_find_others(bus: Bus, sales: Sales, app: ApiClient) -> None:
    one, two = people(2)
    mine = [capture(app, email=f"{n}@b.example", owner_id=one) for n in range(3)]
    closed = capture(app, owner_id=one)
    assert app.delete(f"{LEADS}/{closed['id']}").status_code == 204
    define_rule(app, one, two, most_open_leads=2)
    bus.say(users.UserDeactivated(user_id=one), tenant_of(app), UUID(one), 2)
    eventually(lambda: app.get(f"{LEADS}?owner_id={one}").json["items"] == [])
    assert sorted(str(seen(app, lead)["owner_id"]) for lead in mine) == sorted([two, two, "None"])
    assert seen(app, closed)["owner_id"] == one
    told = facts(sales, app, events.LeadAssigned)
    assert [fact.previous_owner_id for fact in told] == [one, one]
    (left,) = facts(sales, app, events.LeadLeftUnassigned)
    assert (left.previous_owner_id, left.reason) == (one, "nobody_available")


def test_who_is_back_before_their_leads_are_looked_at_keeps_them(
    bus: Bus, sales: Sales, app: ApiClient
) -> None:
    one = people(1)[0]
    lead, tenant = capture(app, owner_id=one), tenant_of(app)
    bus.say(users.UserActivated(user_id=one), tenant, UUID(one), 3)
    bus.say(users.UserDeactivated(user_id=one), tenant, UUID(one), 2)
    eventually(bus.is_settled)
    fire(sales)
    assert seen(app, lead)["owner_id"] == one
    assert assignments(app, lead) == []


def test_a_lead_of_a_company_goes_to_whose_account_that_is(bus: Bus, app: ApiClient) -> None:
    one, two, rest = people(3)
    company, tenant = uuid4(), tenant_of(app)
    define_rule(app, method="company_owner")
    define_rule(app, rest)
    about = {"company_id": str(company)}
    created = companies.CompanyCreated(company_id=str(company), owner_id=one)
    bus.say(created, tenant, company, 1)
    eventually(lambda: previewed(app, **about)["owner_id"] == one)
    assert owner(app, **about) == one
    bus.say(companies.CompanyChanged(**about, owner_id=two), tenant, company, 3)
    eventually(lambda: previewed(app, **about)["owner_id"] == two)
    bus.say(companies.CompanyChanged(**about, owner_id=one), tenant, company, 2)
    eventually(bus.is_settled)
    assert owner(app, **about) == two
    bus.say(companies.CompanyArchived(**about), tenant, company, 4)
    eventually(lambda: previewed(app, **about)["owner_id"] == rest)
    bus.say(companies.CompanyRestored(**about, owner_id=two), tenant, company, 5)
    eventually(lambda: previewed(app, **about)["owner_id"] == two)
    bus.say(companies.CompanyChanged(**about), tenant, company, 6)
    eventually(lambda: previewed(app, **about)["owner_id"] == rest)


def test_a_preview_changes_nothing_and_says_what_capturing_would(app: ApiClient) -> None:
    one, two = people(2)
    define_rule(app, one, conditions={"lowest_score": 50})
    rule = define_rule(app, one, two, promise={"within_minutes": 60})
    told = [previewed(app, source="web") for _ in range(3)]
    assert {one["owner_id"] for one in told} == {one}
    assert (told[0]["assignment_rule_id"], told[0]["contact_due_at"] is None) == (rule["id"], False)
    assert [x["unmet"] for x in told[0]["considered"]] == [["lowest_score"], []]
    assert previewed(app, score=50)["considered"][0]["taken"] is True
    assert [owner(app) for _ in range(2)] == [one, two]


def test_all_ways_in_go_through_the_rules(sales: Sales, app: ApiClient) -> None:
    one = people(1)[0]
    define_rule(app, one)
    by_id = app.put(f"{LEADS}/by-external-id/erp/1", {"email": "a@b.example"})
    assert by_id.json["owner_id"] == one
    form = {
        "name": "Contact",
        "fields": [{"name": "email", "label": {"en": "E-mail"}, "required": True}],
        "allowed_origins": ["https://www.customers.example"],
    }
    form_id = good(app.post(WEB_FORMS, form))["id"]
    visitor = ApiClient(sales.app, None)
    visitor.post(f"/p/sales/forms/{form_id}", {"email": "c@d.example"})
    (held,) = app.get("/v1/sales/form-submissions").json["items"]
    released = good(app.post(f"/v1/sales/form-submissions/{held['id']}/release"))
    assert seen(app, {"id": released["lead_id"]})["owner_id"] == one


def test_scores_count_and_who_gets_an_old_lead_has_the_time_that_anybody_has(
    app: ApiClient,
) -> None:
    one, two = people(2)
    points = {
        "name": {"en": "Fair"},
        "points": 30,
        "conditions": [{"field": "source", "comparison": "is", "values": ["fair"]}],
    }
    good(app.post("/v1/sales/scoring-rules", points))
    define_rule(app, one, conditions={"lowest_score": 30})
    define_rule(app, two)
    lead = capture(app, source="fair", captured_at="2020-01-01T00:00:00Z")
    assert (lead["owner_id"], lead["score"], lead["freshness"]) == (one, 30, "hot")
    assert owner(app, source="web") == two


def test_who_has_own_reach_sees_why_leads_are_theirs_and_no_others(
    sales: Sales, app: ApiClient
) -> None:
    one, two = people(2)
    define_rule(app, one, two)
    mine, other = capture(app), capture(app)
    user = sales.user_client(tenant_of(app), {"sales.leads.read": "own"}, user_id=UUID(one))
    assert len(assignments(user, mine)) == 1
    assert user.get(f"{LEADS}/{other['id']}/assignments").status_code == 404
    assert user.post(f"{LEADS}/{mine['id']}/assign").status_code == 403
