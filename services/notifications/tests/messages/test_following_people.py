"""Messages follow people who are merged, parted and erased, and do what others ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.domain import Invalid
from chassis.events.reactions import Envelope
from notifications.messages import following
from notifications.messages.domain import State
from notifications.suppressions.domain import Scope, SuppressionReason, Whom
from notifications.suppressions.operations import suppress
from rapport.contacts.events.v1.consent_events_pb2 import ConsentGranted, PurposeDefined
from rapport.contacts.events.v1.person_events_pb2 import (
    PersonErased,
    PersonMerged,
    PersonUnmerged,
)
from rapport.contacts.requests.v1.send_message_pb2 import SendMessage
from rapport.contacts.v1.consent_pb2 import LegalBasis
from rapport.sales.requests.v1.send_message_pb2 import SendMessage as SalesSendMessage
from services.notifications.tests.delivery.sending import SendingNotifications


def tell(
    sending: SendingNotifications,
    handler: Any,
    fact: Any,
    version: int = 1,
    *,
    occurred_at: datetime | None = None,
) -> None:
    """Have a fact come in."""
    envelope = Envelope(
        id=uuid4(),
        type=fact.DESCRIPTOR.full_name,
        tenant_id=sending.tenant_id,
        aggregate_id=uuid4(),
        aggregate_version=version,
        actor="user:someone",
        occurred_at=occurred_at or sending.clock.now(),
        traceparent=None,
    )
    sending.run(lambda tx: handler(tx, fact, envelope))


def unsubscribe(sending: SendingNotifications, person: UUID, purpose: str = "newsletter") -> None:
    """A person wants no more of it."""
    scope, whom = Scope("email", purpose), Whom(person)
    sending.run(suppress, scope, whom, SuppressionReason.UNSUBSCRIBED)


def log_of(sending: SendingNotifications, person: UUID) -> set[str]:
    """The messages that the log has of a person."""
    path = f"/v1/notifications/messages?person_id={person}"
    return {one["id"] for one in sending.client.get(path).json["items"]}


def test_a_request_that_comes_after_its_time_is_in_the_log_and_not_sent(
    sending: SendingNotifications,
) -> None:
    person, asked_at = sending.person(), sending.clock.now()
    asked = SendMessage()
    asked.request.request_id = str(uuid4())
    asked.request.person_id = str(person)
    asked.request.template = "thanks"
    asked.request.expires_at.FromDatetime(asked_at + timedelta(hours=1))
    sending.clock.advance(hours=2)
    for _ in range(2):
        tell(sending, following.on_send_message, asked, occurred_at=asked_at)
    sending.work()
    sending.clock.advance(hours=-2)  # tokens last for less
    path = f"/v1/notifications/messages?person_id={person}"
    (message,) = sending.client.get(path).json["items"]
    assert (message["state"], message["reason"]) == ("held_back", "expired")
    assert sending.mail_to(person) == []
    asked.request.request_id = str(uuid4())
    asked.request.expires_at.FromDatetime(asked_at)
    with pytest.raises(Invalid):
        tell(sending, following.on_send_message, asked, occurred_at=asked_at)


def test_merged_people_have_one_log_and_one_no_and_are_told_apart_again(
    sending: SendingNotifications,
) -> None:
    left, gone = sending.person(), sending.person()
    sending.recipients.grant(left, "newsletter")
    old, own = sending.queue_to(gone), sending.queue_to(left)
    unsubscribe(sending, gone)
    sending.work()
    merge = {"person_id": str(left), "merge_id": str(uuid4())}
    fact = PersonMerged(merged_person_id=str(gone), **merge)
    tell(sending, following.on_person_merged, fact)
    assert log_of(sending, left) == {str(old), str(own)}
    held = sending.queue_to(left, purpose="newsletter")
    sending.work()
    assert sending.shown(held)["reason"] == "suppressed"
    undone = PersonUnmerged(unmerged_person_id=str(gone), **merge)
    tell(sending, following.on_person_unmerged, undone)
    assert log_of(sending, gone) == {str(old)}
    assert log_of(sending, left) == {str(own), str(held)}


def test_a_message_to_somebody_merged_goes_to_who_is_left(sending: SendingNotifications) -> None:
    left, gone = sending.person(), uuid4()
    sending.recipients.merged[gone] = left
    message = sending.queue_to(gone)
    sending.work()
    assert len(sending.mail_to(left)) == 1
    assert sending.shown(message)["person_id"] == str(left)


def test_nothing_that_names_somebody_erased_is_left(sending: SendingNotifications) -> None:
    person = sending.person(name="Amphitrite")
    secret = {"what": "Your diagnosis"}
    sent = sending.queue_to(person, content=None, template="ok", variables=secret)
    sending.work()
    waiting = sending.queue_to(person, content=None, template="ok", variables=secret)
    unsubscribe(sending, person)
    fact = PersonErased(person_id=str(person))
    tell(sending, following.on_person_erased, fact)
    assert sending.shown(waiting)["reason"] == "recipient_gone"
    shown = sending.shown(sent)
    assert (shown["state"], shown["person_id"], shown["content"]) == ("sent", None, None)
    answer = sending.client.post(f"/v1/notifications/messages/{sent}/resend")
    assert answer.json["code"] == "message_blanked"
    left = sending.rows_with(str(person), "diagnosis", "Amphitrite", person.hex)
    # That they were erased has to be known for as long as facts may come late.
    (remembered,) = left
    assert remembered.startswith("erased_people: ")
    sending.work()
    assert len(sending.mail_to(person)) == 1


def test_a_yes_said_later_counts_again_and_one_said_before_does_not(
    sending: SendingNotifications,
) -> None:
    person = sending.person()
    sending.recipients.grant(person, "newsletter")
    yes = ConsentGranted(
        person_id=str(person),
        purpose="newsletter",
        channel="email",
        legal_basis=LegalBasis.LEGAL_BASIS_CONSENT,
    )
    unsubscribe(sending, person)
    now = sending.clock.now()
    sending.clock.set(now - timedelta(minutes=5))
    tell(sending, following.on_consent_granted, yes)
    sending.clock.set(now)
    held = sending.queue_to(person, purpose="newsletter")
    sending.work()
    assert sending.shown(held)["reason"] == "suppressed"
    sending.clock.advance(minutes=5)
    tell(sending, following.on_consent_granted, yes)
    again = sending.queue_to(person, purpose="newsletter")
    sending.work()
    assert sending.message(again).state is State.SENT


@pytest.mark.parametrize("kind", [SendMessage, SalesSendMessage])
def test_what_other_services_ask_for_is_sent_once(sending: SendingNotifications, kind: Any) -> None:
    person = sending.person()
    request = kind()
    request.request.request_id = str(uuid4())
    request.request.person_id = str(person)
    request.request.template = "ok"
    request.request.variables.update({"what": "confirm"})
    tell(sending, following.on_send_message, request)
    tell(sending, following.on_send_message, request)
    sending.work()
    assert [mail["subject"] for mail in sending.mail_to(person)] == ["王小明: confirm"]
    request.request.person_id = "nobody"
    with pytest.raises(Invalid):
        tell(sending, following.on_send_message, request)


def test_purposes_known_here_say_what_is_needed_while_contacts_is_away(
    sending: SendingNotifications,
) -> None:
    tell(sending, following.on_purpose_defined, PurposeDefined(key="contract", promotional=True), 1)
    tell(
        sending, following.on_purpose_defined, PurposeDefined(key="contract", promotional=False), 3
    )
    tell(sending, following.on_purpose_defined, PurposeDefined(key="contract", promotional=True), 2)
    person = sending.person()
    sending.queue_to(person)
    sending.work()
    sending.recipients.away = True
    message = sending.queue_to(person, purpose="contract")
    sending.work()
    assert sending.message(message).state is State.SENT


def test_another_tenants_people_stay_as_they_are(sending: SendingNotifications) -> None:
    person = sending.person()
    message = sending.queue_to(person)
    stranger = replace(sending, tenant_id=uuid4())
    tell(stranger, following.on_person_erased, PersonErased(person_id=str(person)))
    sending.work()
    assert sending.shown(message)["person_id"] == str(person)
