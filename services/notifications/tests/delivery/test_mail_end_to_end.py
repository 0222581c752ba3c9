"""A message goes from the API to a real mail server, with consent asked, and is in the log."""

from __future__ import annotations

from uuid import uuid4

import pytest

from notifications.delivery.recipients import Addressee
from notifications.messages.domain import Content, State
from services.notifications.tests.delivery.sending import SendingNotifications

MESSAGES = "/v1/notifications/messages"


def test_a_message_reaches_the_mail_server_and_the_log_says_so(
    sending: SendingNotifications,
) -> None:
    person = sending.person()
    content = {"subject": "您的訂單", "text": "已出貨。", "html": "<p>已出貨。</p>"}
    body = {"person_id": str(person), "channel": "email", "content": content}
    answer = sending.client.post(MESSAGES, body)
    assert answer.status_code == 201, answer.text
    assert (answer.json["state"], answer.json["reason"]) == ("queued", "turn")
    sending.work()
    (mail,) = sending.mail_to(person)
    assert mail["subject"] == "您的訂單"
    assert mail["to"].addresses[0].display_name == "王小明"
    assert mail["auto-submitted"] == "auto-generated"
    assert mail["list-unsubscribe"] is None
    assert mail.get_body(("plain",)).get_content().strip() == "已出貨。"
    assert mail.get_body(("html",)).get_content().strip() == "<p>已出貨。</p>"
    shown = sending.shown(answer.json["id"])
    assert shown["state"] == "sent"
    assert shown["content"]["subject"] == "您的訂單"
    assert [one["outcome"] for one in shown["attempt_log"]] == ["accepted"]
    assert sending.fact_types() == ["MessageQueued", "MessageSent"]
    log = sending.client.get(f"{MESSAGES}?person_id={person}&state=sent").json["items"]
    assert [one["id"] for one in log] == [answer.json["id"]]


def test_a_promotional_mail_goes_only_to_those_who_said_yes(sending: SendingNotifications) -> None:
    willing, silent = sending.person(), sending.person()
    sending.recipients.grant(willing, "newsletter")
    sent = sending.queue_to(willing, purpose="newsletter")
    held = sending.queue_to(silent, purpose="newsletter")
    contractual = sending.queue_to(silent, purpose="contract")
    sending.work()
    (mail,) = sending.mail_to(willing)
    assert mail["list-unsubscribe"].startswith("<http://gateway.test/p/notifications/unsubscribe/")
    assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert sending.message(sent).state is State.SENT
    assert sending.shown(held)["reason"] == "no_consent"
    assert sending.message(contractual).state is State.SENT
    assert len(sending.mail_to(silent)) == 1
    assert sending.fact_types().count("MessageHeldBack") == 1


def test_who_has_no_address_or_is_unknown_is_held_back_with_the_reason(
    sending: SendingNotifications,
) -> None:
    nowhere = sending.queue_to(sending.person(""))
    nobody = sending.queue_to(uuid4())
    bounced = sending.queue_to(sending.person(usable=False))
    unknown = sending.queue_to(sending.person(), purpose="never_heard_of")
    sending.work()
    reasons = [sending.shown(one)["reason"] for one in (nowhere, nobody, bounced, unknown)]
    assert reasons == ["no_address", "recipient_gone", "bad_address", "purpose_unknown"]


def test_a_template_that_fails_fails_the_message_and_no_other(
    sending: SendingNotifications,
) -> None:
    person = sending.person()
    broken = sending.queue_to(person, content=None, template="broken")
    good = sending.queue_to(person, content=None, template="ok", variables={"what": "hi"})
    sending.work()
    assert sending.shown(broken)["reason"] == "template_failed"
    assert sending.message(good).state is State.SENT
    assert [mail["subject"] for mail in sending.mail_to(person)] == ["王小明: hi"]


def test_without_contacts_transactional_mail_goes_to_known_addresses_and_the_rest_waits(
    sending: SendingNotifications,
) -> None:
    known, stranger = sending.person(), sending.person()
    sending.recipients.grant(known, "newsletter")
    sending.queue_to(known)
    sending.work()
    sending.recipients.away = True
    again = sending.queue_to(known)
    promotional = sending.queue_to(known, purpose="newsletter")
    unheard = sending.queue_to(stranger)
    given = {"to": "direct@example.com", "channel": "email", "content": {"text": "Hello"}}
    direct = sending.client.post(MESSAGES, given).json["id"]
    sending.work()
    assert sending.message(again).state is State.SENT
    assert sending.message(direct).state is State.SENT
    for waiting in (promotional, unheard):
        assert sending.shown(waiting)["reason"] == "contacts_unavailable"
    sending.recipients.away = False
    sending.clock.advance(seconds=120)
    sending.work()
    assert sending.message(promotional).state is State.SENT
    assert sending.message(unheard).state is State.SENT


