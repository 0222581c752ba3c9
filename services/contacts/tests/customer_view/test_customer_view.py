"""A customer from all sides: what four services tell, and what is missing when one does not (CO-5)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest

from chassis.context import service_caller
from chassis.embedded.processes import free_port
from chassis.events.reactions import Envelope
from chassis.testing.client import ApiClient
from contacts.timeline.reactions import on_any_timeline_fact
from rapport.contacts.events.v1.interaction_events_pb2 import InteractionRecorded
from rapport.desk.v1.desk_service_pb2 import OpenTicket
from rapport.loyalty.v1.loyalty_service_pb2 import GetMembershipsResponse
from services.contacts.tests.builders import COMPANIES, PEOPLE, company, person
from services.contacts.tests.customer_view.conftest import Building, Contacts
from services.contacts.tests.customer_view.peers import MORNING, FakePeers, moment


def view(client: ApiClient, person_id: str) -> dict[str, Any]:
    """A person from all sides."""
    answer = client.get(f"{PEOPLE}/{person_id}/view")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def missing(found: dict[str, Any]) -> dict[str, str]:
    """The reasons by part."""
    return {one["part"]: one["reason"] for one in found["missing"]}


def employ(app: ApiClient, person_id: str, company_id: str) -> None:
    """Have somebody work somewhere."""
    started = app.post(f"{PEOPLE}/{person_id}/employments", {"company_id": company_id})
    assert started.status_code == 201, started.text


def visited(viewing: Contacts, app: ApiClient, person_id: str, at: datetime) -> None:
    """Have a visit be told of."""
    assert app.tenant_id is not None
    fact = InteractionRecorded(
        interaction_id=str(uuid4()), person_id=person_id, kind="visit", channel="shop"
    )
    fact.occurred_at.FromDatetime(at)
    kind = fact.DESCRIPTOR.full_name
    about = Envelope(uuid4(), kind, app.tenant_id, uuid4(), 1, "service:contacts", at, None)
    caller = service_caller("contacts", app.tenant_id)
    viewing.service.operations.run(caller, on_any_timeline_fact, fact, about)


def test_a_customer_is_seen_from_all_sides_in_one_call(app: ApiClient, peers: FakePeers) -> None:
    ming = person(app, emails=[{"address": "ming@rapport.dev"}])
    shop = company(app, domain="datong.example")
    employ(app, ming, shop)

    found = view(app, ming)

    assert found["missing"] == []
    assert (found["person"]["id"], found["person"]["full_name"]) == (ming, "王小明")
    assert found["person"]["emails"][0]["status"] == "unverified"
    assert (found["company"]["id"], found["company"]["domain"]) == (shop, "datong.example")
    assert {one["state"] for one in found["consents"]} == {"none"}
    sales, tickets = found["sales"], found["tickets"]
    assert sales["open_deals"][0]["amount"] == {"amount": "12.50", "currency": "TWD"}
    assert (sales["won"][0]["count"], sales["open_quotes"]) == (1, [])
    assert sales["recent_orders"][0]["placed_at"] == "2026-03-01T09:00:00Z"
    assert (tickets["open_tickets"][0]["number"], tickets["total_count"]) == ("T-7", 3)
    assert tickets["open_tickets"][0]["due_at"] is None
    assert tickets["last_satisfaction"]["score"] == 5
    (membership,) = found["memberships"]
    assert (membership["tier"]["name"], membership["available_points"]) == ("Gold", 70)
    assert [one["subject"] for one in found["messages"]] == ["Hello"]
    (asked,) = peers.sales.asked
    assert (asked.person_id, asked.company_id) == (ming, shop)


def test_everybody_is_asked_with_the_callers_token_and_one_deadline(
    building: Building, peers: FakePeers
) -> None:
    harness = building(**peers.settings())
    app = harness.app_client(harness.new_tenant())
    ming = person(app)
    answer = app.get(f"{PEOPLE}/{ming}/view")
    assert answer.status_code == 200
    left = [seconds for peer in peers.all for seconds in peer.left]
    assert len(left) == 4
    assert all(0 < seconds <= 1 for seconds in left)
    tokens = {token for peer in peers.all for token in peer.callers}
    assert tokens == {app.token}


def test_what_happened_last_comes_first_and_is_what_the_timeline_says(
    viewing: Contacts, app: ApiClient
) -> None:
    ming = person(app)
    for days in range(12):
        visited(viewing, app, ming, MORNING + timedelta(days=days))
    listed = app.get(f"{PEOPLE}/{ming}/timeline?page_size=10").json["items"]
    assert listed[0]["occurred_at"] == "2026-03-12T09:00:00Z"
    assert view(app, ming)["timeline"] == listed


@pytest.mark.parametrize("name", ["sales", "desk", "loyalty", "notifications"])
def test_a_service_that_is_down_is_named_and_the_rest_is_there(
    building: Building, peers: FakePeers, name: str
) -> None:
    part = {"desk": "tickets", "notifications": "messages"}.get(name, name)
    where = {**peers.settings(), f"{name}_grpc": f"127.0.0.1:{free_port()}"}
    harness = building(**where, customer_view_seconds=5)
    app = harness.app_client(harness.new_tenant())
    found = view(app, person(app))
    assert missing(found) == {part: "unavailable"}
    members = {"loyalty": "memberships"}
    sides = {"sales", "tickets", "memberships", "messages"}
    assert found[members.get(part, part)] is None
    assert all(found[side] is not None for side in sides - {members.get(part, part)})


def test_what_is_not_deployed_is_named_so(building: Building, peers: FakePeers) -> None:
    harness = building(**{**peers.settings(), "desk_grpc": ""}, customer_view_seconds=5)
    app = harness.app_client(harness.new_tenant())
    assert missing(view(app, person(app))) == {"tickets": "not_deployed"}


def test_who_does_not_answer_in_time_is_named_and_is_not_waited_for(
    building: Building, peers: FakePeers
) -> None:
    peers.loyalty.hangs = threading.Event()
    harness = building(**peers.settings(), customer_view_seconds=0.5)
    app = harness.app_client(harness.new_tenant())
    found = view(app, person(app))
    assert missing(found)["loyalty"] == "timeout"
    assert found["memberships"] is None
    assert not peers.loyalty.hangs.is_set()


def test_a_service_that_hangs_does_not_keep_the_others_from_answering(
    building: Building, peers: FakePeers
) -> None:
    """Forty views at once, one of four services hanging: all answer, and soon nobody asks it any more."""
    peers.desk.hangs = threading.Event()
    harness = building(**peers.settings(), customer_view_seconds=1)
    app = harness.app_client(harness.new_tenant())
    ming = person(app)
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: view(app, ming), range(40)))
    reasons = {missing(one)["tickets"] for one in seen}
    assert reasons <= {"timeout", "unavailable"}
    assert "unavailable" in reasons
    assert len(peers.desk.asked) < 40
    assert app.get(f"{PEOPLE}/{ming}").status_code == 200


def test_a_refusal_is_named_forbidden(app: ApiClient, peers: FakePeers) -> None:
    peers.loyalty.fails = grpc.StatusCode.PERMISSION_DENIED
    peers.desk.fails = grpc.StatusCode.INTERNAL
    assert missing(view(app, person(app))) == {"loyalty": "forbidden", "tickets": "unavailable"}


def test_parts_of_sales_that_the_caller_may_not_see_are_named(
    app: ApiClient, peers: FakePeers
) -> None:
    peers.sales.answer.summary.withheld.extend(["orders", "quotes", "nonsense"])  # type: ignore[attr-defined]
    found = view(app, person(app))
    assert missing(found) == {"orders": "forbidden", "quotes": "forbidden"}
    assert found["sales"] is not None


def test_what_makes_no_sense_counts_as_no_answer(app: ApiClient, peers: FakePeers) -> None:
    answers: Any = [peer.answer for peer in peers.all]
    sales, tickets, members, messages = answers
    sales.summary.open_deals[0].amount.amount = "a lot"
    tickets.open_tickets[0].ticket_id = "seven"
    members.memberships[0].enrolled_at.seconds = 2**62
    messages.messages[0].message_id = ""
    found = view(app, person(app))
    assert missing(found) == dict.fromkeys(
        ("sales", "tickets", "loyalty", "messages"), "unavailable"
    )


def test_whoever_tells_too_much_is_cut_short_or_not_listened_to(
    app: ApiClient, peers: FakePeers
) -> None:
    tickets: Any = peers.desk.answer
    tickets.open_tickets.extend(
        OpenTicket(ticket_id=str(uuid4()), opened_at=moment()) for _ in range(500)
    )
    members: Any = peers.loyalty.answer
    members.memberships[0].program_name = "x" * (5 * 2**20)
    assert isinstance(members, GetMembershipsResponse)
    found = view(app, person(app))
    assert len(found["tickets"]["open_tickets"]) == 20
    assert missing(found) == {"loyalty": "unavailable"}


def test_somebody_merged_is_answered_with_who_is_left(app: ApiClient, peers: FakePeers) -> None:
    ming, double = person(app), person(app, "Double")
    assert app.post(f"{PEOPLE}/{ming}/merge", {"person_id": double}).status_code == 201
    assert view(app, double)["person"]["id"] == ming
    assert [asked.person_id for asked in peers.loyalty.asked] == [ming]


def test_somebody_erased_is_nobody_and_nobody_is_asked(app: ApiClient, peers: FakePeers) -> None:
    ming = person(app)
    erased = app.post(f"{PEOPLE}/{ming}/erase", {"reason": "asked by letter"})
    assert erased.status_code == 200, erased.text
    assert app.get(f"{PEOPLE}/{ming}/view").status_code == 404
    assert [peer.asked for peer in peers.all] == [[], [], [], []]


def test_another_tenants_people_and_those_out_of_reach_do_not_exist(
    viewing: Contacts, app: ApiClient, peers: FakePeers
) -> None:
    ming = person(app)
    assert app.tenant_id is not None
    stranger = viewing.app_client(viewing.new_tenant())
    seller = viewing.user_client(app.tenant_id, {"*": "own"})
    for client in (stranger, seller):
        assert client.get(f"{PEOPLE}/{ming}/view").status_code == 404
    assert peers.sales.asked == []


def test_without_a_token_or_the_permission_nobody_sees_anything(
    viewing: Contacts, app: ApiClient
) -> None:
    ming = person(app)
    assert app.tenant_id is not None
    assert viewing.anonymous().get(f"{PEOPLE}/{ming}/view").status_code == 401
    other = viewing.app_client(app.tenant_id, "sales.*")
    assert other.get(f"{PEOPLE}/{ming}/view").status_code == 403


def test_own_parts_need_their_own_permission_and_the_company_is_kept_from_sales(
    viewing: Contacts, app: ApiClient, peers: FakePeers
) -> None:
    ming = person(app)
    employ(app, ming, company(app))
    assert app.tenant_id is not None
    narrow = viewing.app_client(app.tenant_id, "contacts.people.read")
    found = view(narrow, ming)
    assert missing(found) == {
        "company": "forbidden",
        "consents": "forbidden",
        "timeline": "forbidden",
    }
    assert (found["company"], found["consents"], found["timeline"]) == (None, None, None)
    assert not peers.sales.asked[0].HasField("company_id")


def test_each_part_goes_by_the_reach_of_its_own_permission(
    viewing: Contacts, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    me = uuid4()
    reach = {
        "contacts.people.read": "all",
        "contacts.consents.read": "own",
        "contacts.timeline.read": "all",
    }
    seller = viewing.user_client(app.tenant_id, reach, user_id=me)
    theirs, mine = person(app), person(app, owner_id=str(me))
    visited(viewing, app, theirs, MORNING)
    assert missing(view(seller, theirs)) == {"consents": "forbidden"}
    assert missing(view(seller, mine)) == {}
    assert [one["kind"] for one in view(seller, theirs)["timeline"]] == ["visit"]


def test_a_company_out_of_reach_is_not_shown_with_somebody_within(
    viewing: Contacts, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    seller = viewing.user_client(app.tenant_id, {"contacts.*": "own"})
    mine = person(seller)
    employ(app, mine, company(app))
    assert missing(view(seller, mine)) == {"company": "forbidden"}
    assert seller.get(COMPANIES).json["items"] == []


def test_a_view_while_the_person_is_changed_is_of_one_version_or_the_other(
    app: ApiClient,
) -> None:
    ming = person(app, "Old")
    with ThreadPoolExecutor(2) as pool:
        changing = pool.submit(
            lambda: [
                app.patch(f"{PEOPLE}/{ming}", {"full_name": f"New {n}"}).status_code
                for n in range(5)
            ]
        )
        seen = [view(app, ming)["person"] for _ in range(5)]
        assert changing.result() == [200] * 5
    versions = [one["version"] for one in seen]
    assert versions == sorted(versions)
    assert {(one["version"], one["full_name"]) for one in seen} <= {
        (1, "Old"),
        *((n + 2, f"New {n}") for n in range(5)),
    }
