"""What is known of members' people: asked of contacts until it answers, and asked anew on changes (LO-9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import Caller
from chassis.events.reactions import Envelope
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from loyalty.membership import profile_refresher
from loyalty.people.reactions import on_person_erased
from loyalty.profiles.queries import profile_or_none
from rapport.contacts.events.v1.person_events_pb2 import (
    PersonChanged,
    PersonErased,
    PersonMerged,
)
from services.loyalty.tests.builders import (
    MEMBERS,
    Loyalty,
    at_once,
    create_program,
    enrol,
    good,
    lasting_app,
    refused,
)
from services.loyalty.tests.fakes import FakePeople


def profile(app: ApiClient, member: dict[str, Any]) -> dict[str, Any]:
    """What loyalty goes by for a member."""
    return good(app.get(f"{MEMBERS}/{member['id']}/profile"))


@pytest.fixture
def ask_due(timed: Loyalty, people: FakePeople) -> Callable[[], None]:
    """Asks about everybody who is due, which nobody else does there: questions are counted."""
    refresher = profile_refresher(timed.service, people, "loyalty")

    def ask() -> None:
        while refresher.ask_due() == 0:
            pass

    return ask


def test_reading_needs_a_token_and_shows_no_other_tenants(loyalty: Loyalty, app: ApiClient) -> None:
    member = enrol(app, create_program(app), uuid4())
    path = f"{MEMBERS}/{member['id']}/profile"
    assert refused(loyalty.anonymous().get(path)) == (401, "token_missing")
    stranger = loyalty.app_client(loyalty.new_tenant())
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/refresh").status_code == 404
    assert app.tenant_id is not None
    reader = loyalty.app_client(app.tenant_id, "loyalty.profiles.read")
    assert refused(reader.post(f"{path}/refresh")) == (403, "permission_missing")


def test_whoever_becomes_a_member_is_asked_about(app: ApiClient, people: FakePeople) -> None:
    person = uuid4()
    people.know(person, time_zone="Europe/Berlin", language="de", birthday="1990-02-28")
    member = enrol(app, create_program(app), person)
    eventually(lambda: not profile(app, member)["refresh_due"])
    known = profile(app, member)
    assert (known["time_zone"], known["time_zone_from"]) == ("Europe/Berlin", "person")
    assert (known["language"], known["days"]) == (
        "de",
        [{"kind": "birthday", "first": "1990-02-28"}],
    )


def test_whose_clock_is_unknown_lives_by_the_programs(
    timed: Loyalty, clock: MovableClock, people: FakePeople, ask_due: Callable[[], None]
) -> None:
    app = lasting_app(timed, clock)
    program = create_program(app)
    unknown, odd = uuid4(), uuid4()
    people.know(odd, time_zone="Asia/Atlantis")
    for person in (unknown, odd):
        member = enrol(app, program, person)
        ask_due()
        known = profile(app, member)
        assert (known["time_zone"], known["time_zone_from"]) == ("Asia/Taipei", "program")


def test_while_contacts_is_away_the_question_waits_ever_longer_and_is_never_lost(
    timed: Loyalty, clock: MovableClock, people: FakePeople, ask_due: Callable[[], None]
) -> None:
    app, person = lasting_app(timed, clock), uuid4()
    people.know(person, language="zh-Hant")
    people.away.add(person)
    member = enrol(app, create_program(app), person)
    ask_due()
    ask_due()
    waiting = profile(app, member)
    assert (waiting["refresh_due"], waiting["failed_attempts"]) == (True, 1)
    for _ in range(12):
        clock.move(timedelta(minutes=10))
        ask_due()
    assert people.asked[person] == 13
    people.away.remove(person)
    clock.move(timedelta(minutes=10))
    ask_due()
    known = profile(app, member)
    assert (known["language"], known["refresh_due"]) == ("zh-Hant", False)


def test_a_change_that_matters_is_asked_about_and_another_is_not(
    bus: Bus, app: ApiClient, people: FakePeople
) -> None:
    person = uuid4()
    member = enrol(app, create_program(app), person)
    eventually(lambda: people.asked[person] == 1)
    people.know(person, language="fr")
    for fields in (["emails"], ["emails", "language"]):
        told(bus, app, PersonChanged(person_id=str(person), changed_fields=fields))
    eventually(lambda: profile(app, member)["language"] == "fr")
    assert people.asked[person] == 2


def test_nobody_who_is_no_member_is_asked_about(
    bus: Bus, app: ApiClient, people: FakePeople
) -> None:
    person = uuid4()
    told(bus, app, PersonChanged(person_id=str(person), changed_fields=["language"]))
    assert people.asked[person] == 0


def test_who_is_gone_leaves_nothing_behind(
    timed: Loyalty, clock: MovableClock, people: FakePeople, ask_due: Callable[[], None]
) -> None:
    app, person = lasting_app(timed, clock), uuid4()
    people.know(person, language="fr", birthday="1990-02-28")
    member = enrol(app, create_program(app), person)
    ask_due()
    assert profile(app, member)["language"] == "fr"
    del people.known[person]
    assert app.post(f"{MEMBERS}/{member['id']}/profile/refresh").status_code == 204
    ask_due()
    after = profile(app, member)
    assert (after["language"], after["days"], after["known_at"]) == ("", [], None)


def test_a_change_while_the_question_is_under_way_is_asked_about_again(
    timed: Loyalty, clock: MovableClock, people: FakePeople, ask_due: Callable[[], None]
) -> None:
    app, person = lasting_app(timed, clock), uuid4()
    member = enrol(app, create_program(app), person)
    path = f"{MEMBERS}/{member['id']}/profile/refresh"
    people.meanwhile[person] = lambda: app.post(path)
    ask_due()
    assert people.asked[person] == 2
    assert not profile(app, member)["refresh_due"]


def test_many_who_ask_at_once_lead_to_one_question(
    timed: Loyalty, clock: MovableClock, people: FakePeople, ask_due: Callable[[], None]
) -> None:
    app, person = lasting_app(timed, clock), uuid4()
    member = enrol(app, create_program(app), person)
    path = f"{MEMBERS}/{member['id']}/profile/refresh"
    assert at_once(*[lambda: app.post(path)] * 4) == [204] * 4
    ask_due()
    assert people.asked[person] == 1


def test_after_a_merge_who_is_left_is_asked_about_and_of_who_is_gone_nothing_is_known(
    bus: Bus, app: ApiClient, people: FakePeople
) -> None:
    kept, gone = uuid4(), uuid4()
    people.know(gone, language="fr")
    member = enrol(app, create_program(app), gone)
    eventually(lambda: profile(app, member)["language"] == "fr")
    people.know(kept, language="de")
    merge = {"person_id": str(kept), "merged_person_id": str(gone), "merge_id": str(uuid4())}
    told(bus, app, PersonMerged(**merge))
    eventually(lambda: profile(app, member)["language"] == "de")
    assert profile(app, member)["person_id"] == str(kept)


def test_of_who_is_erased_nothing_is_known_and_nobody_is_asked(
    bus: Bus, app: ApiClient, people: FakePeople
) -> None:
    person = uuid4()
    people.know(person, language="fr")
    member = enrol(app, create_program(app), person)
    eventually(lambda: profile(app, member)["language"] == "fr")
    told(bus, app, PersonErased(person_id=str(person)))
    after = profile(app, member)
    assert (after["person_id"], after["language"], after["refresh_due"]) == (None, "", False)
    answer = app.post(f"{MEMBERS}/{member['id']}/profile/refresh")
    assert refused(answer) == (409, "member_without_person")


def test_an_answer_about_somebody_who_was_erased_meanwhile_is_not_kept(
    timed: Loyalty, clock: MovableClock, people: FakePeople, ask_due: Callable[[], None]
) -> None:
    app, person = lasting_app(timed, clock), uuid4()
    people.know(person, language="fr", birthday="1990-02-28")
    enrol(app, create_program(app), person)
    caller, fact = Caller(app.tenant_id, "test"), PersonErased(person_id=str(person))
    run = timed.service.operations.run

    def erase() -> None:
        run(caller, lambda tx: on_person_erased(tx, fact, cast("Envelope", None)))

    people.meanwhile[person] = erase
    ask_due()
    eventually(lambda: people.asked[person] == 1)
    assert run(caller, lambda tx: profile_or_none(tx, person)) is None


def told(bus: Bus, app: ApiClient, fact: Any) -> None:
    """Let contacts tell something, and wait until it is settled."""
    assert app.tenant_id is not None
    bus.say(fact, app.tenant_id, UUID(fact.person_id))
    eventually(bus.is_settled)
