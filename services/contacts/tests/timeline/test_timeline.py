"""Timelines: facts of every service, in order, without doubles, through merges."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.message import Message

from chassis.context import service_caller
from chassis.events.reactions import Envelope, Undecodable
from chassis.storage.scope import EVERYTHING
from chassis.storage.statements import Statement
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.reactions import SUBSCRIPTIONS
from contacts.timeline.entries import entry_of, timeline_facts, timeline_producers
from contacts.timeline.reactions import on_any_timeline_fact
from contacts.transaction import ContactsTx
from rapport.contacts.events.v1.interaction_events_pb2 import InteractionRecorded
from rapport.notifications.events.v1.message_events_pb2 import MessageSent

Contacts = ServiceHarness[ContactsTx]
React = Callable[..., Envelope]
PEOPLE = "/v1/contacts/people"
MORNING = datetime(2026, 3, 1, 9, tzinfo=UTC)


def envelope(app: ApiClient, fact: Message, at: datetime) -> Envelope:
    """What is known of a fact besides its content."""
    assert app.tenant_id is not None
    kind = fact.DESCRIPTOR.full_name
    return Envelope(uuid4(), kind, app.tenant_id, uuid4(), 1, "service:notifications", at, None)


@pytest.fixture
def app(contacts: Contacts) -> ApiClient:
    """An app that may do everything in a tenant of its own."""
    return contacts.app_client(uuid4(), "contacts.*")


@pytest.fixture
def react(contacts: Contacts, app: ApiClient) -> React:
    """Has the service react to a fact of the app's tenant, as its consumer does."""

    def react(fact: Message, at: datetime = MORNING, again: Envelope | None = None) -> Envelope:
        about = again or envelope(app, fact, at)
        contacts.service.operations.run(
            service_caller("contacts", about.tenant_id), on_any_timeline_fact, fact, about
        )
        return about

    return react


def person(app: ApiClient, name: str = "Ming") -> str:
    """Somebody new."""
    entered: str = app.post(PEOPLE, {"given_name": name}).json["id"]
    return entered


def timeline(app: ApiClient, person_id: str, query: str = "") -> list[dict[str, Any]]:
    """The entries of a person."""
    answer = app.get(f"{PEOPLE}/{person_id}/timeline{query}")
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def sent(person_id: str, channel: str = "email") -> MessageSent:
    """A message that was sent."""
    return MessageSent(
        message_id=str(uuid4()), person_id=person_id, channel=channel, purpose="news"
    )


def visit(person_id: str, at: datetime) -> InteractionRecorded:
    """A visit that was worth something."""
    fact = InteractionRecorded(
        interaction_id=str(uuid4()), person_id=person_id, kind="visit", channel="shop"
    )
    fact.occurred_at.FromDatetime(at)
    fact.value.amount, fact.value.currency = "12.50", "TWD"
    return fact


def test_without_a_token_nothing_is_told(contacts: Contacts, app: ApiClient) -> None:
    assert contacts.anonymous().get(f"{PEOPLE}/{person(app)}/timeline").status_code == 401


def test_another_tenants_people_have_no_timeline(contacts: Contacts, app: ApiClient) -> None:
    other = contacts.app_client(uuid4(), "contacts.*")
    assert other.get(f"{PEOPLE}/{person(app)}/timeline").status_code == 404


def test_what_happened_is_told_newest_first_whatever_the_service(
    app: ApiClient, react: React
) -> None:
    ming = person(app)
    late = react(sent(ming), MORNING + timedelta(hours=2))
    react(visit(ming, MORNING + timedelta(hours=1)), MORNING + timedelta(days=3))
    react(sent(ming, "sms"), MORNING)

    entries = timeline(app, ming)

    assert [(entry["kind"], entry["channel"]) for entry in entries] == [
        ("message_sent", "email"),
        ("visit", "shop"),
        ("message_sent", "sms"),
    ]
    newest, visited, _ = entries
    assert newest["id"] == str(late.id)
    assert newest["service"] == "notifications"
    assert newest["record_id"] == str(late.aggregate_id)
    assert newest["details"]["purpose"] == "news"
    assert visited["value"] == {"amount": "12.50", "currency": "TWD"}
    assert visited["occurred_at"] == "2026-03-01T10:00:00Z"
    assert "person_id" not in visited["details"]


