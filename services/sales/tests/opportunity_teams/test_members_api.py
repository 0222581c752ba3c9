"""Colleagues on an opportunity: who sees it by that, and who decides who does (SA-16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.access.directory import MEMBERS, AccessEntry, remember
from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.identity.events.v1.user_events_pb2 import UserSuspended
from rapport.sales.events.v1 import collaboration_events_pb2 as events
from services.sales.tests.builders import (
    OPPORTUNITIES,
    Sales,
    at_once,
    define_pipeline,
    facts,
    good,
    know_user,
    lasting_app,
    open_one,
    places,
)

OWN = {"sales.opportunities.read": "own", "sales.opportunities.write": "own"}


@dataclass
class Desk:
    """A seller's opportunity, and a colleague who has none."""

    seller: ApiClient
    colleague: ApiClient
    colleague_id: UUID
    opportunity: dict[str, Any]

    @property
    def path(self) -> str:
        """Where the opportunity is."""
        return f"{OPPORTUNITIES}/{self.opportunity['id']}"

    @property
    def membership(self) -> str:
        """Where the colleague's membership is."""
        return f"{self.path}/members/{self.colleague_id}"

    def bring_in(self, role: str = "presales") -> dict[str, Any]:
        """Have the colleague work on it."""
        return good(self.seller.put(self.membership, {"role": role}))


@pytest.fixture
def desk(sales: Sales) -> Desk:
    tenant, seller_id, colleague_id = sales.new_tenant(), uuid4(), uuid4()
    know_user(sales, tenant, colleague_id)
    pipeline = define_pipeline(sales.app_client(tenant))
    seller = sales.user_client(tenant, OWN, user_id=seller_id)
    colleague = sales.user_client(tenant, OWN, user_id=colleague_id)
    return Desk(seller, colleague, colleague_id, open_one(seller, pipeline))


def test_a_member_sees_the_opportunity_and_changes_nothing_of_it(sales: Sales, desk: Desk) -> None:
    assert desk.colleague.get(desk.path).status_code == 404
    placed = desk.seller.put(desk.membership, {"role": "presales"})
    assert (placed.status_code, placed.json["role"]) == (201, "presales")
    for path in ("", "/history", "/coverage", "/people", "/members"):
        assert desk.colleague.get(f"{desk.path}{path}").status_code == 200, path
    mine = f"{OPPORTUNITIES}?member_id={desk.colleague_id}"
    (listed,) = good(desk.colleague.get(mine))["items"]
    assert listed["id"] == desk.opportunity["id"]
    # What the colleague works on is no list of the colleague's own opportunities.
    assert good(desk.colleague.get(OPPORTUNITIES))["items"] == []
    assert desk.colleague.patch(desk.path, {"name": "Mine"}).status_code == 404
    assert desk.colleague.post(f"{desk.path}/move", {"stage": "talk"}).status_code == 404
    other = f"{desk.path}/members/{uuid4()}"
    assert desk.colleague.put(other, {"role": "friend"}).status_code == 404
    (told,) = facts(sales, desk.seller, events.OpportunityMemberJoined)
    assert (told.user_id, told.role) == (str(desk.colleague_id), "presales")


def test_whose_own_is_seen_by_a_lead_is_seen_on_the_team_as_well(sales: Sales, desk: Desk) -> None:
    tenant = desk.seller.tenant_id
    assert tenant is not None
    stranger = sales.user_client(tenant, OWN)
    desk.bring_in()
    path = f"{OPPORTUNITIES}?member_id={desk.colleague_id}"
    assert good(stranger.get(path))["items"] == []
    everybody = sales.user_client(tenant, {"sales.opportunities.read": "all"})
    assert len(good(everybody.get(path))["items"]) == 1
    assert stranger.get(f"{desk.path}/members").status_code == 404


