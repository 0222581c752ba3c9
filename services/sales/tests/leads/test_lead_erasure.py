"""Who a lead is, is forgotten on demand: at once, everywhere, for ever (SA-1, SA-5)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import psycopg

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.events.reactions import Envelope
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from chassis.testing.waiting import eventually
from rapport.contacts.events.v1.person_events_pb2 import PersonErased
from rapport.sales.events.v1 import lead_events_pb2 as events
from sales.people.reactions import on_person_erased
from services.sales.tests.builders import (
    ACTIVITIES,
    LEADS,
    Sales,
    at_once,
    capture,
    facts,
    fire,
    good,
    lasting_app,
    refused,
)

NAME = "Ampersandria"
CONSENT = {"purpose": "news", "channel": "email", "granted": True, "wording": "Write to me."}


def traces(database: TestDatabase, text: str) -> list[str]:
    """The tables in which a row has the text anywhere."""
    with psycopg.connect(database.admin_url) as connection:
        names = connection.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n"
            " ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname = 'public'"
        ).fetchall()
        return [
            name
            for (name,) in names
            if connection.execute(
                f"SELECT EXISTS (SELECT FROM {name} t WHERE lower(t::text) LIKE %s)",  # noqa: S608 - the names are those of the catalogue
                [f"%{text.lower()}%"],
            ).fetchone()
            != (False,)
        ]


def test_nothing_that_tells_who_it_was_is_left_and_the_rest_stays(
    sales: Sales, app: ApiClient, database: TestDatabase
) -> None:
    lead = capture(
        app,
        family_name=NAME,
        email=f"{NAME}@example.com",
        description=f"{NAME} called.",
        source="fair",
        industry="tools",
        consents=[CONSENT],
        external_ids=[{"system": "erp", "id": NAME}],
    )
    path = f"{LEADS}/{lead['id']}"
    call = {"lead_id": lead["id"], "kind": "call", "subject": f"Call {NAME}"}
    planned = good(app.post(ACTIVITIES, call))
    touched = app.post(
        f"{path}/touches", {"kind": "call"}, headers={"Idempotency-Key": "touch it once"}
    )
    assert touched.status_code == 200
    assert set(traces(database, NAME)) >= {"leads", "lead_terms", "activities"}
    erased = good(app.post(f"{path}/erase"))
    assert (erased["given_name"], erased["family_name"], erased["email"]) == ("Erased", "", "")
    assert (erased["state"], erased["source"], erased["industry"]) == ("archived", "fair", "tools")
    assert erased["consents"][0]["wording"] == "Write to me."
    assert traces(database, NAME) == []
    assert good(app.get(f"{ACTIVITIES}/{planned['id']}"))["subject"] == "Erased"
    assert app.get(f"{LEADS}?q=erased&state=archived").json["items"] == []
    assert app.get(f"{LEADS}/by-external-id/erp/{NAME}").status_code == 404
    (told,) = facts(sales, app, events.LeadErased)
    assert told.lead_id == lead["id"]


def test_it_stays_erased_and_is_erased_once_however_many_ask(sales: Sales, app: ApiClient) -> None:
    lead = capture(app)
    path = f"{LEADS}/{lead['id']}"
    assert at_once(*[lambda: app.post(f"{path}/erase")] * 4) == [200] * 4
    assert len(facts(sales, app, events.LeadErased)) == 1
    for answer in (
        app.post(f"{path}/restore"),
        app.patch(path, {"family_name": NAME}),
        app.post(f"{path}/touches", {"kind": "call"}),
        app.post(f"{path}/convert", {}),
    ):
        assert refused(answer) == (409, "lead_erased")


def test_a_lead_that_is_a_person_is_erased_with_the_person_and_what_was_done_about_it(
    sales: Sales, app: ApiClient, bus: Bus, database: TestDatabase
) -> None:
    assert app.tenant_id is not None
    person_id = uuid4()
    lead = capture(app, family_name=NAME)
    about = {"lead_id": lead["id"], "kind": "call", "subject": f"Call {NAME}"}
    good(app.post(ACTIVITIES, about))
    good(app.patch(f"{LEADS}/{lead['id']}", {"person_id": str(person_id)}))
    assert refused(app.post(f"{LEADS}/{lead['id']}/erase")) == (409, "lead_is_person")
    bus.say(PersonErased(person_id=str(person_id)), app.tenant_id, person_id)
    eventually(lambda: traces(database, NAME) == [])
    assert facts(sales, app, events.LeadErased) == []


def test_erasing_needs_a_permission_of_its_own_and_reach(sales: Sales, app: ApiClient) -> None:
    assert app.tenant_id is not None
    lead = capture(app, owner_id=str(uuid4()))
    path = f"{LEADS}/{lead['id']}/erase"
    seller = sales.user_client(app.tenant_id, {"sales.leads.*": "all"})
    assert seller.post(path).status_code == 403
    narrow = sales.user_client(app.tenant_id, {"sales.*": "own"})
    assert narrow.post(path).status_code == 404
    assert good(app.get(f"{LEADS}/{lead['id']}"))["given_name"] == "Ada"


def test_what_time_does_to_leads_does_nothing_to_one_that_was_erased(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    lead = capture(app)
    clock.move(timedelta(days=1))
    erased = good(app.post(f"{LEADS}/{lead['id']}/erase"))
    clock.move(timedelta(days=400))
    fire(timed)
    again = good(app.get(f"{LEADS}/{lead['id']}"))
    assert (again["version"], again["erased_at"]) == (erased["version"], erased["erased_at"])
    assert again["erased_at"][:10] == (clock.now() - timedelta(days=400)).date().isoformat()


def test_what_time_does_to_leads_does_nothing_to_one_whose_person_was_erased(
    timed: Sales, clock: MovableClock
) -> None:
    app, person_id = lasting_app(timed, clock), uuid4()
    assert app.tenant_id is not None
    path = f"{LEADS}/{capture(app, person_id=str(person_id))['id']}"
    clock.move(timedelta(days=1))
    fact = PersonErased(person_id=str(person_id))
    envelope = Envelope(
        id=uuid4(),
        type=fact.DESCRIPTOR.full_name,
        tenant_id=app.tenant_id,
        aggregate_id=UUID(fact.person_id),
        aggregate_version=1,
        actor="user:someone",
        occurred_at=clock.now(),
        traceparent=None,
    )
    caller = service_caller("sales", app.tenant_id)
    timed.service.operations.run(caller, on_person_erased, fact, envelope)
    erased = good(app.get(path))
    assert (erased["state"], erased["erased_at"][:10]) == (
        "archived",
        clock.now().date().isoformat(),
    )
    clock.move(timedelta(days=400))
    fire(timed)
    assert good(app.get(path)) == erased
