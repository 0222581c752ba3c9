"""Promises over REST: made, reminded of, kept, kept late, broken, moved and withdrawn (DE-4)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.testing.client import ApiClient
from desk.app import timer_runner
from desk.people.reactions import on_person_erased
from rapport.contacts.events.v1.person_events_pb2 import PersonErased
from rapport.desk.events.v1 import promise_events_pb2 as events
from rapport.identity.events.v1.user_events_pb2 import UserDeactivated
from services.desk.tests.builders import (
    TICKETS,
    Desk,
    at_once,
    facts,
    good,
    lasting_app,
    open_ticket,
    places,
    refused,
)
from services.desk.tests.conversing import act, current, hear, note, reply
from services.desk.tests.promising import (
    PROMISES,
    PROMISES_KEPT,
    at,
    fire_all,
    minutes,
    pass_time,
    promise,
)
from services.desk.tests.routing_builders import envelope, known_user, tell_user

SETTINGS = "/v1/desk/settings"


@pytest.fixture
def owner(timed: Desk, clock: MovableClock) -> ApiClient:
    """An app of a tenant of its own."""
    return lasting_app(timed, clock)


def found(client: ApiClient, one: dict[str, Any]) -> dict[str, Any]:
    """A promise as it is now."""
    return good(client.get(f"{PROMISES}/{one['id']}"))


@pytest.mark.parametrize("path", [PROMISES, f"{PROMISES}/{UUID(int=1)}", PROMISES_KEPT])
def test_reading_promises_needs_a_token(timed: Desk, path: str) -> None:
    assert refused(timed.anonymous().get(path)) == (401, "token_missing")


def test_who_may_read_may_not_promise_and_strangers_see_nothing(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    assert owner.tenant_id is not None
    ticket = open_ticket(owner)
    made = good(promise(owner, ticket, clock.now() + minutes(60)))
    reader = timed.app_client(owner.tenant_id, "desk.promises.read")
    assert good(reader.get(PROMISES))["items"] == [made]
    assert promise(reader, ticket, clock.now() + minutes(60)).status_code == 403
    stranger = timed.app_client(timed.new_tenant())
    assert good(stranger.get(PROMISES))["items"] == []
    for answer in (
        stranger.get(f"{PROMISES}/{made['id']}"),
        stranger.get(f"{TICKETS}/{ticket['id']}/promises"),
        stranger.post(f"{PROMISES}/{made['id']}/keep"),
        promise(stranger, ticket, clock.now() + minutes(60)),
    ):
        assert refused(answer) == (404, "not_found")


def test_promises_go_by_the_reach_of_their_tickets(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    assert owner.tenant_id is not None
    made = good(promise(owner, open_ticket(owner), clock.now() + minutes(60)))
    own = {"desk.promises.read": "own", "desk.promises.write": "own"}
    agent = timed.user_client(owner.tenant_id, own)
    assert good(agent.get(PROMISES))["items"] == []
    assert agent.get(f"{PROMISES}/{made['id']}").status_code == 404
    assert agent.post(f"{PROMISES}/{made['id']}/withdraw").status_code == 404


def test_a_promise_is_for_a_time_to_come_that_is_not_too_far_away(
    owner: ApiClient, clock: MovableClock
) -> None:
    ticket = open_ticket(owner)
    wrong = [
        (clock.now(), "promise_not_ahead"),
        (clock.now() + timedelta(days=367), "promise_too_far"),
        (clock.now().replace(year=9999), "promise_too_far"),
    ]
    for due_at, code in wrong:
        answer = promise(owner, ticket, due_at)
        assert (answer.status_code, places(answer)) == (422, [("/due_at", code)])
    stranger = promise(owner, ticket, clock.now() + minutes(5), user_id=str(uuid4()))
    assert places(stranger) == [("/user_id", "user_unknown")]


def test_a_promise_is_reminded_of_before_its_time_and_broken_at_it_each_once(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    ticket = open_ticket(owner)
    made = good(promise(owner, ticket, clock.now() + minutes(60), contact_by="phone"))
    pass_time(timed, clock, minutes(44))
    assert facts(timed, owner, events.PromiseReminded) == []
    for step in (1, 5, -5, 5):
        pass_time(timed, clock, minutes(step))
    assert len(facts(timed, owner, events.PromiseReminded)) == 1
    assert facts(timed, owner, events.PromiseBroken) == []
    for step in (10, 5, -20, 30):
        pass_time(timed, clock, minutes(step))
    (broken,) = facts(timed, owner, events.PromiseBroken)
    assert (broken.promise_id, broken.promise.status) == (made["id"], "broken")
    assert found(owner, made)["broken_at"] == made["due_at"]


def test_what_is_broken_is_escalated_as_the_settings_say(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    lead, due_at = known_user(timed, owner), clock.now() + minutes(60)
    calm, urgent = open_ticket(owner, priority="low"), open_ticket(owner, priority="urgent")
    heard = open_ticket(owner)
    for ticket in (calm, urgent, heard):
        good(promise(owner, ticket, due_at, remind_minutes=None))
    settings = good(owner.get(SETTINGS))
    assert settings["broken_promise"]["raise_priority_to"] == "high"
    nobody = owner.put(SETTINGS, {"broken_promise": {"assignee_id": str(uuid4())}})
    wrong = [("/broken_promise/assignee_id", "user_unknown")]
    assert (nobody.status_code, places(nobody)) == (422, wrong)
    to = {"raise_priority_to": "high", "assignee_id": str(lead)}
    good(owner.put(SETTINGS, {"broken_promise": to}))
    good(reply(owner, heard))
    pass_time(timed, clock, minutes(60))
    now = [current(owner, one) for one in (calm, urgent, heard)]
    assert [one["priority"] for one in now] == ["high", "urgent", "normal"]
    assert [one["assignee_id"] for one in now] == [str(lead), str(lead), None]
    good(act(owner, calm, "assign", assignee_id=None))
    fire_all(timed)
    assert current(owner, calm)["assignee_id"] is None, "once"


def test_the_assignee_keeps_what_somebody_promised_who_may_not_sign_in_any_more(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    gone, left = (known_user(timed, owner) for _ in range(2))
    ticket = open_ticket(owner, assignee_id=str(left))
    made = good(promise(owner, ticket, clock.now() + minutes(60), user_id=str(gone)))
    tell_user(timed, owner, UserDeactivated(user_id=str(gone)), version=2)
    pass_time(timed, clock, minutes(45))
    (reminded,) = facts(timed, owner, events.PromiseReminded)
    assert reminded.promise.user_id == str(left)
    assert found(owner, made)["user_id"] == str(left)


def test_a_promise_is_kept_before_its_time_and_late_from_then_on(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    ticket, due_at = open_ticket(owner), clock.now() + minutes(60)
    soon, late = (good(promise(owner, ticket, due_at, remind_minutes=None)) for _ in range(2))
    clock.move(minutes(60) - timedelta(microseconds=1))
    kept = good(owner.post(f"{PROMISES}/{soon['id']}/keep"))
    assert (kept["status"], kept["late"], kept["kept_by"]) == ("kept", False, "manual")
    clock.move(timedelta(microseconds=1))
    # No timer has fired yet: it is late all the same.
    kept = good(owner.post(f"{PROMISES}/{late['id']}/keep"))
    assert (kept["status"], kept["late"], kept["broken_at"]) == ("kept", True, late["due_at"])
    fire_all(timed)
    assert [one.late for one in facts(timed, owner, events.PromiseKept)] == [False, True]
    assert len(facts(timed, owner, events.PromiseBroken)) == 1
    again = owner.post(f"{PROMISES}/{soon['id']}/keep")
    assert refused(again) == (409, "promise_settled")


def test_a_reply_keeps_what_may_be_kept_by_one(owner: ApiClient, clock: MovableClock) -> None:
    ticket, due_at = open_ticket(owner), clock.now() + minutes(60)
    any_way = good(promise(owner, ticket, due_at))
    by_hand = good(promise(owner, ticket, due_at, kept_by_reply=False))
    good(reply(owner, ticket))
    assert [found(owner, one)["status"] for one in (any_way, by_hand)] == ["kept", "open"]
    assert found(owner, any_way)["kept_by"] == "reply"


def test_the_note_of_a_call_keeps_a_promise_and_another_note_does_not(
    owner: ApiClient, clock: MovableClock
) -> None:
    ticket = open_ticket(owner)
    due_at = clock.now() + minutes(60)
    called, waiting = (good(promise(owner, one, due_at)) for one in (ticket, open_ticket(owner)))
    good(note(owner, {"id": waiting["ticket_id"]}))
    clock.move(minutes(60) - timedelta(microseconds=1))
    good(note(owner, ticket, channel="phone", call={"direction": "outbound"}))
    kept = found(owner, called)
    assert (kept["status"], kept["kept_by"], kept["late"]) == ("kept", "phone_note", False)
    assert found(owner, waiting)["status"] == "open"


def test_what_a_user_was_told_on_the_telephone_keeps_a_promise_and_what_an_app_sends_does_not(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    assert owner.tenant_id is not None
    grants = {"desk.tickets.read": "all", "desk.tickets.write": "all"}
    agent = timed.user_client(owner.tenant_id, grants)
    ticket = open_ticket(owner)
    made = good(promise(owner, ticket, clock.now() + minutes(60)))
    call = {"channel": "phone", "call": {"direction": "outbound"}}
    good(hear(owner, ticket, **call))
    assert found(owner, made)["status"] == "open"
    good(hear(agent, ticket, **call))
    assert found(owner, made)["status"] == "kept"


def test_the_customer_may_move_a_promise_and_is_reminded_of_anew(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    ticket, first = open_ticket(owner), clock.now() + minutes(60)
    made = good(promise(owner, ticket, first))
    pass_time(timed, clock, minutes(50))
    path, second = f"{PROMISES}/{made['id']}/reschedule", first + minutes(120)
    body = {"due_at": second.isoformat(), "reason": "In a meeting"}
    moved = good(owner.post(path, body))
    assert (at(moved["due_at"]), moved["rescheduled"]) == (second, 1)
    (move,) = good(owner.get(f"{PROMISES}/{made['id']}/moves"))["items"]
    assert (at(move["from_due_at"]), move["reason"]) == (first, "In a meeting")
    pass_time(timed, clock, minutes(60))
    assert facts(timed, owner, events.PromiseBroken) == []
    pass_time(timed, clock, minutes(65))
    assert len(facts(timed, owner, events.PromiseReminded)) == 2
    pass_time(timed, clock, minutes(10))
    late = owner.post(path, {"due_at": (clock.now() + minutes(60)).isoformat()})
    assert refused(late) == (409, "promise_not_open")


def test_what_is_withdrawn_breaks_nothing(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    made = good(promise(owner, open_ticket(owner), clock.now() + minutes(60)))
    for _ in range(2):
        assert good(owner.post(f"{PROMISES}/{made['id']}/withdraw"))["status"] == "withdrawn"
    pass_time(timed, clock, minutes(90))
    assert facts(timed, owner, events.PromiseBroken) == []
    assert len(facts(timed, owner, events.PromiseWithdrawn)) == 1


def test_somebody_who_closes_a_ticket_says_first_what_becomes_of_its_promises(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    assert owner.tenant_id is not None
    ticket = open_ticket(owner)
    made = good(promise(owner, ticket, clock.now() + minutes(60)))
    agent = timed.user_client(owner.tenant_id, {"desk.tickets.write": "all"})
    good(act(agent, ticket, "resolve"))
    assert refused(act(agent, ticket, "close")) == (409, "promises_pending")
    good(owner.post(f"{PROMISES}/{made['id']}/keep"))
    good(act(agent, ticket, "close"))
    assert refused(promise(owner, ticket, clock.now() + minutes(60))) == (409, "ticket_closed")


def test_the_timer_that_closes_a_ticket_leaves_its_promises_to_be_kept(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    ticket = open_ticket(owner)
    made = good(promise(owner, ticket, clock.now() + timedelta(days=20)))
    good(act(owner, ticket, "resolve"))
    pass_time(timed, clock, timedelta(days=19))
    assert good(owner.get(f"{TICKETS}/{ticket['id']}"))["status"] == "closed"
    assert good(owner.post(f"{PROMISES}/{made['id']}/keep"))["late"] is False


def test_promises_go_along_when_their_ticket_is_merged(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    gone, stays = open_ticket(owner), open_ticket(owner)
    made = good(promise(owner, gone, clock.now() + minutes(60)))
    good(act(owner, gone, "merge", into_id=stays["id"]))
    assert found(owner, made)["ticket_id"] == stays["id"]
    pass_time(timed, clock, minutes(60))
    (broken,) = facts(timed, owner, events.PromiseBroken)
    (moved,) = facts(timed, owner, events.PromiseMoved)
    assert (broken.ticket_id, moved.from_ticket_id) == (stays["id"], gone["id"])


def test_the_share_kept_is_what_was_kept_of_all_that_was_settled(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    ticket, day = open_ticket(owner), clock.now().date()
    kept, late, *_ = (good(promise(owner, ticket, clock.now() + minutes(5))) for _ in range(3))
    good(owner.post(f"{PROMISES}/{kept['id']}/keep"))
    pass_time(timed, clock, minutes(5))
    good(owner.post(f"{PROMISES}/{late['id']}/keep"))
    good(promise(owner, ticket, clock.now() + timedelta(days=3)))
    period = f"first_on={day}&last_on={day + timedelta(days=1)}"
    rows = good(owner.get(f"{PROMISES_KEPT}?{period}"))["items"]
    assert rows == [{"key": None, "kept": 1, "broken": 2, "late": 1, "percent": "33.33"}]
    by_user = good(owner.get(f"{PROMISES_KEPT}?{period}&by=user"))["items"]
    assert [(one["key"], one["kept"], one["broken"]) for one in by_user] == [(None, 1, 2)]
    months = good(owner.get(f"{PROMISES_KEPT}?{period}&by=month"))["items"]
    assert sum(one["kept"] + one["broken"] for one in months) == 3


def test_days_of_promises_are_those_of_the_tenants_zone(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    assert owner.tenant_id is not None
    with timed.service.database.tenant_transaction(owner.tenant_id) as connection:
        connection.exec_driver_sql(
            "INSERT INTO tenant_zones (tenant_id, time_zone, aggregate_version)"
            " VALUES (%s, 'Asia/Taipei', 1)",
            (owner.tenant_id,),
        )
    tomorrow = clock.now().date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(), ZoneInfo("Asia/Taipei")) + timedelta(days=1)
    ticket = open_ticket(owner)
    for due_at in (midnight - timedelta(seconds=1), midnight):
        good(promise(owner, ticket, due_at, remind_minutes=None))
    pass_time(timed, clock, timedelta(days=3))
    for day in (tomorrow, tomorrow + timedelta(days=1)):
        (row,) = good(owner.get(f"{PROMISES_KEPT}?first_on={day}&last_on={day}&by=day"))["items"]
        assert (row["key"], row["broken"]) == (day.isoformat(), 1)


def test_a_promise_is_settled_once_when_it_is_kept_and_breaks_at_the_same_time(
    timed: Desk, owner: ApiClient, clock: MovableClock
) -> None:
    ticket, due_at = open_ticket(owner), clock.now() + minutes(5)
    made = [good(promise(owner, ticket, due_at)) for _ in range(5)]
    clock.move(minutes(5))
    with ThreadPoolExecutor(3) as pool:
        fired = [pool.submit(timer_runner(timed.service).run_due) for _ in range(2)]
        keeping = [pool.submit(owner.post, f"{PROMISES}/{one['id']}/keep") for one in made]
        for kept in keeping:
            assert good(kept.result())["late"] is True
        for firing in fired:
            firing.result()
    fire_all(timed)
    assert len(facts(timed, owner, events.PromiseBroken)) == len(made)
    assert len(facts(timed, owner, events.PromiseKept)) == len(made)


def test_a_promise_that_two_keep_at_once_is_kept_by_one(
    owner: ApiClient, clock: MovableClock
) -> None:
    made = good(promise(owner, open_ticket(owner), clock.now() + minutes(5)))
    path = f"{PROMISES}/{made['id']}/keep"
    assert at_once(lambda: owner.post(path), lambda: owner.post(path)) == [200, 409]


def test_a_ticket_has_so_many_promises_and_no_more(owner: ApiClient, clock: MovableClock) -> None:
    ticket = open_ticket(owner)
    for _ in range(20):
        good(promise(owner, ticket, clock.now() + minutes(5)))
    one_more = promise(owner, ticket, clock.now() + minutes(5))
    assert refused(one_more) == (409, "too_many_promises")


def test_an_erased_customers_promises_keep_no_word(owner: ApiClient, timed: Desk) -> None:
    assert owner.tenant_id is not None
    person, due_at = uuid4(), timed.service.clock.now() + minutes(60)
    ticket = open_ticket(owner, person_id=str(person))
    made = good(promise(owner, ticket, due_at, note="Ask for Anna"))
    later = {"due_at": (due_at + minutes(5)).isoformat(), "reason": "Anna is out"}
    good(owner.post(f"{PROMISES}/{made['id']}/reschedule", later))
    about = envelope(owner.tenant_id, person, PersonErased.DESCRIPTOR.full_name)
    timed.service.operations.run(
        service_caller("desk", owner.tenant_id),
        on_person_erased,
        PersonErased(person_id=str(person)),
        about,
    )
    assert found(owner, made)["note"] == ""
    assert good(owner.get(f"{PROMISES}/{made['id']}/moves"))["items"] == []
