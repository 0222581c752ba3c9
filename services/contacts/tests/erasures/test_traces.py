"""Whether words that name no id are of somebody who was erased, as others ask it (CO-12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.domain import Invalid
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.contact_points.domain import EmailPoint, PhonePoint
from contacts.erasures.messages import words_in
from contacts.erasures.recognising import match_erased_person, trace_pruning
from contacts.erasures.traces import KEPT, TraceKey, Words, marks_of
from contacts.people.domain import PersonDetails
from contacts.transaction import ContactsTx
from rapport.contacts.v1 import contacts_service_pb2 as messages
from services.contacts.tests.builders import PEOPLE, person
from services.contacts.tests.erasures.test_erasing import erase

Contacts = ServiceHarness[ContactsTx]
WIDE = "0912 345 678".translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
"""As a Chinese keyboard may write it."""
MING = {
    "full_name": "王小明",
    "given_name": "小明",
    "family_name": "王",
    "emails": [{"address": "Ming.Wang@Shop.example"}],
    "phones": [{"number": "+886912345678"}],
}


@pytest.fixture
def app(contacts: Contacts) -> ApiClient:
    return contacts.app_client(contacts.new_tenant())


def enter(app: ApiClient, **about: Any) -> str:
    answer = app.post(PEOPLE, {**MING, **about})
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def matches(contacts: Contacts, app: ApiClient, person_id: str, *said: Words) -> list[int]:
    assert app.tenant_id is not None
    caller = service_caller("sales", app.tenant_id)
    run = contacts.service.operations.run
    return run(caller, match_erased_person, UUID(person_id), list(said))


def test_words_are_theirs_by_an_address_or_by_a_number_with_the_same_name(
    contacts: Contacts, app: ApiClient
) -> None:
    ming = enter(app)
    said = (
        Words(emails=("ming.wang@shop.example ",), given_name="Somebody"),
        Words(phones=("0912-345-678",), given_name="王", family_name="小明"),
        Words(phones=(WIDE,)),
        Words(phones=("912345678",), country="TW", given_name="王小明"),
        Words(text="請回覆 Ming.Wang@shop.example。"),
        Words(text="Call 00886 912 345 678 again"),
        # Others'.
        Words(phones=("0912345678",), given_name="Daughter"),
        Words(emails=("other@shop.example",), given_name="小明", family_name="王"),
        Words(text="王小明 has order 91234567"),
        Words(),
    )
    assert matches(contacts, app, ming, *said) == []
    erase(app, ming)
    assert matches(contacts, app, ming, *said) == [0, 1, 2, 3, 4, 5]
    assert matches(contacts, app, str(uuid4()), *said) == []


def test_so_are_words_of_who_was_merged_into_them_and_of_nobody_in_another_tenant(
    contacts: Contacts, app: ApiClient
) -> None:
    ming = enter(app)
    double = person(app, "Xiao", emails=[{"address": "xiao@mail.example"}])
    assert app.post(f"{PEOPLE}/{ming}/merge", {"person_id": double}).status_code == 201
    erase(app, ming)
    said = Words(emails=("xiao@mail.example",))
    assert matches(contacts, app, ming, said) == [0]
    assert matches(contacts, contacts.app_client(contacts.new_tenant()), ming, said) == []


def test_what_somebody_else_has_as_well_tells_nothing_but_with_the_same_name(
    contacts: Contacts, app: ApiClient
) -> None:
    ming = enter(app)
    person(app, "Daughter", emails=MING["emails"], phones=MING["phones"])
    erase(app, ming)
    said = (
        Words(emails=("ming.wang@shop.example",)),
        Words(phones=("0912345678",)),
        Words(text="Ming.Wang@shop.example, 0912-345-678, +886912345678"),
        Words(emails=("ming.wang@shop.example",), given_name="Daughter"),
        Words(emails=("ming.wang@shop.example",), given_name="小明", family_name="王"),
        Words(phones=("0912345678",), given_name="王小明"),
    )
    assert matches(contacts, app, ming, *said) == [4, 5]
    for place, one in enumerate(said):
        assert matches(contacts, app, ming, one) == ([0] if place in (4, 5) else [])


def test_no_word_is_kept_for_that_and_the_digests_go_in_time(
    contacts: Contacts, app: ApiClient
) -> None:
    ming = enter(app)
    erase(app, ming)
    database = contacts.service.database
    with database.tenant_transaction(app.tenant_id) as connection:
        rows = connection.exec_driver_sql("SELECT t::text FROM erased_traces t").scalars().all()
    assert rows
    assert all("ming" not in row.lower() and "912345678" not in row for row in rows)
    said = Words(emails=("ming.wang@shop.example",))
    clock = MovableClock(contacts.service.clock.now() + KEPT - timedelta(hours=1))
    (work,) = trace_pruning(database, clock)
    work.run()
    assert matches(contacts, app, ming, said) == [0]
    clock.move(timedelta(hours=2))
    work.run()
    assert matches(contacts, app, ming, said) == []


def test_digests_cannot_be_compared_without_the_secret_nor_between_people() -> None:
    tenant, one, other = (uuid4() for _ in range(3))
    mark = ("email", "ming@shop.example")
    made = TraceKey("a secret").digest(tenant, one, mark)
    assert made == TraceKey("a secret").digest(tenant, one, mark)
    assert made != TraceKey("a secret").digest(tenant, other, mark)
    assert made != TraceKey("another").digest(tenant, one, mark)


@given(text=st.text(max_size=400), phone=st.text(max_size=80), country=st.text(max_size=3))
def test_whatever_was_written_can_be_asked_about(text: str, phone: str, country: str) -> None:
    said = Words(text=text, phones=(phone,), emails=(phone,), country=country, given_name=text)
    assert said.tell_of(said.marks) == bool(said.addresses | said.in_text | said.numbers)
    assert not said.tell_of(said.names)


def test_who_wrote_an_address_as_contacts_keeps_it_is_found_by_it() -> None:
    details = PersonDetails(
        given_name="Ann",
        emails=(EmailPoint(address="ann@shop.example"),),
        phones=(PhonePoint(number="+442071838750"),),
    )
    known = marks_of([details])
    assert Words(phones=("020 7183 8750",)).tell_of(known)
    assert not Words(phones=("020 7183 8750",), given_name="Bob").tell_of(known)
    assert not Words(given_name="Ann").tell_of(marks_of([replace(details, phones=())]))


@pytest.mark.parametrize(
    "said",
    [
        [messages.WordsOfSomebody()] * 501,
        [messages.WordsOfSomebody(emails=["a@b.example"] * 21)],
        [messages.WordsOfSomebody(phones=["1"] * 21)],
        [messages.WordsOfSomebody(text="x" * 20_001)],
        [messages.WordsOfSomebody(given_name="x" * 501)],
    ],
)
def test_too_much_at_once_is_refused(said: list[messages.WordsOfSomebody]) -> None:
    with pytest.raises(Invalid):
        words_in(messages.MatchErasedPersonRequest(words=said))
