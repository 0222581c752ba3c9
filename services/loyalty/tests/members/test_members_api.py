"""Members over REST: how people become some, how they stand, and how they are found (LO-1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from loyalty.ledger import operations as ledger
from loyalty.ledger.domain import Cause
from loyalty.members.domain import check_digit
from loyalty.transaction import LoyaltyTx
from rapport.loyalty.events.v1 import member_events_pb2 as events
from services.loyalty.tests.builders import (
    MEMBERS,
    PROGRAMS,
    Loyalty,
    at_once,
    create_program,
    enrol,
    facts,
    good,
    lasting_app,
    places,
    refused,
)


def test_listing_needs_a_token_and_shows_no_other_tenants(loyalty: Loyalty, app: ApiClient) -> None:
    member = enrol(app, create_program(app), uuid4(), external_ids=[{"system": "pos", "id": "7"}])
    path = f"{MEMBERS}/{member['id']}"
    assert refused(loyalty.anonymous().get(MEMBERS)) == (401, "token_missing")
    stranger = loyalty.app_client(loyalty.new_tenant())
    assert stranger.get(MEMBERS).json["items"] == []
    for read in (
        path,
        f"{MEMBERS}/by-number/{member['number']}",
        f"{MEMBERS}/by-external-id/pos/7",
    ):
        assert app.get(read).json.items() >= member.items()
        assert stranger.get(read).status_code == 404, read
    assert stranger.patch(path, {"external_ids": []}).status_code == 404
    for verb, body in (("suspend", {"reason": "x"}), ("reinstate", None), ("leave", {})):
        assert stranger.post(f"{path}/{verb}", body).status_code == 404, verb


def test_who_may_enrol_may_not_suspend(loyalty: Loyalty, app: ApiClient) -> None:
    assert app.tenant_id is not None
    member = enrol(app, create_program(app), uuid4())
    clerk = loyalty.app_client(app.tenant_id, "loyalty.members.write")
    answer = clerk.post(f"{MEMBERS}/{member['id']}/suspend", {"reason": "Fraud"})
    assert refused(answer) == (403, "permission_missing")


def test_a_member_gets_a_number_of_the_programs_form_and_is_told_of(
    loyalty: Loyalty, app: ApiClient
) -> None:
    program, person = create_program(app, numbers={"prefix": "CAFE", "digits": 8}), uuid4()
    member = enrol(app, program, person)
    drawn = member["number"].removeprefix("CAFE")
    assert (len(drawn), check_digit(drawn)) == (9, 0)
    assert (member["status"], member["source"]) == ("active", "api")
    (told,) = facts(loyalty, app, events.MemberEnrolled)
    assert (told.member_id, told.person_id) == (member["id"], str(person))
    assert (told.program_id, told.source) == (program["id"], "api")


def test_a_person_is_a_member_of_a_program_once_also_when_many_enrol_them_at_once(
    app: ApiClient,
) -> None:
    program, other = create_program(app), create_program(app, key="circle")
    body = {"program_id": program["id"], "person_id": str(uuid4())}
    assert at_once(*[lambda: app.post(MEMBERS, body)] * 4) == [200, 200, 200, 201]
    (member,) = app.get(f"{MEMBERS}?person_id={body['person_id']}").json["items"]
    assert app.post(MEMBERS, body).json == member
    good(app.post(MEMBERS, {**body, "program_id": other["id"]}))
    assert len(app.get(f"{MEMBERS}?person_id={body['person_id']}").json["items"]) == 2


def test_members_from_before_keep_their_number_and_their_day(app: ApiClient) -> None:
    program = create_program(app)
    old = {"number": "old 4711-a", "enrolled_at": "2019-05-06T07:00:00Z"}
    member = enrol(app, program, uuid4(), **old)
    assert (member["number"], member["enrolled_at"]) == ("OLD4711A", "2019-05-06T07:00:00Z")
    assert app.get(f"{MEMBERS}/by-number/old4711-A").json.items() >= member.items()
    again = {"program_id": program["id"], "person_id": str(uuid4()), **old}
    assert refused(app.post(MEMBERS, again)) == (409, "member_number_taken")
    late = {**again, "number": None, "enrolled_at": "2999-01-01T00:00:00Z"}
    assert places(app.post(MEMBERS, late)) == [("/enrolled_at", "time_to_come")]
    for early in ("0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z"):
        answer = app.post(MEMBERS, {**late, "enrolled_at": early})
        assert places(answer) == [("/enrolled_at", "time_too_early")]
    founder = enrol(app, program, uuid4(), enrolled_at="1970-01-01T00:00:00Z")
    assert app.get(f"{MEMBERS}/{founder['id']}").status_code == 200


@pytest.mark.parametrize("number", ["4711", "%00", "47%0011", "%FF%FE", "%E2%82%AC", "-", "a_b%27"])
def test_what_is_nobodys_number_or_none_at_all_is_not_found(app: ApiClient, number: str) -> None:
    enrol(app, create_program(app), uuid4())
    assert app.get(f"{MEMBERS}/by-number/{number}").status_code == 404


def test_of_two_who_claim_one_number_at_once_one_gets_it(app: ApiClient) -> None:
    program = create_program(app)

    def claim(person: str) -> dict[str, str]:
        return {"program_id": program["id"], "person_id": person, "number": "A-4711"}

    one, other = claim(str(uuid4())), claim(str(uuid4()))
    assert at_once(lambda: app.post(MEMBERS, one), lambda: app.post(MEMBERS, other)) == [201, 409]


def test_a_thousand_are_enrolled_together_and_each_is_answered(app: ApiClient) -> None:
    program = create_program(app)
    known = enrol(app, program, uuid4())
    items = [{"program_id": program["id"], "person_id": str(uuid4())} for _ in range(3)]
    items.append({"program_id": program["id"], "person_id": known["person_id"]})
    items.append({"program_id": str(uuid4()), "person_id": str(uuid4())})
    answer = good(app.post(f"{MEMBERS}/batch", {"items": items}))
    assert [item["status"] for item in answer["items"]] == [201, 201, 201, 200, 404]
    assert answer["items"][3]["id"] == known["id"]
    sources = [one["source"] for one in app.get(f"{MEMBERS}?source=batch").json["items"]]
    assert sources == ["batch"] * 3
    refused_whole = app.post(f"{MEMBERS}/batch", {"items": items, "atomic": True})
    assert refused(refused_whole) == (422, "batch_refused")


def test_a_program_may_take_nobody_by_the_api(app: ApiClient) -> None:
    program = create_program(app, enrolment={"by_api": False, "interaction_kinds": ["sign_up"]})
    body = {"program_id": program["id"], "person_id": str(uuid4())}
    assert refused(app.post(MEMBERS, body)) == (409, "enrolment_not_by_api")
    assert app.post(MEMBERS, {**body, "program_id": str(uuid4())}).status_code == 404


def test_a_member_is_suspended_reinstated_leaves_and_returns_under_the_same_number(
    loyalty: Loyalty, app: ApiClient
) -> None:
    program = create_program(app)
    member = enrol(app, program, uuid4())
    path = f"{MEMBERS}/{member['id']}"
    suspended = good(app.post(f"{path}/suspend", {"reason": "Chargebacks"}))
    assert (suspended["status"], suspended["reason"]) == ("suspended", "Chargebacks")
    assert refused(app.post(f"{path}/suspend", {"reason": "x"})) == (409, "member_not_in_state")
    assert good(app.post(f"{path}/reinstate"))["reason"] == ""
    assert refused(app.post(f"{path}/reinstate")) == (409, "member_not_in_state")
    assert good(app.post(f"{path}/leave", {"reason": "Moved away"}))["status"] == "left"
    assert refused(app.post(f"{path}/leave", {})) == (409, "member_not_in_state")
    returned = good(app.post(f"{path}/rejoin"))
    assert (returned["status"], returned["number"]) == ("active", member["number"])
    good(app.post(f"{path}/leave", {}))
    assert enrol(app, program, member["person_id"])["id"] == member["id"]
    good(app.post(f"{path}/leave", {}))
    good(app.post(f"{PROGRAMS}/{program['id']}/close", {}))
    assert refused(app.post(f"{path}/rejoin")) == (409, "program_not_active")
    assert [one.reason for one in facts(loyalty, app, events.MemberSuspended)] == ["Chargebacks"]
    assert [one.reason for one in facts(loyalty, app, events.MemberLeft)] == ["Moved away", "", ""]
    assert len(facts(loyalty, app, events.MemberReinstated)) == 1
    assert len(facts(loyalty, app, events.MemberRejoined)) == 2


def test_who_is_suspended_does_not_get_free_by_leaving_and_returning(
    loyalty: Loyalty, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    member = enrol(app, create_program(app), uuid4())
    path = f"{MEMBERS}/{member['id']}"
    good(app.post(f"{path}/suspend", {"reason": "Fraud"}))
    clerk = loyalty.app_client(app.tenant_id, "loyalty.members.write")
    assert refused(clerk.post(f"{path}/leave", {})) == (409, "member_not_in_state")
    assert refused(clerk.post(f"{path}/rejoin")) == (409, "member_not_in_state")
    assert app.get(path).json["status"] == "suspended"
    good(app.post(f"{path}/reinstate"))
    assert good(clerk.post(f"{path}/leave", {}))["status"] == "left"


def test_of_leaving_and_being_suspended_at_once_one_is_done(app: ApiClient) -> None:
    path = f"{MEMBERS}/{enrol(app, create_program(app), uuid4())['id']}"
    calls = (
        lambda: app.post(f"{path}/leave", {}),
        lambda: app.post(f"{path}/suspend", {"reason": "Fraud"}),
    )
    assert at_once(*calls) == [200, 409]


def test_of_two_who_suspend_a_member_at_once_one_does(app: ApiClient) -> None:
    member = enrol(app, create_program(app), uuid4())
    path = f"{MEMBERS}/{member['id']}/suspend"
    assert at_once(*[lambda: app.post(path, {"reason": "Fraud"})] * 2) == [200, 409]


def test_a_member_is_known_by_what_other_systems_call_it(loyalty: Loyalty, app: ApiClient) -> None:
    program = create_program(app)
    path = f"{MEMBERS}/by-external-id/pos/A%2F7"
    body = {"program_id": program["id"], "person_id": str(uuid4())}
    member = good(app.put(path, body))
    assert member["external_ids"] == [{"system": "pos", "id": "A/7"}]
    assert app.get(path).json.items() >= member.items()
    assert good(app.put(path, body)) == member
    other = {**body, "person_id": str(uuid4())}
    assert refused(app.put(path, other)) == (409, "member_external_id_taken")
    taken = {**other, "external_ids": member["external_ids"]}
    assert refused(app.post(MEMBERS, taken)) == (409, "member_external_id_taken")
    changed = good(app.patch(f"{MEMBERS}/{member['id']}", {"external_ids": []}))
    assert changed["version"] == member["version"] + 1
    assert app.get(path).status_code == 404
    assert good(app.patch(f"{MEMBERS}/{member['id']}", {})) == changed
    twice = {"external_ids": [{"system": "pos", "id": one} for one in "12"]}
    answer = app.patch(f"{MEMBERS}/{member['id']}", twice)
    assert places(answer) == [("/external_ids", "external_id_twice")]
    assert len(facts(loyalty, app, events.MemberChanged)) == 2


def test_an_upsert_at_once_makes_one_member(app: ApiClient) -> None:
    body = {"program_id": create_program(app)["id"], "person_id": str(uuid4())}
    path = f"{MEMBERS}/by-external-id/pos/7"
    assert at_once(*[lambda: app.put(path, body)] * 3) == [200, 200, 201]


@pytest.mark.parametrize("wrong", [{"number": "x"}, {"number": "a\u0000bcd"}, {"person_id": "me"}])
def test_what_is_no_member_is_refused(app: ApiClient, wrong: dict[str, str]) -> None:
    body = {"program_id": create_program(app)["id"], "person_id": str(uuid4()), **wrong}
    assert app.post(MEMBERS, body).status_code == 422


def test_members_are_listed_by_the_day_since_when_they_are_some(
    timed: Loyalty, clock: MovableClock
) -> None:
    clock.move(datetime(2031, 1, 15, 12, tzinfo=UTC) - clock.now())
    app = lasting_app(timed, clock)
    program = create_program(app)
    first = enrol(app, program, uuid4())
    clock.move(timedelta(days=30))
    second = enrol(app, program, uuid4())
    listed = app.get(f"{MEMBERS}?sort=enrolled_at").json["items"]
    assert [one["id"] for one in listed] == [first["id"], second["id"]]
    late = app.get(f"{MEMBERS}?enrolled_at[gte]=2031-02-01T00:00:00Z").json["items"]
    assert [one["id"] for one in late] == [second["id"]]


def test_a_member_is_shown_with_points_their_worth_and_what_is_missing_to_the_next_tier(
    timed: Loyalty, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    program = create_program(app, point_value="0.025")
    member = enrol(app, program, uuid4())
    path = f"{MEMBERS}/{member['id']}"
    nothing = {"available": 0, "pending": 0, "reserved": 0, "next_expiry": None, "expiring": 0}
    shown = good(app.get(path))
    assert shown["points"] == {**nothing, "worth": {"amount": "0.00", "currency": "TWD"}}
    assert shown["tier"] is None
    tier = {"key": "silver", "name": {"en": "Silver"}, "threshold": "100"}
    good(app.put(f"{PROGRAMS}/{program['id']}/tiers", {"tiers": [tier], "by": "spend"}))
    caller = service_caller("loyalty", timed_tenant(app))

    def earn(tx: LoyaltyTx) -> None:
        ledger.earn(tx, UUID(member["id"]), 101, Cause("earning", "1"))

    timed.service.operations.run(caller, earn)
    shown = good(app.get(path))
    assert shown["points"]["available"] == 101
    assert shown["points"]["worth"] == {"amount": "2.53", "currency": "TWD"}
    assert shown["tier"]["next"] == {**tier, "missing": "100"}
    # The tier is looked at meanwhile, by whom the points tell.
    by_number = f"{MEMBERS}/by-number/{member['number']}"
    eventually(lambda: app.get(by_number).json == app.get(path).json)


def test_a_list_shows_points_and_tiers_when_asked_as_of_now(
    timed: Loyalty, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    program = create_program(app, point_value="0.025")
    none, some = enrol(app, program, uuid4()), enrol(app, program, uuid4())
    tier = {"key": "silver", "name": {"en": "Silver"}, "threshold": "100"}
    good(app.put(f"{PROGRAMS}/{program['id']}/tiers", {"tiers": [tier], "by": "points"}))
    caller, soon = service_caller("loyalty", timed_tenant(app)), clock.now() + timedelta(days=1)

    def earn(tx: LoyaltyTx) -> None:
        cause = Cause("earning", "1")
        ledger.earn(tx, UUID(some["id"]), 101, cause, expires_at=soon)

    timed.service.operations.run(caller, earn)
    grant = {"tier": "silver", "until": (clock.now() + timedelta(days=9)).isoformat()}
    grant["reason"] = "A guest of honour"
    good(app.put(f"{MEMBERS}/{some['id']}/tier/grant", grant))

    def listed(query: str) -> dict[str, dict[str, Any]]:
        items = good(app.get(f"{MEMBERS}{query}"))["items"]
        return {one["id"]: one for one in items}

    assert not {"points", "tier"} & set(listed("")[some["id"]])
    assert "tier" not in listed("?expand=points")[some["id"]]
    shown = listed("?expand=points,tier")
    assert shown[some["id"]]["tier"] == {"key": "silver", "name": {"en": "Silver"}, "rank": 0}
    assert shown[none["id"]]["tier"] is None
    for one in (none, some):
        by_itself = good(app.get(f"{MEMBERS}/{one['id']}"))
        assert shown[one["id"]]["points"] == by_itself["points"]
    assert shown[some["id"]]["points"]["available"] == 101
    # No timer has noted yet that they have expired.
    clock.move(timedelta(days=2))
    assert listed("?expand=points")[some["id"]]["points"]["available"] == 0
    assert app.get(f"{MEMBERS}?expand=secrets").status_code == 400
    stranger = lasting_app(timed, clock)
    assert good(stranger.get(f"{MEMBERS}?expand=points,tier"))["items"] == []


def timed_tenant(app: ApiClient) -> UUID:
    """The tenant of a client."""
    assert app.tenant_id is not None
    return app.tenant_id
