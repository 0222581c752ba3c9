"""Mail that comes back changes the message, and nothing more goes to an address that is gone (NO-6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing.client import ApiAnswer
from rapport.notifications.events.v1.message_events_pb2 import MessageBounced
from services.notifications.tests.delivery.sending import SendingNotifications

BOUNCES = "/v1/notifications/bounces"
REPORT = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.org
To: {return_path}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you...

--b
Content-Type: {part}

{fields}

--b
Content-Type: text/rfc822-headers

From: shop@example.com
Message-ID: {message_id}
Subject: Hello

--b--
"""
FAILED = """\
Reporting-MTA: dns; mx.example.org
Arrival-Date: Mon, 4 Jan 2027 10:00:00 +0800

Final-Recipient: rfc822; ming@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 user unknown"""
COMPLAINT = "Feedback-Type: abuse\nUser-Agent: SomeGenerator/1.0\nVersion: 1"


def report(mail: Any, action: str, status: str, *, return_path: str = "shop@example.com") -> str:
    """A delivery report about a mail."""
    return REPORT.format(
        return_path=return_path,
        kind="delivery-status",
        part="message/delivery-status",
        fields=FAILED.format(action=action, status=status),
        message_id=mail["message-id"],
    )


def complaint(mail: Any) -> str:
    """A complaint about a mail in the Abuse Reporting Format."""
    return REPORT.format(
        return_path="abuse@example.com",
        kind="feedback-report",
        part="message/feedback-report",
        fields=COMPLAINT,
        message_id=mail["message-id"],
    )


def take(sending: SendingNotifications, text: str) -> ApiAnswer:
    """Give a mail to the endpoint."""
    headers = {"Content-Type": "message/rfc822"}
    return sending.client.send("POST", BOUNCES, data=text.encode(), headers=headers)


def sent(sending: SendingNotifications, person: UUID, **order: Any) -> tuple[UUID, Any]:
    """A message that was sent, and its mail."""
    message = sending.queue_to(person, **order)
    sending.work()
    return message, sending.mail_to(person)[-1]


def test_a_mailbox_that_does_not_exist_gets_nothing_more(sending: SendingNotifications) -> None:
    person = sending.person()
    message, mail = sent(sending, person)
    answer = take(sending, report(mail, "failed", "5.1.1"))
    assert answer.json == {"status": "bounced", "known": True}
    shown = sending.shown(message)
    assert (shown["state"], shown["reason"]) == ("bounced", "permanent")
    assert "user unknown" in shown["detail"]
    facts = [data for kind, data in sending.harness.facts(sending.tenant_id) if "Bounced" in kind]
    said = MessageBounced.FromString(facts[0])
    assert (said.permanent, said.contact_point_id) == (True, "point-1")
    again = sending.queue_to(person)
    sending.work()
    assert sending.shown(again)["reason"] == "suppressed"
    assert take(sending, report(mail, "failed", "5.1.1")).status_code == 200
    assert sending.fact_types().count("MessageBounced") == 1


def test_a_key_is_not_used_for_another_mail(sending: SendingNotifications) -> None:
    """Else the second one would be answered as the first, and taken in by nobody."""
    first, second = (sent(sending, sending.person()) for _ in range(2))

    def take_with_key(mail: Any) -> ApiAnswer:
        headers = {"Content-Type": "message/rfc822", "Idempotency-Key": "one-for-all"}
        text = report(mail, "failed", "5.1.1").encode()
        return sending.client.send("POST", BOUNCES, data=text, headers=headers)

    assert [take_with_key(first[1]).status_code for _ in range(2)] == [200, 200]
    other = take_with_key(second[1])
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")


def test_a_report_counts_though_what_the_other_server_said_be_no_text(
    sending: SendingNotifications,
) -> None:
    message, mail = sent(sending, sending.person())
    text = report(mail, "failed", "5.1.1").replace("user unknown", "user \0 unknown")
    assert take(sending, text).json == {"status": "bounced", "known": True}
    assert "unknown" in sending.shown(message)["detail"]


def test_a_full_mailbox_may_be_tried_again_another_day(sending: SendingNotifications) -> None:
    person = sending.person()
    message, mail = sent(sending, person)
    take(sending, report(mail, "failed", "4.2.2"))
    assert sending.shown(message)["reason"] == "passing"
    again, _ = sent(sending, person)
    assert sending.shown(again)["state"] == "sent"


def test_the_return_path_names_the_message_even_without_its_headers(
    sending: SendingNotifications,
) -> None:
    message, mail = sent(sending, sending.person())
    path = f"bounces+{message.hex}@mail.example.com"
    text = report(mail, "failed", "5.1.1", return_path=path).replace(mail["message-id"], "<x@y>")
    assert take(sending, text).json["known"] is True


def test_who_complains_gets_nothing_promotional_any_more(sending: SendingNotifications) -> None:
    person = sending.person()
    sending.recipients.grant(person, "newsletter")
    message, mail = sent(sending, person, purpose="newsletter")
    assert take(sending, complaint(mail)).json == {"status": "complained", "known": True}
    assert sending.shown(message)["state"] == "complained"
    held = sending.queue_to(person, purpose="newsletter")
    needed = sending.queue_to(person)
    sending.work()
    assert sending.shown(held)["reason"] == "suppressed"
    assert sending.shown(needed)["state"] == "sent"


def test_reports_of_delay_and_delivery_and_of_strangers(sending: SendingNotifications) -> None:
    message, mail = sent(sending, sending.person())
    assert take(sending, report(mail, "delayed", "4.4.1")).json["code"] == "not_a_report"
    assert take(sending, report(mail, "delivered", "2.0.0")).json["status"] == "delivered"
    assert sending.shown(message)["state"] == "delivered"
    other = sending.harness.app_client(uuid4())
    headers = {"Content-Type": "message/rfc822"}
    body = report(mail, "failed", "5.1.1").encode()
    answer = other.send("POST", BOUNCES, data=body, headers=headers)
    assert answer.json == {"status": "bounced", "known": False}
    assert sending.shown(message)["state"] == "delivered"


@pytest.mark.parametrize("text", [" ", "\x00\xff", "Subject: Out of office\n\nI am away.", "--b"])
def test_what_is_no_report_is_refused(sending: SendingNotifications, text: str) -> None:
    assert take(sending, text).status_code == 422


def test_a_server_that_refuses_a_recipient_is_a_bounce_at_once(
    sending: SendingNotifications,
) -> None:
    person = sending.person()
    sending.sink.on_recipient = "550 5.1.1 no such user"
    message = sending.queue_to(person)
    sending.work()
    shown = sending.shown(message)
    assert (shown["state"], shown["reason"]) == ("bounced", "permanent")
    sending.sink.on_recipient = "450 4.2.0 greylisted"
    later = sending.queue_to(sending.person())
    sending.work()
    assert sending.shown(later)["state"] == "queued"
    sending.sink.on_recipient = "250 OK"
    sending.clock.advance(seconds=30)
    sending.work()
    assert sending.shown(later)["state"] == "sent"
