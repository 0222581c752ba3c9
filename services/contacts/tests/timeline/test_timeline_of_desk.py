"""What happens at the desk appears on the timelines of those whose concern it is (CO-5, DE-9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.context import service_caller
from chassis.events.reactions import Envelope
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.timeline.reactions import on_any_timeline_fact
from contacts.transaction import ContactsTx
from rapport.desk.events.v1 import complaint_events_pb2 as complaints
from rapport.desk.events.v1 import message_events_pb2 as said
from rapport.desk.events.v1 import survey_events_pb2 as surveys
from rapport.desk.events.v1 import ticket_events_pb2 as tickets
from rapport.desk.v1.complaint_pb2 import Complaint
from rapport.desk.v1.ticket_pb2 import TicketHeader
from services.contacts.tests.builders import PEOPLE, person

MORNING = datetime(2026, 3, 1, 9, tzinfo=UTC)
Contacts = ServiceHarness[ContactsTx]


@pytest.fixture
def app(contacts: Contacts) -> ApiClient:
    """An app that may do everything, in a tenant of its own."""
    return contacts.app_client(contacts.new_tenant())


def at(hours: int) -> Timestamp:
    """A time of that day."""
    stamp = Timestamp()
    stamp.FromDatetime(MORNING + timedelta(hours=hours))
    return stamp


def happened(who: dict[str, Any]) -> list[Message]:
    """What becomes of a concern, as it goes; `who` is whose concern it is."""
    header = TicketHeader(ticket_id=str(uuid4()), number="T-1", type="complaint", **who)
    ticket: dict[str, Any] = {"ticket_id": header.ticket_id, "ticket": header, **who}
    return [
        tickets.TicketOpened(channel="email", opened_at=at(0), **ticket),
        said.CustomerMessageReceived(channel="email", received_at=at(0), first=True, **ticket),
        complaints.ComplaintRecorded(
            complaint_id=str(uuid4()),
            complaint=Complaint(
                ticket_id=header.ticket_id, status="open", severity="high", opened_at=at(0)
            ),
            recorded_at=at(1),
            **who,
        ),
        said.PublicReplySent(channel="email", sent_at=at(2), **ticket),
        tickets.TicketResolved(resolved_at=at(3), **ticket),
        surveys.SurveyAnswered(survey_request_id=str(uuid4()), score=0, answered_at=at(4), **who),
        tickets.TicketReopened(reopened_at=at(5), **ticket),
    ]


def tell(contacts: Contacts, app: ApiClient, facts: list[Message]) -> None:
    """Have contacts hear of it, long after it was."""
    assert app.tenant_id is not None
    caller, late = service_caller("contacts", app.tenant_id), MORNING + timedelta(days=30)
    for fact in facts:
        kind = fact.DESCRIPTOR.full_name
        about = Envelope(uuid4(), kind, app.tenant_id, uuid4(), 1, "service:desk", late, None)
        contacts.service.operations.run(caller, on_any_timeline_fact, fact, about)


def timeline(app: ApiClient, person_id: str) -> list[dict[str, Any]]:
    """The entries of a person, as they went."""
    answer = app.get(f"{PEOPLE}/{person_id}/timeline?sort=occurred_at")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def test_what_happens_at_the_desk_is_told_with_the_time_at_which_it_was(
    contacts: Contacts, app: ApiClient
) -> None:
    ming = person(app)
    tell(contacts, app, happened({"person_id": ming}))
    entries = timeline(app, ming)
    assert sorted((one["occurred_at"], one["kind"]) for one in entries) == [
        ("2026-03-01T09:00:00Z", "ticket_message_received"),
        ("2026-03-01T09:00:00Z", "ticket_opened"),
        ("2026-03-01T10:00:00Z", "complaint_recorded"),
        ("2026-03-01T11:00:00Z", "ticket_reply_sent"),
        ("2026-03-01T12:00:00Z", "ticket_resolved"),
        ("2026-03-01T13:00:00Z", "survey_answered"),
        ("2026-03-01T14:00:00Z", "ticket_reopened"),
    ]
    assert {one["service"] for one in entries} == {"desk"}
    assert [one["channel"] for one in entries if one["kind"] == "ticket_reply_sent"] == ["email"]
    (answered,) = [one for one in entries if one["kind"] == "survey_answered"]
    assert answered["details"]["score"] == 0


def test_of_a_complaint_all_is_told_that_the_fact_says_what_nobody_knows_yet_included(
    contacts: Contacts, app: ApiClient
) -> None:
    ming = person(app)
    tell(contacts, app, happened({"person_id": ming}))
    entries = {one["kind"]: one["details"] for one in timeline(app, ming)}
    details = entries["complaint_recorded"]
    assert details["complaint"] == {
        "complaint_id": "",
        "ticket_id": entries["ticket_opened"]["ticket_id"],
        "status": "open",
        "category": "",
        "severity": "high",
        "product_sku": "",
        "process": "",
        "cause": "",
        "remedy": "",
        "opened_at": "2026-03-01T09:00:00Z",
        "prevented": False,
    }
    assert set(details) == {"complaint_id", "complaint"}


def test_the_concern_of_nobody_known_is_on_no_timeline(contacts: Contacts, app: ApiClient) -> None:
    ming = person(app)
    tell(contacts, app, happened({}))
    assert timeline(app, ming) == []


def test_after_a_merge_it_is_told_of_who_is_left(contacts: Contacts, app: ApiClient) -> None:
    ming, double = person(app), person(app, "Double")
    assert app.post(f"{PEOPLE}/{ming}/merge", {"person_id": double}).status_code == 201
    tell(contacts, app, happened({"person_id": double}))
    assert len([one for one in timeline(app, ming) if one["service"] == "desk"]) == 7