def test_a_fact_that_comes_twice_appears_once(app: ApiClient, react: React) -> None:
    ming = person(app)
    fact = sent(ming)
    about = react(fact)
    react(fact, again=about)
    assert len(timeline(app, ming)) == 1


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("?kind=visit", ["visit"]),
        ("?channel[in]=email,sms", ["message_sent"]),
        ("?service=contacts", ["visit"]),
        ("?occurred_at[gte]=2026-03-01T12:00:00Z", ["message_sent"]),
        ("?sort=occurred_at", ["visit", "message_sent"]),
        ("?page_size=1", ["message_sent"]),
    ],
)
def test_a_timeline_can_be_narrowed(
    app: ApiClient, react: React, query: str, kinds: list[str]
) -> None:
    ming = person(app)
    react(visit(ming, MORNING))
    react(sent(ming), MORNING + timedelta(hours=5))
    assert [entry["kind"] for entry in timeline(app, ming, query)] == kinds


def test_who_reaches_only_their_own_people_sees_no_others_timeline(
    contacts: Contacts, app: ApiClient
) -> None:
    grants = {"contacts.*": "own"}
    assert app.tenant_id is not None
    seller = contacts.user_client(app.tenant_id, grants)
    mine = seller.post(PEOPLE, {"given_name": "Mine"}).json["id"]
    assert seller.get(f"{PEOPLE}/{mine}/timeline").status_code == 200
    assert seller.get(f"{PEOPLE}/{person(app)}/timeline").status_code == 404


def kept(contacts: Contacts, app: ApiClient) -> list[Any]:
    """All that is on the timelines of the tenant."""
    assert app.tenant_id is not None
    rows = contacts.service.operations.read(
        service_caller("contacts", app.tenant_id),
        EVERYTHING,
        lambda reading: reading.fetch_all(
            Statement("SELECT id FROM timeline_entries WHERE tenant_id = %(tenant_id)s"),
            {"tenant_id": app.tenant_id},
        ),
    )
    return list(rows)


def test_nothing_is_kept_of_somebody_who_is_gone(
    contacts: Contacts, app: ApiClient, react: React
) -> None:
    react(sent(str(uuid4())))
    assert kept(contacts, app) == []


def test_nothing_comes_back_with_facts_that_arrive_after_an_erasure(
    contacts: Contacts, app: ApiClient, react: React
) -> None:
    """Also not with one that had arrived before, nor with one about somebody merged long ago."""
    her, twin = person(app), person(app, "Ming II")
    assert app.post(f"{PEOPLE}/{her}/merge", {"person_id": twin}).status_code == 201
    early, fact = MORNING - timedelta(days=40), sent(her)
    again = react(fact)
    react(sent(twin))
    assert len(kept(contacts, app)) == 2
    assert app.post(f"{PEOPLE}/{her}/erase", {"reason": "asked by letter"}).status_code == 200
    react(fact, again=again)
    for one in (her, twin):
        react(sent(one))
        react(visit(one, early), at=early)
    assert kept(contacts, app) == []


def test_a_merge_unites_two_timelines_and_undoing_it_parts_them(
    app: ApiClient, react: React
) -> None:
    ming, double = person(app), person(app, "Double")
    react(sent(ming), MORNING)
    react(sent(double, "sms"), MORNING + timedelta(hours=1))
    merged = app.post(f"{PEOPLE}/{ming}/merge", {"person_id": double})
    assert merged.status_code in (200, 201), merged.json
    late = react(sent(double, "line"), MORNING + timedelta(hours=2))

    united = [entry["channel"] for entry in timeline(app, ming) if entry["service"] != "contacts"]
    assert united == ["line", "sms", "email"]
    assert timeline(app, double) == timeline(app, ming)

    undone = app.post(f"/v1/contacts/merges/{merged.json['id']}/undo", {})
    assert undone.status_code == 200, undone.json
    assert [e["channel"] for e in timeline(app, double) if e["service"] != "contacts"] == ["sms"]
    assert str(late.id) in {entry["id"] for entry in timeline(app, ming)}


def test_a_fact_that_breaks_its_contract_is_told_apart(app: ApiClient) -> None:
    broken = sent("nobody's id")
    with pytest.raises(Undecodable, match="MessageSent"):
        entry_of(broken, envelope(app, broken, MORNING))


def test_a_fact_without_a_person_adds_nothing(app: ApiClient) -> None:
    to_a_user = MessageSent(message_id=str(uuid4()), user_id=str(uuid4()), channel="email")
    assert entry_of(to_a_user, envelope(app, to_a_user, MORNING)) is None


def test_the_facts_of_every_service_with_a_timeline_are_consumed() -> None:
    consumed = {kind for one in SUBSCRIPTIONS for kind in one.reactions.types}
    for producer in timeline_producers():
        expected = {message.DESCRIPTOR.full_name for message in timeline_facts(producer)}
        assert expected <= consumed, f"contacts does not follow {producer}"
