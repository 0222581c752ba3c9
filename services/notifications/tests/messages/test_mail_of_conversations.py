"""What the desk asks for goes out in its own words, as a part of a conversation by mail."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from uuid import UUID, uuid4

import pytest

from chassis.domain import Invalid
from notifications.mail_threads.domain import MailThread
from notifications.messages import following
from notifications.providers.mail import Sender, write_mail
from notifications.providers.port import Outgoing
from rapport.desk.requests.v1.send_message_pb2 import SendMessage
from rapport.notifications.events.v1.message_events_pb2 import MessageSent
from services.notifications.tests.delivery.sending import SendingNotifications
from services.notifications.tests.messages.test_following_people import tell

SENDER = Sender("no-reply@rapport.example", reply_to="office@rapport.example")


def outgoing(thread: MailThread | None) -> Outgoing:
    """A mail of a conversation."""
    return Outgoing(
        tenant_id=UUID(int=1),
        message_id=UUID(int=2),
        idempotency_key="3",
        address="ming@example.com",
        name="王小明",
        subject="Re: It leaks [T-7]",
        text="Please close the valve.",
        html="",
        language="en",
        purpose="",
        transactional=True,
        unsubscribe_url="",
        written_at=datetime(2031, 3, 4, tzinfo=UTC),
        mail_thread=thread,
    )


def asked(**recipient: str) -> SendMessage:
    """A reply that the desk wants sent."""
    message = SendMessage()
    request = message.request
    request.request_id, request.channel = str(uuid4()), "email"
    for name, value in recipient.items():
        setattr(request, name, value)
    request.content.subject, request.content.text = "Re: It leaks [T-7]", "Close the valve."
    request.mail.reply_to = "support+t.7.abc@acme.example"
    request.mail.in_reply_to = "<1@example.com>"
    request.mail.references.extend(["<0@example.com>", "<1@example.com>"])
    request.mail.auto_submitted = "no"
    return message


def test_a_reply_names_what_it_answers_and_where_answers_go() -> None:
    long = tuple(f"<{number}.{'x' * 60}@mail.example.com>" for number in range(20))
    thread = MailThread("support+t.7.abc@acme.example", long[-1], long, "no")
    mail = message_from_bytes(write_mail(outgoing(thread), SENDER))
    assert mail["Reply-To"] == "support+t.7.abc@acme.example"
    assert mail["In-Reply-To"] == long[-1]
    assert mail["References"].split() == list(long)
    assert mail["Auto-Submitted"] is None


def test_all_other_mail_stays_as_it_was() -> None:
    mail = message_from_bytes(write_mail(outgoing(None), SENDER))
    assert mail["Reply-To"] == "office@rapport.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["References"] is None


@pytest.mark.parametrize(
    "thread",
    [
        MailThread(references=("no brackets",)),
        MailThread(in_reply_to="<a@b>\r\nBcc: everybody@example.com"),
        MailThread(references=("<a@b>",) * 60),
        MailThread(auto_submitted="yes"),
    ],
)
def test_what_cannot_stand_in_a_header_is_refused(thread: MailThread) -> None:
    with pytest.raises(Invalid):
        thread.require_sound()


def test_a_reply_reaches_a_person_once_and_is_told_of_by_its_request(
    sending: SendingNotifications,
) -> None:
    person = sending.person()
    request = asked(person_id=str(person))
    tell(sending, following.on_send_message, request)
    tell(sending, following.on_send_message, request)
    sending.work()
    (mail,) = sending.mail_to(person)
    assert mail["subject"] == "Re: It leaks [T-7]"
    sent = [
        MessageSent.FromString(payload)
        for kind, payload in sending.harness.facts(sending.tenant_id)
        if kind == MessageSent.DESCRIPTOR.full_name
    ]
    assert [one.request_id for one in sent] == [request.request.request_id]


def test_a_reply_reaches_a_person_where_they_have_written_from(
    sending: SendingNotifications,
) -> None:
    person, home = sending.person(), f"{uuid4().hex}@home.example"
    request = asked(person_id=str(person))
    request.request.mail.written_from = home
    tell(sending, following.on_send_message, request)
    sending.work()
    assert len(sending.sink.mail_to(home)) == 1
    assert sending.mail_to(person) == []
    # Contacts' own address is as it was, for whatever else is sent; and no log shows the other.
    tell(sending, following.on_send_message, asked(person_id=str(person)))
    sending.work()
    assert len(sending.mail_to(person)) == 1
    assert sending.rows_with(home) == []
    request.request.request_id = str(uuid4())
    request.request.mail.written_from = "home, everybody@example.com"
    with pytest.raises(Invalid):
        tell(sending, following.on_send_message, request)


def test_a_reply_reaches_an_address_of_nobody_known(sending: SendingNotifications) -> None:
    request = asked(address="stranger@example.com")
    tell(sending, following.on_send_message, request)
    sending.work()
    path = f"/v1/notifications/messages?request_id={request.request.request_id}"
    (shown,) = sending.client.get(path).json["items"]
    assert shown["state"] == "sent"
    with pytest.raises(Invalid):
        tell(sending, following.on_send_message, asked(address="nobody, somebody@example.com"))
