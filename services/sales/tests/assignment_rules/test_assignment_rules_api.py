"""Assignment rules over REST: data that administrators define, in their order (SA-3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import assignment_events_pb2 as events
from sales.assignment_rules.domain import Conditions, LeadTraits
from services.sales.tests.assigning import RULES, define_rule, define_territory, people
from services.sales.tests.builders import Sales, at_once, facts, good, lasting_app, places


def test_lists_tell_strangers_nothing(sales: Sales, app: ApiClient) -> None:
    assert ApiClient(sales.app, None).get(RULES).status_code == 401
    rule = define_rule(app, *people(1))
    other = sales.app_client(sales.new_tenant())
    assert other.get(RULES).json["items"] == []
    assert other.get(f"{RULES}/{rule['id']}").status_code == 404
    seller = sales.user_client(sales.new_tenant(), {"sales.assignment_rules.read": "all"})
    assert seller.post(RULES, {"name": {"en": "Mine"}, "method": "load"}).status_code == 403


def test_rules_stand_one_after_the_other_and_keep_what_they_say(
    sales: Sales, app: ApiClient
) -> None:
    promise = {"within_minutes": 30, "most_reassignments": 1, "escalation_user_id": None}
    first = define_rule(app, *people(2), promise=promise, conditions={"sources": ["fair"]})
    second = define_rule(app, method="company_owner")
    between = define_rule(app, *people(1), method="load", position=0, most_open_leads=5)
    assert [first["position"], second["position"], between["position"]] == [0, 1, 0]
    listed = [one["id"] for one in app.get(RULES).json["items"]]
    assert listed == [first["id"], between["id"], second["id"]]
    assert (first["promise"], first["conditions"]["sources"]) == (promise, ["fair"])
    assert app.get(f"{RULES}/{first['id']}").json == first
    told = facts(sales, app, events.AssignmentRuleDefined)
    assert [(one.position, one.method, one.contact_within_minutes) for one in told] == [
        (0, "round_robin", 30),
        (1, "company_owner", 0),
        (0, "load", 0),
    ]


def test_a_rule_is_changed_put_away_and_taken_back(sales: Sales, app: ApiClient) -> None:
    rule = define_rule(app, *people(1), promise={"within_minutes": 5})
    path = f"{RULES}/{rule['id']}"
    after = good(app.patch(path, {"promise": None, "position": 7}))
    assert (after["promise"], after["position"], after["method"]) == (None, 7, "round_robin")
    assert after["user_ids"] == rule["user_ids"]
    assert app.delete(path).status_code == 204
    assert app.get(RULES).json["items"] == []
    good(app.post(f"{path}/restore"))
    assert len(app.get(RULES).json["items"]) == 1
    assert len(facts(sales, app, events.AssignmentRuleArchived)) == 1
    assert len(facts(sales, app, events.AssignmentRuleRestored)) == 1


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"user_ids": []}, ("/user_ids", "users_missing")),
        ({"method": "load", "user_ids": []}, ("/user_ids", "users_missing")),
        ({"method": "territory"}, ("/user_ids", "users_unused")),
        ({"method": "company_owner"}, ("/user_ids", "users_unused")),
        (
            {"conditions": {"lowest_score": 5, "highest_score": 4}},
            ("/conditions/highest_score", "range_reversed"),
        ),
        (
            {"conditions": {"territory_ids": [str(uuid4())]}},
            ("/conditions/territory_ids/0", "territory_unknown"),
        ),
    ],
)
def test_a_rule_that_could_choose_nobody_is_refused(
    app: ApiClient, wrong: dict[str, Any], place: tuple[str, str]
) -> None:
    body = {"name": {"en": "Odd"}, "method": "round_robin", "user_ids": people(1), **wrong}
    assert places(app.post(RULES, body)) == [place]
    assert app.get(RULES).json["items"] == []


def test_a_territory_that_was_put_away_is_none_to_name(app: ApiClient) -> None:
    territory = define_territory(app, countries=["TW"])
    conditions = {"territory_ids": [territory["id"]]}
    rule = define_rule(app, *people(1), conditions=conditions)
    assert app.delete(f"/v1/sales/territories/{territory['id']}").status_code == 204
    more = {"method": "territory", "name": {"en": "Late"}, "conditions": conditions}
    assert places(app.post(RULES, more)) == [("/conditions/territory_ids/0", "territory_unknown")]
    # What named it before can still be changed otherwise.
    assert good(app.patch(f"{RULES}/{rule['id']}", {"position": 3}))["position"] == 3


def test_of_two_who_change_the_same_version_one_has_to_look_again(app: ApiClient) -> None:
    answer = app.post(RULES, {"name": {"en": "R"}, "method": "round_robin", "user_ids": people(1)})
    path, tag = f"{RULES}/{answer.json['id']}", {"If-Match": answer.headers["ETag"]}
    calls = [
        lambda: app.patch(path, {"position": 3}, headers=tag),
        lambda: app.patch(path, {"position": 4}, headers=tag),
    ]
    assert at_once(*calls) == [200, 412]


def test_times_are_those_of_the_clock(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    rule = define_rule(app, *people(1))
    clock.move(timedelta(days=2))
    after = good(app.patch(f"{RULES}/{rule['id']}", {"position": 9}))
    assert after["created_at"] == rule["created_at"] < after["updated_at"]


def test_all_that_is_said_has_to_be_true_of_a_lead() -> None:
    somewhere, elsewhere = uuid4(), uuid4()
    conditions = Conditions(("Fair",), ("spring",), ("en",), (somewhere,), 10, 20)
    lead = LeadTraits(source=" fair", campaign="Spring", language="en-GB", score=10)
    assert conditions.unmet(lead, {somewhere, elsewhere}) == ()
    assert conditions.unmet(LeadTraits(language="enx", score=21), {elsewhere}) == (
        "sources",
        "campaigns",
        "languages",
        "territory_ids",
        "highest_score",
    )
    assert conditions.unmet(LeadTraits(source="fair", campaign="spring", language="en"), ()) == (
        "territory_ids",
        "lowest_score",
    )
    assert Conditions().unmet(LeadTraits(), ()) == ()
