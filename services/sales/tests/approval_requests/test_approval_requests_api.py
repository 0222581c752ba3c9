"""Requests for approval: types are data, steps are taken in turn, and nobody approves their own."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.identity.events.v1.access_events_pb2 import TeamPlaced
from rapport.sales.events.v1 import approval_events_pb2 as events
from services.sales.tests.builders import (
    RATES,
    Sales,
    at_once,
    choose_base,
    facts,
    fire,
    good,
    places,
    refused,
)
from services.sales.tests.offices import (
    ABSENCES,
    OWN,
    REQUESTS,
    TYPES,
    Office,
    field,
    office_of,
    step,
)


def test_listing_needs_a_token_and_shows_no_other_tenants(office: Office) -> None:
    kind = office.define(office.step("bob"))
    request = good(office.ask(kind))
    stranger = office.sales.app_client(office.sales.new_tenant())
    for path, one in ((TYPES, kind), (REQUESTS, request)):
        assert refused(office.sales.anonymous().get(path)) == (401, "token_missing")
        assert stranger.get(path).json["items"] == []
        assert stranger.get(f"{path}/{one['id']}").status_code == 404


def test_reach_and_steps_decide_who_sees_a_request(office: Office) -> None:
    request = good(office.ask(office.define(office.step("bob"))))
    path = f"{REQUESTS}/{request['id']}"
    assert good(office.users["ann"].get(path)) == good(office.users["bob"].get(path)) == request
    assert office.users["cai"].get(path).status_code == 404
    assert office.act("cai", request, "approve").status_code == 404
    assert office.users["bob"].get(REQUESTS).json["items"] == []
    (listed,) = office.users["ann"].get(REQUESTS).json["items"]
    assert listed == {name: request[name] for name in listed}


def test_steps_are_taken_in_turn_and_told(office: Office) -> None:
    request = good(office.ask(office.define(office.step("bob"), office.step("cai"))))
    assert (request["status"], request["awaited_user_id"]) == ("waiting", str(office.ids["bob"]))
    assert (office.awaiting("bob"), office.awaiting("cai")) == ([request["id"]], [])
    assert refused(office.act("cai", request, "approve")) == (403, "not_the_approver")
    first = good(office.act("bob", request, "approve", comment="Fine"))
    assert (first["status"], first["awaited_user_id"]) == ("waiting", str(office.ids["cai"]))
    assert refused(office.act("bob", request, "approve")) == (403, "not_the_approver")
    done = good(office.act("cai", request, "approve"))
    assert (done["status"], done["awaited_user_id"]) == ("approved", None)
    told = [(one["action"], one["by"], one["step"], one["comment"]) for one in done["history"]]
    ann, bob, cai = (str(office.ids[name]) for name in ("ann", "bob", "cai"))
    assert told == [
        ("submitted", ann, "", ""),
        ("approved", bob, "bob", "Fine"),
        ("approved", cai, "cai", ""),
    ]
    (asked,) = facts(office.sales, office.app, events.ApprovalRequestSubmitted)
    assert (asked.request.awaited_user_id, asked.request.requester_id) == (bob, ann)
    (half,) = facts(office.sales, office.app, events.ApprovalRequestStepApproved)
    assert half.request.awaited_user_id == cai
    assert len(facts(office.sales, office.app, events.ApprovalRequestApproved)) == 1
    assert refused(office.act("cai", request, "approve")) == (409, "approval_request_status")


def test_nobody_approves_their_own_or_two_steps_of_one(office: Office) -> None:
    role = office.sales.access.role(office.tenant, {"sales.approval_requests.*": "own"})
    office.sales.service.directory.forget(office.tenant)
    for who in ("ann", "bob"):
        token = office.sales.tokens.user(office.tenant, office.ids[who], roles=[role])
        office.users[who] = ApiClient(office.sales.app, token, office.tenant)
    steps = [step(key, "role", role_id=str(role)) for key in ("first", "second")]
    request = good(office.ask(office.define(*steps)))
    assert refused(office.act("ann", request, "approve")) == (403, "approver_involved")
    assert office.awaiting("ann") == []
    assert office.awaiting("bob") == [request["id"]]
    assert good(office.act("bob", request, "approve"))["status"] == "waiting"
    assert refused(office.act("bob", request, "approve")) == (403, "approver_involved")


def test_what_awaits_somebody_is_what_they_can_decide_on(office: Office) -> None:
    role = office.sales.access.role(office.tenant, {"sales.approval_requests.*": "own"})
    office.sales.service.directory.forget(office.tenant)
    token = office.sales.tokens.user(office.tenant, office.ids["bob"], roles=[role])
    office.users["bob"] = ApiClient(office.sales.app, token, office.tenant)
    steps = [step(key, "role", role_id=str(role)) for key in ("first", "second")]
    request = good(office.ask(office.define(*steps)))
    assert office.awaiting("bob") == [request["id"]]
    good(office.act("bob", request, "approve"))
    assert refused(office.act("bob", request, "approve")) == (403, "approver_involved")
    assert office.awaiting("bob") == []
    # An app decides on nothing, so it is shown nothing: neither what waits nor what was decided.
    done = good(office.ask(office.define(office.step("cai"))))
    good(office.act("cai", done, "approve"))
    assert refused(office.app.post(f"{REQUESTS}/{request['id']}/approve", {}))[0] == 403
    assert office.app.get(f"{REQUESTS}/awaiting-me").json["items"] == []


def test_two_who_decide_at_once_decide_once(office: Office) -> None:
    request = good(office.ask(office.define(office.step("bob"))))
    codes = at_once(
        lambda: office.act("bob", request, "approve"),
        lambda: office.act("bob", request, "reject", comment="No"),
        lambda: office.act("ann", request, "withdraw"),
    )
    assert codes == [200, 409, 409]
    now = good(office.users["ann"].get(f"{REQUESTS}/{request['id']}"))
    assert len(now["history"]) == 2
    kinds = (
        events.ApprovalRequestApproved,
        events.ApprovalRequestRejected,
        events.ApprovalRequestWithdrawn,
    )
    assert sum(len(facts(office.sales, office.app, kind)) for kind in kinds) == 1


def test_an_amount_within_all_limits_needs_nobody_and_one_over_them_more(office: Office) -> None:
    choose_base(office.app)
    rate = {"currency": "USD", "rate": "30", "valid_from": "2020-01-01"}
    good(office.app.post(RATES, rate))
    kind = office.define(office.step("bob", over="1000"), office.step("cai", over="50000"))

    def steps(amount: str, currency: str) -> list[str]:
        asked = good(office.ask(kind, amount={"amount": amount, "currency": currency}))
        return [one["key"] for one in asked["steps"]]

    assert steps("1000", "TWD") == []
    assert steps("1000.01", "TWD") == ["bob"]
    # 34 USD are 1,020 TWD.
    assert steps("34", "USD") == ["bob"]
    assert steps("2000", "USD") == ["bob", "cai"]
    assert len(facts(office.sales, office.app, events.ApprovalRequestApproved)) == 1
    assert places(office.ask(kind)) == [("/amount", "amount_missing")]
    unknown = office.ask(kind, amount={"amount": "1", "currency": "EUR"})
    assert refused(unknown) == (409, "exchange_rate_missing")


def test_what_is_returned_is_asked_again_and_begins_anew(office: Office) -> None:
    request = good(office.ask(office.define(office.step("bob"), office.step("cai"))))
    path = f"{REQUESTS}/{request['id']}/resubmit"
    again = {"subject": "A cheaper chair"}
    assert refused(office.users["ann"].post(path, again)) == (409, "approval_request_status")
    good(office.act("bob", request, "approve"))
    assert office.act("cai", request, "return").status_code == 422
    returned = good(office.act("cai", request, "return", comment="Too dear"))
    assert (returned["status"], returned["awaited_user_id"]) == ("returned", None)
    assert office.users["bob"].post(path, again).status_code == 404
    asked = good(office.users["ann"].post(path, again))
    assert (asked["status"], asked["subject"]) == ("waiting", "A cheaper chair")
    assert asked["awaited_user_id"] == str(office.ids["bob"])
    assert [one["approved_by"] for one in asked["steps"]] == [None, None]
    assert [one["action"] for one in asked["history"]] == [
        "submitted",
        "approved",
        "returned",
        "submitted",
    ]


def test_a_request_is_withdrawn_by_whoever_asks_and_by_nobody_else(office: Office) -> None:
    request = good(office.ask(office.define(office.step("bob"))))
    path = f"{REQUESTS}/{request['id']}/withdraw"
    assert office.users["bob"].post(path).status_code == 404
    assert refused(office.app.post(path)) == (403, "user_needed")
    assert good(office.users["ann"].post(path))["status"] == "withdrawn"
    assert office.awaiting("bob") == []
    assert refused(office.act("bob", request, "approve")) == (409, "approval_request_status")
    assert refused(office.users["ann"].post(path)) == (409, "approval_request_status")


def test_answers_have_to_fit_the_fields_of_the_type(office: Office) -> None:
    fields = [
        field("why", required=True),
        field("price", "number"),
        field("needed_on", "date"),
        field("remote", "boolean"),
        field("color", "choice", choices={"red": {"en": "Red"}, "blue": {"en": "Blue"}}),
    ]
    kind = office.define(office.step("bob"), fields=fields)
    wrong = {"price": "dear", "needed_on": "soon", "remote": "no", "color": "green", "size": "1"}
    answer = office.ask(kind, answers=wrong)
    assert sorted(places(answer)) == [
        ("/answers/color", "answer_impossible"),
        ("/answers/needed_on", "answer_impossible"),
        ("/answers/price", "answer_impossible"),
        ("/answers/remote", "answer_impossible"),
        ("/answers/size", "field_unknown"),
        ("/answers/why", "answer_impossible"),
    ]
    right = {
        "why": "My back",
        "price": "99.50",
        "needed_on": "2028-02-29",
        "remote": False,
        "color": "red",
    }
    assert good(office.ask(kind, answers=right))["answers"] == right


def test_a_type_that_cannot_be_is_refused_with_all_that_is_wrong(office: Office) -> None:
    steps = [
        step("lead", "role"),
        step("lead", "manager", user_id=str(office.ids["bob"])),
        step("deputy", user_id=str(office.ids["bob"]), deputy_id=str(office.ids["bob"])),
    ]
    body = {"key": "odd", "name": {"en": "Odd"}, "steps": steps, "fields": [field("c", "choice")]}
    assert sorted(places(office.app.post(TYPES, body))) == [
        ("/fields/0/choices", "choices_odd"),
        ("/steps/0/role_id", "approver_odd"),
        ("/steps/1/key", "key_repeated"),
        ("/steps/1/user_id", "approver_odd"),
        ("/steps/2/deputy_id", "deputy_odd"),
    ]
    assert office.users["ann"].post(TYPES, body).status_code == 403
    assert office.app.get(TYPES).json["items"] == []


def test_of_two_types_with_one_key_there_is_one(office: Office) -> None:
    body = {"key": "expense", "name": {"en": "Expense"}, "steps": [office.step("bob")]}
    assert at_once(*[lambda: office.app.post(TYPES, body)] * 2) == [201, 409]
    assert len(facts(office.sales, office.app, events.ApprovalTypeDefined)) == 1


def test_a_changed_type_holds_for_what_is_submitted_later_and_an_archived_one_for_nothing(
    office: Office,
) -> None:
    kind = office.define(office.step("bob"))
    before, path = good(office.ask(kind)), f"{TYPES}/{kind['id']}"
    good(office.app.patch(path, {"steps": [office.step("cai")]}))
    after = good(office.ask(kind))
    assert [one["steps"][0]["key"] for one in (before, after)] == ["bob", "cai"]
    assert office.app.delete(path).status_code == 204
    assert refused(office.ask(kind)) == (409, "approval_type_archived")
    assert good(office.act("bob", before, "approve"))["status"] == "approved"
    good(office.app.post(f"{path}/restore"))
    assert office.ask(kind).status_code == 201
    assert places(office.ask({"id": str(uuid4())})) == [("/approval_type_id", "type_unknown")]


def test_the_manager_of_whoever_asks_is_the_nearest_who_is_not_themselves(
    bus: Bus, office: Office
) -> None:
    kind, below, above = office.define(step("lead", "manager")), uuid4(), uuid4()
    assert refused(office.ask(kind)) == (409, "manager_missing")
    tenant, ids = office.tenant, office.ids
    for team, manager, parent in ((above, ids["cai"], None), (below, ids["bob"], above)):
        placed = TeamPlaced(
            team_id=str(team),
            name="Team",
            manager_id=str(manager),
            parent_team_id=None if parent is None else str(parent),
        )
        bus.say(placed, tenant, team, version=2)
    # What comes late says nothing any more.
    bus.say(TeamPlaced(team_id=str(below), name="Team"), tenant, below, version=1)
    eventually(bus.is_settled)
    awaited = {}
    for who in ("ann", "bob"):
        office.users[who] = office.sales.user_client(tenant, OWN, user_id=ids[who], teams=(below,))
        awaited[who] = good(office.ask(kind, who))["awaited_user_id"]
    assert awaited == {"ann": str(ids["bob"]), "bob": str(ids["cai"])}


def test_a_deputy_decides_on_days_on_which_the_approver_is_away_and_on_no_other(
    timed: Sales, clock: MovableClock
) -> None:
    office = office_of(timed)
    deputy, day = str(office.ids["cai"]), clock.now().date() + timedelta(days=5)
    request = good(office.ask(office.define(office.step("bob", deputy_id=deputy))))
    away = {"first_day": day.isoformat(), "last_day": day.isoformat()}
    good(office.users["bob"].post(ABSENCES, away))
    midnight = datetime.combine(day, time(), UTC)
    for moment, may in (
        (midnight - timedelta(seconds=1), False),
        (midnight + timedelta(days=1), False),
        (midnight + timedelta(days=1) - timedelta(seconds=1), True),
    ):
        clock.move(moment - clock.now())
        office.sign_in_anew(clock)
        assert office.awaiting("cai") == ([request["id"]] if may else [])
        assert office.awaiting("bob") == [request["id"]]
        answer = office.act("cai", request, "approve")
        assert answer.status_code == (200 if may else 403), answer.text
    done = good(office.users["ann"].get(f"{REQUESTS}/{request['id']}"))
    assert done["steps"][0]["approved_by"] == deputy


def test_a_request_that_waits_for_too_long_is_told_once_for_each_step(
    timed: Sales, clock: MovableClock
) -> None:
    office = office_of(timed)
    kind = office.define(office.step("bob", max_days=3), office.step("cai", max_days=1))
    request, decided = good(office.ask(kind)), good(office.ask(kind))
    good(office.act("bob", request, "approve"))
    good(office.act("bob", decided, "reject", comment="No"))

    def overdue() -> list[tuple[str, int]]:
        told = facts(timed, office.app, events.ApprovalRequestTimeExceeded)
        return [(one.request.approval_request_id, one.max_days) for one in told]

    clock.move(timedelta(days=1) - timedelta(seconds=1))
    fire(timed)
    assert overdue() == []
    clock.move(timedelta(seconds=1))
    for _ in range(2):
        fire(timed)
    assert overdue() == [(request["id"], 1)]
    clock.move(timedelta(days=10))
    fire(timed)
    assert overdue() == [(request["id"], 1)]


def test_whoever_returned_a_request_still_sees_it(office: Office) -> None:
    request = good(office.ask(office.define(office.step("bob"))))
    path = f"{REQUESTS}/{request['id']}"
    returned = good(office.act("bob", request, "return", comment="Too dear"))
    assert good(office.users["bob"].get(path)) == returned
    assert refused(office.act("bob", request, "approve")) == (409, "approval_request_status")
    assert office.users["cai"].get(path).status_code == 404


def test_a_request_that_nobody_could_ever_decide_on_is_refused_by_its_step(office: Office) -> None:
    own = office.ask(office.define(office.step("bob"), office.step("ann")))
    assert refused(own) == (409, "approver_involved")
    assert "'ann'" in own.json["detail"]
    twice = step("again", user_id=str(office.ids["bob"]))
    repeated = office.ask(office.define(office.step("bob"), twice))
    assert refused(repeated) == (409, "approver_involved")
    assert "'again'" in repeated.json["detail"]
    assert good(office.app.get(REQUESTS))["items"] == []


def test_a_deputy_takes_the_step_of_whoever_is_involved_already(office: Office) -> None:
    cai, dan = str(office.ids["cai"]), str(office.ids["dan"])
    twice = step("again", user_id=str(office.ids["ann"]), deputy_id=dan)
    request = good(office.ask(office.define(office.step("ann", deputy_id=cai), twice)))
    assert [(one["user_id"], one["deputy_id"]) for one in request["steps"]] == [
        (cai, None),
        (dan, None),
    ]
    good(office.act("cai", request, "approve"))
    assert good(office.act("dan", request, "approve"))["status"] == "approved"
    involved = office.step("ann", deputy_id=cai)
    assert refused(office.ask(office.define(office.step("cai"), involved)))[0] == 409


def test_an_amount_below_zero_does_not_slip_under_the_limits(office: Office) -> None:
    choose_base(office.app)
    kind = office.define(office.step("bob", over="1000"))
    below = office.ask(kind, amount={"amount": "-5000", "currency": "TWD"})
    assert places(below) == [("/amount", "amount_negative")]
    assert good(office.ask(kind, amount={"amount": "0", "currency": "TWD"}))["steps"] == []
