"""Tiers of programs over REST: how they are defined, refused and changed, and what nobody else sees (LO-5)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.loyalty.events.v1 import tier_events_pb2 as events
from services.loyalty.tests.builders import (
    PROGRAMS,
    Loyalty,
    at_once,
    create_program,
    facts,
    good,
    places,
    refused,
)
from services.loyalty.tests.tiering import Shop, tiers_of


def path_of(program: dict[str, Any]) -> str:
    """Where a program's tiers are."""
    return f"{PROGRAMS}/{program['id']}/tiers"


def test_reading_needs_a_token_and_shows_no_other_tenants(loyalty: Loyalty, app: ApiClient) -> None:
    path = path_of(create_program(app))
    assert app.get(path).status_code == 404
    good(app.put(path, tiers_of("100", "200")))
    assert refused(loyalty.anonymous().get(path)) == (401, "token_missing")
    stranger = loyalty.app_client(loyalty.new_tenant())
    for read in (path, f"{path}/revisions"):
        assert stranger.get(read).status_code == 404, read
    assert stranger.put(path, tiers_of("1")).status_code == 404
    assert app.tenant_id is not None
    reader = loyalty.app_client(app.tenant_id, "loyalty.tiers.read")
    assert reader.put(path, tiers_of("1")).status_code == 403
    assert app.put(path_of({"id": uuid4()}), tiers_of("1")).status_code == 404


def test_tiers_are_defined_changed_and_every_revision_is_kept(
    loyalty: Loyalty, app: ApiClient
) -> None:
    program = create_program(app)
    path = path_of(program)
    benefits = [
        {"kind": "earning_multiplier", "percent": 150, "text": {}},
        {"kind": "free_shipping", "percent": None, "text": {"en": "We pay the postage."}},
    ]
    body = tiers_of("100", "200.5", "400")
    body["tiers"][1]["benefits"] = benefits
    defined = good(app.put(path, body))
    assert app.get(path).json == defined
    assert (defined["revision"], defined["tiers"][1]["benefits"]) == (1, benefits)
    assert good(app.put(path, body)) == defined
    changed = good(app.put(path, tiers_of("100", "300")))
    assert (changed["revision"], changed["replaced"]) == (2, {"platinum": "gold"})
    back = good(app.put(path, tiers_of("100", "300", "400")))
    assert back["replaced"] == {}
    revisions = good(app.get(f"{path}/revisions"))["items"]
    assert [one["revision"] for one in revisions] == [3, 2, 1]
    assert revisions[2]["tiers"] == defined["tiers"]
    (told,) = facts(loyalty, app, events.TierSchemeDefined)
    assert [tier.multiplier_percent for tier in told.scheme.tiers] == [100, 150, 100]
    assert [one.scheme.revision for one in facts(loyalty, app, events.TierSchemeChanged)] == [2, 3]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (tiers_of("200", "200"), [("/tiers/1/threshold", "threshold_not_rising")]),
        (tiers_of("1.5", by="points"), [("/tiers/0/threshold", "threshold_not_whole")]),
        (tiers_of("1.5", by="purchases"), [("/tiers/0/threshold", "threshold_not_whole")]),
        (
            {**tiers_of("1"), "tiers": [*tiers_of("1")["tiers"], *tiers_of("2")["tiers"]]},
            [("/tiers/1/key", "tier_twice")],
        ),
    ],
)
def test_tiers_that_cannot_be_told_apart_are_refused(
    app: ApiClient, body: dict[str, Any], wrong: list[tuple[str, str]]
) -> None:
    answer = app.put(path_of(create_program(app)), body)
    assert (answer.status_code, places(answer)) == (422, wrong)


@pytest.mark.parametrize(
    "benefit", [{"kind": "earning_multiplier"}, {"kind": "free_shipping", "percent": 5}]
)
def test_a_benefit_has_a_percentage_where_it_needs_one_and_nowhere_else(
    app: ApiClient, benefit: dict[str, Any]
) -> None:
    body = tiers_of("1")
    body["tiers"][0]["benefits"] = [benefit]
    answer = app.put(path_of(create_program(app)), body)
    assert places(answer) == [("/tiers/0/benefits/0/percent", "percent_unfitting")]


def test_of_definitions_at_once_each_is_a_revision_of_its_own(app: ApiClient) -> None:
    path = path_of(create_program(app))
    bodies = [tiers_of(str(n)) for n in (1, 2, 3)]
    assert at_once(*[lambda body=body: app.put(path, body) for body in bodies]) == [200] * 3
    revisions = good(app.get(f"{path}/revisions"))["items"]
    assert [one["revision"] for one in revisions] == [3, 2, 1]
    assert revisions[0]["tiers"] == good(app.get(path))["tiers"]


def test_who_holds_an_outdated_version_changes_nothing(app: ApiClient) -> None:
    path = path_of(create_program(app))
    old = app.put(path, tiers_of("1")).headers["ETag"]
    good(app.put(path, tiers_of("2")))
    answer = app.put(path, tiers_of("3"), headers={"If-Match": old})
    assert refused(answer) == (412, "version_mismatch")


def test_members_of_before_are_in_tiers_once_there_are_any_and_a_hundred_and_more_in_turn(
    timed: Loyalty, clock: MovableClock
) -> None:
    shop = Shop(timed, clock, datetime(2031, 1, 15, 4, tzinfo=UTC))
    items = [{"program_id": shop.program["id"], "person_id": str(uuid4())} for _ in range(230)]
    enrolled = good(shop.app.post("/v1/loyalty/members/batch", {"items": items}))["items"]
    buyer = shop.member()
    shop.deliver(buyer, "500")
    shop.tiers(tiers_of("0", "500"))
    assert shop.tier(buyer) == "gold"
    for one in (enrolled[0], enrolled[120], enrolled[229]):
        assert shop.tier(one) == "silver"


def test_a_change_that_is_harder_takes_nothing_before_the_time_that_it_leaves(
    timed: Loyalty, clock: MovableClock
) -> None:
    shop = Shop(timed, clock, datetime(2031, 1, 15, 4, tzinfo=UTC))
    shop.tiers(tiers_of("100", "200"))
    member = shop.member()
    shop.deliver(member, "250")
    assert shop.tier(member) == "gold"
    shop.tiers(tiers_of("100", "1000", change_grace_days=60))
    standing = shop.standing(member)
    assert standing["tier"]["key"] == "gold"
    assert standing["loses_at"] == "2031-03-16T16:00:00Z"
    assert standing["keeping"]["missing"] == "750"
    shop.go_to(datetime(2031, 3, 16, 15, 59, tzinfo=UTC))
    assert shop.tier(member) == "gold"
    shop.go_to(datetime(2031, 3, 16, 16, tzinfo=UTC))
    assert shop.tier(member) == "silver"


def test_members_of_a_tier_that_is_gone_are_in_the_next_lower_one(
    timed: Loyalty, clock: MovableClock
) -> None:
    shop = Shop(timed, clock, datetime(2031, 1, 15, 4, tzinfo=UTC))
    shop.tiers(tiers_of("100", "200"))
    member = shop.member()
    shop.deliver(member, "250")
    shop.tiers(tiers_of("100"))
    assert shop.tier(member) == "silver"
    shop.tiers({"tiers": [], "by": "spend"})
    assert shop.tier(member) is None
