"""Territories over REST, and whom they have (SA-3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import assignment_events_pb2 as events
from sales.territories.domain import Criteria, PostalCodes, Traits
from services.sales.tests.builders import Sales, at_once, facts, good, lasting_app, places

TERRITORIES = "/v1/sales/territories"
NORTH: dict[str, Any] = {
    "name": {"en": "North", "zh-Hant": "北區"},
    "countries": ["TW"],
    "postal_codes": [{"first": "100", "last": "116"}, {"first": "2"}],
}


def test_lists_tell_strangers_nothing(sales: Sales, app: ApiClient) -> None:
    assert ApiClient(sales.app, None).get(TERRITORIES).status_code == 401
    one = good(app.post(TERRITORIES, NORTH))
    other = sales.app_client(sales.new_tenant())
    assert other.get(TERRITORIES).json["items"] == []
    assert other.get(f"{TERRITORIES}/{one['id']}").status_code == 404
    seller = sales.user_client(sales.new_tenant(), {"sales.territories.read": "all"})
    assert seller.post(TERRITORIES, NORTH).status_code == 403


def test_a_territory_is_defined_changed_put_away_and_taken_back(
    sales: Sales, app: ApiClient
) -> None:
    user = str(uuid4())
    one = good(app.post(TERRITORIES, {**NORTH, "user_ids": [user]}))
    assert one["postal_codes"][1] == {"first": "2", "last": "2"}
    path = f"{TERRITORIES}/{one['id']}"
    assert app.get(path).json == one
    after = good(app.patch(path, {"industries": ["hotels"], "smallest_company": 10}))
    assert (after["industries"], after["countries"]) == (["hotels"], ["TW"])
    assert after["user_ids"] == [user]
    assert app.delete(path).status_code == 204
    assert app.get(TERRITORIES).json["items"] == []
    assert len(app.get(f"{TERRITORIES}?archived=true").json["items"]) == 1
    good(app.post(f"{path}/restore"))
    assert len(app.get(TERRITORIES).json["items"]) == 1
    told = facts(sales, app, events.TerritoryDefined)
    assert [list(one.user_ids) for one in told] == [[user], [user]]
    assert len(facts(sales, app, events.TerritoryArchived)) == 1
    assert len(facts(sales, app, events.TerritoryRestored)) == 1


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"postal_codes": [{"first": "1"}]}, ("/countries", "country_missing")),
        (
            {"countries": ["TW"], "postal_codes": [{"first": "200", "last": "100"}]},
            ("/postal_codes/0/last", "range_reversed"),
        ),
        (
            {"countries": ["TW"], "postal_codes": [{"first": "1", "last": "100"}]},
            ("/postal_codes/0/last", "range_reversed"),
        ),
        (
            {"countries": ["TW"], "postal_codes": [{"first": "- "}]},
            ("/postal_codes/0/first", "no_postal_code"),
        ),
        (
            {"smallest_company": 10, "largest_company": 9},
            ("/largest_company", "range_reversed"),
        ),
        ({"user_ids": [str(uuid4())] * 2}, ("/user_ids", "user_repeated")),
    ],
)
def test_what_nobody_could_be_in_is_refused(
    app: ApiClient, wrong: dict[str, Any], place: tuple[str, str]
) -> None:
    if place[1] == "user_repeated":
        wrong = {"user_ids": [wrong["user_ids"][0]] * 2}
    assert places(app.post(TERRITORIES, {"name": {"en": "Odd"}, **wrong})) == [place]
    assert app.get(TERRITORIES).json["items"] == []


def test_of_two_who_change_the_same_version_one_has_to_look_again(app: ApiClient) -> None:
    one = app.post(TERRITORIES, NORTH)
    path = f"{TERRITORIES}/{one.json['id']}"
    tag = {"If-Match": one.headers["ETag"]}
    calls = [
        lambda: app.patch(path, {"industries": ["hotels"]}, headers=tag),
        lambda: app.patch(path, {"industries": ["ships"]}, headers=tag),
    ]
    assert at_once(*calls) == [200, 412]


def test_times_are_those_of_the_clock(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    one = good(app.post(TERRITORIES, NORTH))
    clock.move(timedelta(days=3))
    assert app.delete(f"{TERRITORIES}/{one['id']}").status_code == 204
    after = app.get(f"{TERRITORIES}/{one['id']}").json
    assert after["created_at"] == one["created_at"] < after["archived_at"]


@pytest.mark.parametrize(
    ("codes", "inside", "outside"),
    [
        (PostalCodes("100", "116"), ["100", "11605", "106-59"], ["099", "117", "11", ""]),
        (PostalCodes("2", "2"), ["2", "26001"], ["1", "3", ""]),
        (PostalCodes("SW1", "SW1"), ["sw1a 1aa", "SW1"], ["SE1", "SW"]),
    ],
)
def test_postal_codes_count_by_how_they_begin(
    codes: PostalCodes, inside: list[str], outside: list[str]
) -> None:
    assert [code for code in inside if not codes.include(code)] == []
    assert [code for code in outside if codes.include(code)] == []


def test_all_that_is_said_has_to_be_true_and_what_is_unknown_fits_none() -> None:
    criteria = Criteria(("TW",), (), ("Hotels",), 10, 100)
    fits = Traits("TW", "", " hotels", 10)
    assert criteria.unmet(fits) == ()
    assert criteria.unmet(Traits("JP", "", "ships", 101)) == (
        "countries",
        "industries",
        "largest_company",
    )
    assert criteria.unmet(Traits()) == (
        "countries",
        "industries",
        "smallest_company",
        "largest_company",
    )
    assert Criteria().unmet(Traits()) == ()
