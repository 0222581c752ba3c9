"""What names no id and is of somebody who was erased is forgotten once contacts has said so (CO-12, DE-2, DE-7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.embedded.postgres import PostgresServer
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness, TestDatabase, migrated_database, settings_for
from chassis.testing.timers import fire_due
from chassis.testing.tokens import TestTokens
from chassis.work.job_runner import JobRunner
from desk.app import build, timer_runner
from desk.description import DESCRIPTION
from desk.peers import Others
from desk.people.reactions import on_person_erased
from desk.settings import DeskSettings
from desk.ticketing import ticketing_jobs
from rapport.contacts.events.v1.person_events_pb2 import PersonErased
from services.desk.tests.builders import TICKETS, Desk, good, lasting_app, open_ticket
from services.desk.tests.conversing import conversation, current, hear
from services.desk.tests.fakes import FakeErasedPeople, FakeLeads, FakeRequesters
from services.desk.tests.knowing import ARTICLES, published
from services.desk.tests.people.test_following import FORM, followers
from services.desk.tests.routing_builders import envelope
from services.desk.tests.routing_fakes import FakeMemberships, FakeOwners

ADA, BOB = "ada@engines.example", "bob@engines.example"
SUBMISSIONS = "/v1/desk/ticket-submissions"


@pytest.fixture(scope="module")
def apart(postgres: PostgresServer) -> TestDatabase:
    """A database of which no other worker takes jobs: here the test alone decides when they are done."""
    return migrated_database(postgres, "desk", DESCRIPTION.migrations, "desk_words")


@pytest.fixture
def contacts() -> FakeErasedPeople:
    """Who can tell whose words these are."""
    return FakeErasedPeople()


@pytest.fixture
def asked(contacts: FakeErasedPeople) -> Others:
    """Whom desk asks."""
    return Others(FakeRequesters(), FakeMemberships(), FakeOwners(), FakeLeads(), contacts)


@pytest.fixture
def desk(
    apart: TestDatabase,
    tokens: TestTokens,
    access: FakeAccessSource,
    clock: MovableClock,
    own: dict[str, str],
    asked: Others,
) -> Iterator[Desk]:
    """The service, without broker: the test does what is to be done."""
    settings = DeskSettings(**settings_for(apart, **own))
    service = build(settings, clock=clock, keys=tokens.key_source(), access=access, asked=asked)
    yield ServiceHarness(service, tokens, access)
    service.stop()


@pytest.fixture
def app(desk: Desk, clock: MovableClock) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return lasting_app(desk, clock)


@pytest.fixture
def ada(contacts: FakeErasedPeople) -> UUID:
    """Somebody whom contacts recognises, and of whom desk knows no address."""
    person_id = uuid4()
    contacts.known[person_id] = (ADA, "0912345678")
    return person_id


def erase(desk: Desk, app: ApiClient, person_id: UUID, at: datetime | None = None) -> None:
    """Have desk hear that somebody was erased."""
    assert app.tenant_id is not None
    fact = PersonErased(person_id=str(person_id))
    about = envelope(app.tenant_id, person_id, fact.DESCRIPTOR.full_name)
    about = about._replace(occurred_at=at or desk.service.clock.now())
    caller = service_caller("desk", app.tenant_id)
    desk.service.operations.run(caller, on_person_erased, fact, about)


def work(desk: Desk, asked: Others) -> None:
    """Have the worker do what is to be done by now; what has to wait stays."""
    service = desk.service
    runner = JobRunner(
        service.database, "desk", ticketing_jobs(service, asked, "desk"), service.clock
    )
    while runner.run_next() == 0:
        pass


def hold_back(desk: Desk, form: dict[str, Any], address: str) -> None:
    """What a machine seems to have filled in."""
    sent = {"email": address, "subject": "Hm", "text": "It leaks.", "website": "trap"}
    headers = {"Origin": "https://a.example"}
    assert desk.anonymous().post(form["path"], sent, headers=headers).status_code == 202


def held(app: ApiClient) -> list[str]:
    """Of whom something is held back."""
    found = good(app.get(SUBMISSIONS))["items"]
    return sorted(one["answers"]["email"] for one in found if one["state"] == "quarantined")


def test_what_forms_hold_back_goes_though_the_person_never_had_a_ticket(
    desk: Desk, app: ApiClient, asked: Others, ada: UUID
) -> None:
    form = good(app.post("/v1/desk/ticket-forms", FORM))
    for address in (ADA.title(), BOB):
        hold_back(desk, form, address)
    erase(desk, app, ada)
    assert len(held(app)) == 2  # contacts was not asked yet
    work(desk, asked)
    assert held(app) == [BOB]


def test_tickets_messages_and_followers_by_an_address_that_desk_knew_nobody_by_go(
    desk: Desk, app: ApiClient, asked: Others, ada: UUID
) -> None:
    theirs = open_ticket(
        app, subject="Ada's grinder", requester_address=ADA, message={"text": "I am Ada."}
    )
    foreign = open_ticket(app, subject="Bob's", requester_address=BOB)
    good(hear(app, foreign, text="Ada here.", sender={"name": "Ada", "address": ADA.upper()}))
    good(hear(app, foreign, text="Bob here.", sender={"name": "Bob", "address": BOB}))
    for address in (ADA, "eve@engines.example"):
        good(app.post(f"{TICKETS}/{foreign['id']}/followers", {"address": address}))
    erase(desk, app, ada)
    work(desk, asked)
    now = current(app, theirs)
    assert (now["subject"], now["requester_address"], now["person_id"]) == ("Erased", "", None)
    assert [one["text"] for one in conversation(app, theirs)] == [""]
    said = [(one["text"], one["sender"]["address"]) for one in conversation(app, foreign)]
    assert said == [("", ""), ("Bob here.", BOB)]
    assert followers(app, foreign) == ["eve@engines.example"]
    assert current(app, foreign)["subject"] == "Bob's"
    assert good(app.get(f"{TICKETS}?q=grinder"))["items"] == []


def test_what_came_after_the_erasure_is_left_alone(
    desk: Desk, app: ApiClient, clock: MovableClock, asked: Others, ada: UUID
) -> None:
    form, erased_at = good(app.post("/v1/desk/ticket-forms", FORM)), clock.now()
    foreign = open_ticket(app, subject="Bob's", requester_address=BOB)
    clock.move(timedelta(minutes=1))
    hold_back(desk, form, ADA)
    again = open_ticket(app, subject="New", requester_address=ADA, message={"text": "Me again."})
    good(hear(app, foreign, text="Me, too.", sender={"name": "Ada", "address": ADA}))
    erase(desk, app, ada, erased_at)
    work(desk, asked)
    assert held(app) == [ADA]
    assert current(app, again)["subject"] == "New"
    assert [one["text"] for one in conversation(app, again)] == ["Me again."]
    assert [one["text"] for one in conversation(app, foreign)] == ["Me, too."]


def test_contacts_is_asked_until_it_answers_however_long_that_takes(
    desk: Desk,
    app: ApiClient,
    clock: MovableClock,
    contacts: FakeErasedPeople,
    asked: Others,
    ada: UUID,
) -> None:
    open_ticket(app, subject="Ada's grinder", requester_address=ADA)
    contacts.away = True
    erase(desk, app, ada)
    for _ in range(30):  # a job is given up after twenty attempts
        work(desk, asked)
        clock.move(timedelta(minutes=6))
    contacts.away = False
    work(desk, asked)
    clock.move(timedelta(hours=6))
    fire_due(timer_runner(desk.service))
    work(desk, asked)
    assert good(app.get(f"{TICKETS}?q=grinder"))["items"] == []
    contacts.asked.clear()
    clock.move(timedelta(days=1))
    fire_due(timer_runner(desk.service))
    work(desk, asked)
    assert contacts.asked == []  # it was answered


def test_more_addresses_than_fit_into_one_question_are_asked_about_in_several(
    desk: Desk, app: ApiClient, contacts: FakeErasedPeople, asked: Others, ada: UUID
) -> None:
    rows = [{"subject": "Hm", "requester_address": f"{n}@mail.example"} for n in range(250)]
    rows.append({"subject": "Ada's grinder", "requester_address": ADA})
    assert app.post(f"{TICKETS}/batch", {"atomic": True, "items": rows}).status_code == 200
    erase(desk, app, ada)
    work(desk, asked)
    assert len(contacts.asked) == 251
    assert good(app.get(f"{TICKETS}?q=grinder"))["items"] == []


def test_what_readers_wrote_goes_where_an_address_or_number_stands_in_it(
    desk: Desk, app: ApiClient, contacts: FakeErasedPeople, asked: Others, ada: UUID
) -> None:
    known = published(app)
    comments = ("Call me at 0912345678 please", f"I am {ADA}", "It helped me", f"I am {BOB}")
    for number, comment in enumerate(comments):
        said = {"helpful": True, "visitor": f"{number}", "language": "en", "comment": comment}
        good(app.post(f"{ARTICLES}/{known['id']}/feedback", said))
    erase(desk, app, ada)
    work(desk, asked)
    left = good(app.get("/v1/desk/article-feedback"))["items"]
    assert sorted(one["comment"] for one in left) == ["", "", f"I am {BOB}", "It helped me"]
    assert all(one.text != "It helped me" for one in contacts.asked)
