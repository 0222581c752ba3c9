"""Commission plans over REST: what makes one sound, who sees it, and what may change (SA-14)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import commission_events_pb2 as events
from services.sales.tests.builders import Sales, at_once, facts, good, places, refused
from services.sales.tests.commissioning import PLANS, define_plan, plan_for
from services.sales.tests.forecasting import SalesForce


@pytest.fixture
def force(sales: Sales, app: ApiClient) -> SalesForce:
    """People who sell, and their manager."""
    return SalesForce(sales, app)


def test_listing_needs_a_token_and_shows_no_other_tenants(sales: Sales, force: SalesForce) -> None:
    plan = define_plan(force.app, force.ann)
    assert refused(sales.anonymous().get(PLANS)) == (401, "token_missing")
    stranger = sales.app_client(sales.new_tenant())
    assert stranger.get(PLANS).json["items"] == []
    assert stranger.get(f"{PLANS}/{plan['id']}").status_code == 404
    assert stranger.patch(f"{PLANS}/{plan['id']}", {"rate": "1"}).status_code == 404


def test_what_was_defined_is_answered_read_and_listed_alike(
    sales: Sales, force: SalesForce
) -> None:
    people = [{"user_id": str(force.ann), "since": "2031-02-01", "until": "2031-12-31"}]
    plan = define_plan(
        force.app, basis="delivered", category_rates={"beans": "2.5"}, participants=people
    )
    assert force.app.get(f"{PLANS}/{plan['id']}").json == plan
    assert force.app.get(PLANS).json["items"] == [plan]
    assert (plan["participants"], plan["category_rates"]) == (people, {"beans": "2.5"})
    (told,) = facts(sales, force.app, events.CommissionPlanDefined)
    assert list(told.user_ids) == [str(force.ann)]


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"tiers": [{"from_percent": "5", "multiplier": "1"}]}, ("/tiers", "first_tier_missing")),
        (
            {"tiers": [{"from_percent": "0", "multiplier": "1"}] * 2},
            ("/tiers/1/from_percent", "tier_order"),
        ),
        ({"category_rates": {"beans": "1"}}, ("/category_rates", "categories_need_delivered")),
        ({"valid_until": "2030-12-31"}, ("/valid_until", "days_backwards")),
        ({"valid_from": "9999-12-15"}, ("/valid_from", "day_impossible")),
        (
            {"participants": [{"user_id": str(uuid4()), "since": "9999-12-15"}]},
            ("/participants/0/since", "day_impossible"),
        ),
        ({"currency": "USD"}, ("/currency", "currency_not_base")),
        (
            {"participants": [{"user_id": str(uuid4()), "until": "2030-01-01"}]},
            ("/participants/0/until", "days_backwards"),
        ),
        (
            {"participants": [{"user_id": "0190b1d4-0000-7000-8000-000000000001"}] * 2},
            ("/participants/1/user_id", "participant_repeated"),
        ),
    ],
)
def test_a_plan_that_cannot_be_is_refused(
    force: SalesForce, change: dict[str, Any], wrong: tuple[str, str]
) -> None:
    answer = force.app.post(PLANS, plan_for(**change))
    assert (answer.status_code, places(answer)) == (422, [wrong])


def test_a_plan_is_seen_by_those_who_earn_by_it_and_their_managers(force: SalesForce) -> None:
    both = define_plan(force.app, force.ann, force.carl)
    theirs = define_plan(force.app, force.carl)
    seller = force.seller(force.ann)
    for client in (seller, force.manager):
        (seen,) = client.get(PLANS).json["items"]
        assert seen["id"] == both["id"]
        assert [one["user_id"] for one in seen["participants"]] == [str(force.ann)]
        assert client.get(f"{PLANS}/{theirs['id']}").status_code == 404
    assert seller.post(PLANS, plan_for(force.ann)).status_code == 403
    assert refused(force.manager.post(PLANS, plan_for(force.carl))) == (404, "not_found")
    # Somebody out of reach earns by it: it is not the manager's to change.
    assert force.manager.patch(f"{PLANS}/{both['id']}", {"rate": "1"}).status_code == 404
    own = define_plan(force.manager, force.ann)
    path = f"{PLANS}/{own['id']}"
    more = {"participants": [{"user_id": str(force.carl)}]}
    assert force.manager.patch(path, more).status_code == 404
    assert good(force.manager.patch(path, {"rate": "12"}))["rate"] == "12"


def test_a_change_tells_the_names_of_fields_and_nothing_when_nothing_differs(
    sales: Sales, force: SalesForce
) -> None:
    plan = define_plan(force.app, force.ann)
    path = f"{PLANS}/{plan['id']}"
    people = [{"user_id": str(one)} for one in (force.ann, force.bob)]
    changed = good(force.app.patch(path, {"participants": people, "method": "retroactive"}))
    assert good(force.app.patch(path, {"rate": "10"}))["version"] == changed["version"]
    assert changed["tiers"] == plan["tiers"]
    (told,) = facts(sales, force.app, events.CommissionPlanChanged)
    assert list(told.changed_fields) == ["method", "participants"]
    # What statements are ordered and corrected by stays.
    assert force.app.patch(path, {"basis": "delivered"}).status_code == 422
    assert force.app.patch(path, {"frequency": "year"}).status_code == 422


def test_of_two_changes_of_the_same_version_one_is_refused(force: SalesForce) -> None:
    plan = define_plan(force.app, force.ann)
    headers = {"If-Match": f'"{plan["version"]}"'}
    path = f"{PLANS}/{plan['id']}"
    calls = [
        lambda rate=rate: force.app.patch(path, {"rate": rate}, headers=headers)
        for rate in ("11", "12")
    ]
    assert at_once(*calls) == [200, 412]
