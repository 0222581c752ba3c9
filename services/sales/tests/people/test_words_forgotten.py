"""What names no id and is of somebody who was erased is forgotten once contacts has said so (CO-12, SA-1, SA-16)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.embedded.postgres import PostgresServer
from chassis.events.reactions import Envelope
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness, TestDatabase, migrated_database, settings_for
from chassis.testing.tokens import TestTokens
from rapport.contacts.events.v1.person_events_pb2 import PersonErased
from sales.app import build, job_runner
from sales.description import DESCRIPTION
from sales.people.reactions import on_person_erased
from sales.settings import SalesSettings
from services.sales.tests.builders import (
    ACTIVITIES,
    LEADS,
    OPPORTUNITIES,
    SUBMISSIONS,
    Sales,
    capture,
    define_pipeline,
    fire,
    good,
    lasting_app,
    open_one,
)
from services.sales.tests.conftest import NOBODY
from services.sales.tests.fakes import FakeCustomers, FakeErasedPeople
from services.sales.tests.offices import REQUESTS, Office, field, office_of
from services.sales.tests.web_forms.test_web_forms import Visitor, define_form, held_back

ADDRESS, NUMBER = "ada@engines.example", "0912345678"


@pytest.fixture(scope="module")
def apart(postgres: PostgresServer) -> TestDatabase:
    """A database of which no other worker takes jobs: here the test alone decides when they are done."""
    return migrated_database(postgres, "sales", DESCRIPTION.migrations, "sales_words")


@pytest.fixture
def contacts() -> FakeErasedPeople:
    """Who can tell whose words these are."""
    return FakeErasedPeople()


@pytest.fixture
def sales(
    apart: TestDatabase,
    tokens: TestTokens,
    access: FakeAccessSource,
    clock: MovableClock,
    contacts: FakeErasedPeople,
) -> Iterator[Sales]:
    """The service, without broker: the test does what is to be done."""
    settings = SalesSettings(**settings_for(apart, contacts_grpc=NOBODY))
    service = build(settings, clock=clock, keys=tokens.key_source(), access=access, erased=contacts)
    yield ServiceHarness(service, tokens, access)
    service.stop()


@pytest.fixture
def app(sales: Sales, clock: MovableClock) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return lasting_app(sales, clock)


@pytest.fixture
def ada(contacts: FakeErasedPeople) -> UUID:
    """Somebody whom contacts recognises."""
    person_id = uuid4()
    contacts.known[person_id] = (ADDRESS, NUMBER)
    return person_id


def erase(sales: Sales, app: ApiClient, person_id: UUID, at: datetime | None = None) -> None:
    """Have sales hear that somebody was erased."""
    assert app.tenant_id is not None
    fact = PersonErased(person_id=str(person_id))
    envelope = Envelope(
        id=uuid4(),
        type=fact.DESCRIPTOR.full_name,
        tenant_id=app.tenant_id,
        aggregate_id=person_id,
        aggregate_version=9,
        actor="user:someone",
        occurred_at=at or sales.service.clock.now(),
        traceparent=None,
    )
    caller = service_caller("sales", app.tenant_id)
    sales.service.operations.run(caller, on_person_erased, fact, envelope)


def work(sales: Sales, contacts: FakeErasedPeople) -> None:
    """Have the worker do what is to be done by now; what has to wait stays."""
    runner = job_runner(sales.service, FakeCustomers(), contacts)
    while runner.run_next() == 0:
        pass


def hold_back(sales: Sales, form: dict[str, Any], email: str) -> None:
    """A visitor without a ticket."""
    assert Visitor(sales, form).send({"email": email, "family_name": "L."}).status_code == 202


def emails(app: ApiClient) -> list[str]:
    """Of whom something is held back."""
    return sorted(one["answers"]["email"] for one in held_back(app))


def test_what_forms_hold_back_of_somebody_erased_is_dropped_and_of_others_stays(
    sales: Sales, app: ApiClient, contacts: FakeErasedPeople, ada: UUID
) -> None:
    form = define_form(app)
    for email in (ADDRESS, ADDRESS.upper(), "bob@engines.example"):
        hold_back(sales, form, email)
    erase(sales, app, ada)
    assert len(emails(app)) == 3  # contacts was not asked yet
    work(sales, contacts)
    assert emails(app) == ["bob@engines.example"]
    dropped = app.get(f"{SUBMISSIONS}?state=dropped").json["items"]
    assert [one["answers"] for one in dropped] == [{}, {}]


def test_what_came_after_the_erasure_is_left_alone(
    sales: Sales, app: ApiClient, clock: MovableClock, contacts: FakeErasedPeople, ada: UUID
) -> None:
    form, erased_at = define_form(app), clock.now()
    clock.move(timedelta(minutes=1))
    hold_back(sales, form, ADDRESS)
    lead = capture(app, email=ADDRESS)
    erase(sales, app, ada, erased_at)
    work(sales, contacts)
    assert emails(app) == [ADDRESS]
    assert good(app.get(f"{LEADS}/{lead['id']}"))["erased_at"] is None


def test_leads_that_are_no_person_are_erased_and_no_others(
    sales: Sales, app: ApiClient, contacts: FakeErasedPeople, ada: UUID
) -> None:
    theirs = capture(app, email=ADDRESS, description="Wants ten.")
    by_phone = capture(app, email="", phone=NUMBER)
    others = capture(app, email="bob@engines.example")
    elses = capture(app, email=ADDRESS, person_id=str(uuid4()))
    erase(sales, app, ada)
    work(sales, contacts)
    for one in (theirs, by_phone):
        after = good(app.get(f"{LEADS}/{one['id']}"))
        assert (after["state"], after["email"], after["phone"]) == ("archived", "", "")
        assert (after["description"], after["given_name"]) == ("", "Erased")
    for one in (others, elses):
        assert good(app.get(f"{LEADS}/{one['id']}")) == one


def test_contacts_is_asked_until_it_answers_however_long_that_takes(
    sales: Sales, app: ApiClient, clock: MovableClock, contacts: FakeErasedPeople, ada: UUID
) -> None:
    form = define_form(app)
    hold_back(sales, form, ADDRESS)
    contacts.away = True
    erase(sales, app, ada)
    for _ in range(30):  # a job is given up after twenty attempts
        work(sales, contacts)
        clock.move(timedelta(minutes=6))
    contacts.away = False
    work(sales, contacts)
    assert emails(app) == [ADDRESS]
    clock.move(timedelta(hours=6))
    fire(sales)
    work(sales, contacts)
    assert emails(app) == []
    contacts.asked.clear()
    clock.move(timedelta(days=2))
    fire(sales)
    work(sales, contacts)
    assert contacts.asked == []  # it was answered


def test_more_than_fits_into_one_question_is_asked_about_in_several(
    sales: Sales, app: ApiClient, contacts: FakeErasedPeople, ada: UUID
) -> None:
    for start in (0, 300):
        rows = [
            {"email": f"{n}@mail.example" if n % 100 else ADDRESS, "family_name": "L."}
            for n in range(start, start + 300)
        ]
        assert app.post(f"{LEADS}/batch", {"atomic": True, "items": rows}).status_code == 200
    erase(sales, app, ada)
    work(sales, contacts)
    assert len(contacts.asked) == 600
    left = app.get(f"{LEADS}?email={ADDRESS}").json["items"]
    assert left == []
    assert len(app.get(f"{LEADS}?state=archived").json["items"]) == 6


def requested(office: Office, kind: dict[str, Any], **more: Any) -> dict[str, Any]:
    return good(office.ask(kind, **more))


def test_of_requests_the_texts_go_that_name_an_address_or_a_number_and_the_others_stay(
    sales: Sales, contacts: FakeErasedPeople, ada: UUID
) -> None:
    office = office_of(sales)
    kind = office.define(
        office.step("bob"), office.step("cai"), fields=[field("why"), field("who")]
    )
    body = {
        "subject": f"Credit for {ADDRESS}",
        "answers": {"why": "She pays", "who": f"Ada, {NUMBER}"},
    }
    told, other = requested(office, kind, **body), requested(office, kind)
    good(office.act("bob", told, "approve", comment=f"I called {NUMBER} today"))
    good(office.act("cai", told, "reject", comment="No"))
    before = good(office.app.get(f"{REQUESTS}/{told['id']}"))
    erase(sales, office.app, ada)
    work(sales, contacts)
    after = good(office.app.get(f"{REQUESTS}/{told['id']}"))
    assert (after["subject"], after["answers"]) == ("Erased", {"why": "She pays", "who": ""})
    assert [one["comment"] for one in after["history"]] == ["", "", "No"]
    changed = {"subject", "answers", "history", "version"}
    assert {k: v for k, v in after.items() if k not in changed} == {
        k: v for k, v in before.items() if k not in changed
    }
    assert after["version"] == before["version"] + 1
    assert good(office.app.get(f"{REQUESTS}/{other['id']}")) == other
    # Nobody is asked about a text in which nobody can be named.
    assert all(one.text != "She pays" for one in contacts.asked)


def test_of_requests_about_an_opportunity_of_somebody_erased_all_that_was_written_goes(
    sales: Sales, ada: UUID
) -> None:
    office = office_of(sales)
    opportunity = open_one(office.app, define_pipeline(office.app), person_id=str(ada))
    kind = office.define(
        office.step("bob"),
        fields=[field("why"), field("on", "date"), field("urgent", "boolean")],
    )
    answers = {"why": "Ada is broke", "on": "2026-12-01", "urgent": True}
    owner = sales.user_client(
        office.tenant,
        {"sales.approval_requests.*": "all", "sales.opportunities.*": "all"},
        user_id=office.ids["ann"],
    )
    more = {"opportunity_id": opportunity["id"], "answers": answers}
    request = good(owner.post(REQUESTS, {"approval_type_id": kind["id"], "subject": "Ada", **more}))
    good(office.act("bob", request, "reject", comment="Ada again"))
    erase(sales, office.app, ada)
    after = good(office.app.get(f"{REQUESTS}/{request['id']}"))
    assert after["subject"] == "Erased"
    assert after["answers"] == {"why": "", "on": "2026-12-01", "urgent": True}
    assert [(one["action"], one["comment"]) for one in after["history"]] == [
        ("submitted", ""),
        ("rejected", ""),
    ]


def test_what_was_planned_before_an_opportunity_named_the_person_loses_its_words(
    sales: Sales, app: ApiClient, ada: UUID
) -> None:
    pipeline = define_pipeline(app)
    opportunity, other = open_one(app, pipeline), open_one(app, pipeline)
    planned, others = (
        good(
            app.post(
                ACTIVITIES,
                {
                    "kind": "call",
                    "subject": "Call Ada",
                    "opportunity_id": one["id"],
                    "owner_id": None,
                },
            )
        )
        for one in (opportunity, other)
    )
    good(app.patch(f"{OPPORTUNITIES}/{opportunity['id']}", {"person_id": str(ada)}))
    erase(sales, app, ada)
    assert good(app.get(f"{ACTIVITIES}/{planned['id']}"))["subject"] == "Erased"
    assert good(app.get(f"{ACTIVITIES}/{others['id']}"))["subject"] == "Call Ada"