def test_who_leaves_sees_it_no_more_and_stays_in_its_history(sales: Sales, desk: Desk) -> None:
    desk.bring_in()
    assert desk.bring_in("legal")["role"] == "legal"
    (changed,) = facts(sales, desk.seller, events.OpportunityMemberRoleChanged)
    assert (changed.previous_role, changed.role) == ("presales", "legal")
    assert desk.seller.delete(desk.membership).status_code == 204
    assert desk.colleague.get(desk.path).status_code == 404
    assert desk.seller.delete(desk.membership).status_code == 404
    assert good(desk.seller.get(f"{desk.path}/members"))["items"] == []
    desk.bring_in("presales")
    ever = good(desk.seller.get(f"{desk.path}/members?left=true"))["items"]
    assert [(one["role"], one["left_at"] is None) for one in ever] == [
        ("legal", False),
        ("presales", True),
    ]
    (left,) = facts(sales, desk.seller, events.OpportunityMemberLeft)
    assert left.user_id == str(desk.colleague_id)


def test_a_member_is_there_since_the_moment_of_joining(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    path = f"{OPPORTUNITIES}/{open_one(app, define_pipeline(app))['id']}/members"
    assert app.tenant_id is not None
    early, late = (know_user(timed, app.tenant_id, uuid4()) for _ in range(2))
    good(app.put(f"{path}/{early}", {"role": "presales"}))
    clock.move(timedelta(days=30))
    good(app.put(f"{path}/{late}", {"role": "presales"}))
    # Another role does not begin the time anew.
    good(app.put(f"{path}/{early}", {"role": "legal"}))
    first, second = good(app.get(path))["items"]
    assert (first["user_id"], second["user_id"]) == (str(early), str(late))
    assert second["joined_at"] > first["joined_at"]


def test_two_who_bring_in_the_same_colleague_at_once_bring_in_one(desk: Desk) -> None:
    calls = [lambda: desk.seller.put(desk.membership, {"role": "presales"})] * 4
    assert at_once(*calls) == [200, 200, 200, 201]
    assert len(good(desk.seller.get(f"{desk.path}/members?left=true"))["items"]) == 1


def test_who_cannot_sign_in_is_not_brought_in(bus: Bus, desk: Desk) -> None:
    tenant = desk.seller.tenant_id
    assert tenant is not None
    bus.say(UserSuspended(user_id=str(desk.colleague_id)), tenant, desk.colleague_id, version=2)
    eventually(bus.is_settled)
    answer = desk.seller.put(desk.membership, {"role": "presales"})
    assert (answer.status_code, places(answer)) == (422, [("/user_id", "user_inactive")])


def test_only_users_of_the_tenant_are_brought_in(sales: Sales, desk: Desk) -> None:
    tenant = desk.seller.tenant_id
    assert tenant is not None
    elsewhere = know_user(sales, sales.new_tenant(), uuid4())
    for stranger in (uuid4(), elsewhere):
        answer = desk.seller.put(f"{desk.path}/members/{stranger}", {"role": "presales"})
        assert (answer.status_code, places(answer)) == (422, [("/user_id", "user_unknown")])
    assert good(desk.seller.get(f"{desk.path}/members?left=true"))["items"] == []
    know_user(sales, tenant, elsewhere)
    good(desk.seller.put(f"{desk.path}/members/{elsewhere}", {"role": "presales"}))


def test_who_is_in_a_team_or_calls_is_known_though_nothing_else_was_told_of_them(
    sales: Sales, desk: Desk
) -> None:
    tenant, mate, me = desk.seller.tenant_id, uuid4(), uuid4()
    assert tenant is not None
    team = AccessEntry(MEMBERS, str(uuid4()), 1, {"users": [str(mate)]})
    with sales.service.database.tenant_transaction(tenant) as connection:
        remember(connection, tenant, team, sales.service.clock.now())
    good(desk.seller.put(f"{desk.path}/members/{mate}", {"role": "presales"}))
    everybody = dict.fromkeys(OWN, "all")
    leader = sales.user_client(tenant, everybody, user_id=me)
    good(leader.put(f"{desk.path}/members/{me}", {"role": "sponsor"}))
    assert len(good(desk.seller.get(f"{desk.path}/members"))["items"]) == 2