def test_the_same_request_is_one_message(sending: SendingNotifications) -> None:
    person = sending.person()
    first = sending.queue_to(person, request_id="order-4711")
    assert sending.queue_to(person, request_id="order-4711") == first
    sending.work()
    assert len(sending.mail_to(person)) == 1


def test_a_user_of_the_tenant_gets_mail_too(sending: SendingNotifications) -> None:
    user = uuid4()
    sending.recipients.users[user] = Addressee(None, "clerk@example.com", name="Clerk")
    body = {"user_id": str(user), "channel": "email", "content": {"text": "A new task"}}
    message = sending.client.post(MESSAGES, body).json["id"]
    sending.work()
    assert sending.message(message).state is State.SENT


def test_another_tenant_sees_and_changes_nothing(sending: SendingNotifications) -> None:
    message = sending.queue_to(sending.person())
    stranger = sending.harness.app_client(uuid4())
    assert stranger.get(f"{MESSAGES}/{message}").status_code == 404
    assert stranger.post(f"{MESSAGES}/{message}/cancel").status_code == 404
    assert stranger.get(MESSAGES).json["items"] == []
    assert sending.harness.anonymous().get(MESSAGES).status_code == 401
    weak = sending.harness.app_client(sending.tenant_id, "notifications.messages.read")
    assert weak.post(f"{MESSAGES}/{message}/cancel").status_code == 403


def test_cancelling_and_sending_again(sending: SendingNotifications) -> None:
    person = sending.person()
    first = sending.queue_to(person)
    assert sending.client.post(f"{MESSAGES}/{first}/resend").json["code"] == "message_state"
    assert sending.client.post(f"{MESSAGES}/{first}/cancel").json["state"] == "cancelled"
    sending.work()
    assert sending.mail_to(person) == []
    assert sending.client.post(f"{MESSAGES}/{first}/cancel").status_code == 409
    again = sending.client.post(f"{MESSAGES}/{first}/resend")
    assert again.status_code == 201
    assert again.json["resend_of"] == str(first)
    sending.work()
    assert len(sending.mail_to(person)) == 1


def test_nobody_adds_headers_by_a_name_or_a_subject(sending: SendingNotifications) -> None:
    person = sending.person(name="Eve\r\nBcc: all@example.com")
    content = {"subject": "Hi\r\nX-Evil: 1", "text": "."}
    body = {"person_id": str(person), "channel": "email", "content": content}
    sending.client.post(MESSAGES, body)
    sending.work()
    (mail,) = sending.mail_to(person)
    assert mail["bcc"] is None
    assert mail["x-evil"] is None
    for address in ("a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example", "nobody"):
        given = {"to": address, "channel": "email", "content": {"text": "."}}
        assert sending.client.post(MESSAGES, given).status_code == 422


@pytest.mark.parametrize(
    "encoding", ["q?=0d=0aBcc:_thief@example.com=0d=0a=0d=0aPay", "b?DQpCY2M6IHg"]
)
def test_nobody_adds_headers_by_what_reads_as_encoded(
    sending: SendingNotifications, encoding: str
) -> None:
    """Python's library decodes such words where they are given, and writes the line ends that come out."""
    words = f"=?utf-8?{encoding}?="
    address = f"{uuid4().hex}@example.com"
    person = sending.person(address, name=words)
    sending.queue_to(person, content=Content(f"Order {words}", "Text"))
    sending.work()
    (raw,) = [one.content for one in sending.sink.envelopes if address in one.rcpt_tos]
    (mail,) = sending.mail_to(person)
    assert mail["bcc"] is None
    assert mail["subject"].startswith("Order = ?utf-8?")
    assert mail.get_content().strip() == "Text"
    assert isinstance(raw, bytes)
    assert b"\nBcc" not in raw.split(b"\r\n\r\n")[0]


def test_what_would_be_decoded_is_no_address(sending: SendingNotifications) -> None:
    for address in ("=?utf-8?q?=0d=0aBcc=3Ax?=@example.com", "a=?b@example.com"):
        body = {"to": address, "channel": "email", "content": {"text": "Hello"}}
        answer = sending.client.post(MESSAGES, body)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/to")


def test_an_address_beyond_ascii_is_written_as_it_is(sending: SendingNotifications) -> None:
    """By SMTPUTF8, with which it is handed over (RFC 6532); words that are encoded are no address."""
    person = sending.person(f"müller-{uuid4().hex}@example.com")
    sending.queue_to(person)
    sending.work()
    address = sending.address_of(person)
    (raw,) = [one.content for one in sending.sink.envelopes if address in one.rcpt_tos]
    assert isinstance(raw, bytes)
    assert f"<{address}>".encode() in raw
    (mail,) = sending.mail_to(person)
    assert mail["subject"] == "Hello 王小明"
