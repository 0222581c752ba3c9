"""Each adapter against a real server that answers as the provider's documents say (NO-1, NO-6)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
import pytest

from notifications.delivery.recipients import Addressee
from services.notifications.tests.delivery.sending import SendingNotifications
from services.notifications.tests.providers.accounts import (
    LINE_OK,
    PROVIDERS,
    line,
    set_up,
    text_to,
)
from services.notifications.tests.providers.http_provider import (
    HANG_UP,
    Answer,
    Asked,
    HttpProvider,
)

TWILIO_OK = Answer(201, {"sid": "SM4711", "status": "queued"})


def twilio(sending: SendingNotifications, remote: HttpProvider, **more: Any) -> str:
    """Twilio, as this server plays it."""
    settings = {"account_sid": "AC1", "sender": "+15005550006", "api_url": remote.url}
    secrets = {"auth_token": "twilio-token"}
    return set_up(sending, "twilio", "sms", settings=settings, secrets=secrets, **more)


def asked_for(remote: HttpProvider, number: str) -> list[Asked]:
    """What the server was asked to send to a number: other tests' messages may come again, too."""
    return [asked for asked in remote.asked if asked.form["To"] == number]


def test_a_text_message_is_created_as_twilio_wants_it(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    twilio(sending, remote)
    remote.begin(then=TWILIO_OK)
    message = text_to(sending, "sms", "+886912345678")
    sending.work()
    (asked,) = remote.asked
    assert asked.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert asked.form["To"] == "+886912345678"
    assert asked.form["Body"] == "Your order is on its way."
    expected = base64.b64encode(b"AC1:twilio-token").decode()
    assert asked.headers["authorization"] == f"Basic {expected}"
    shown = sending.shown(message)
    assert (shown["state"], shown["provider_reference"]) == ("sent", "SM4711")


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (Answer(400, {"code": 21211, "message": "Invalid 'To'"}), "bounced", "permanent"),
        (Answer(400, {"code": 21610, "message": "Unsubscribed"}), "bounced", "permanent"),
        (Answer(400, {"code": 21602, "message": "No body"}), "failed", "refused_by_provider"),
        (Answer(401, {"code": 20003}), "queued", "provider_unavailable"),
        (Answer(429, {"code": 20429}, {"Retry-After": "17"}), "queued", "provider_busy"),
        (Answer(500, {}), "uncertain", "handed_over"),
        (HANG_UP, "uncertain", "handed_over"),
    ],
)
def test_what_twilio_refuses_is_told_apart(
    sending: SendingNotifications, remote: HttpProvider, answer: Answer, state: str, reason: str
) -> None:
    twilio(sending, remote)
    remote.begin(answer, then=TWILIO_OK)
    message = text_to(sending, "sms", "+886912345678")
    sending.work()
    shown = sending.shown(message)
    assert (shown["state"], shown["reason"]) == (state, reason)
    assert len(remote.asked) == 1


def test_a_provider_that_is_busy_gets_nothing_until_the_time_that_it_names(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    twilio(sending, remote)
    remote.begin(Answer(429, {}, {"Retry-After": "60"}), then=TWILIO_OK)
    messages = [text_to(sending, "sms", "+886900000003") for _ in range(3)]
    sending.work()
    assert len(asked_for(remote, "+886900000003")) == 1
    sending.clock.advance(seconds=62)
    sending.work()
    assert {sending.shown(one)["state"] for one in messages} == {"sent"}
    assert len(asked_for(remote, "+886900000003")) == 4


@pytest.mark.parametrize(
    "said",
    [
        "99999999999999",
        "9" * 400,
        "\u00b2",
        "1.5",
        "-1",
        f"Mon, 01 Jan 2035 00:00:00 +{'9' * 20}",
    ],
)
def test_a_provider_cannot_put_off_a_message_for_longer_than_an_hour(
    sending: SendingNotifications, remote: HttpProvider, said: str
) -> None:
    twilio(sending, remote)
    remote.begin(Answer(429, {}, {"Retry-After": said}), then=TWILIO_OK)
    message = text_to(sending, "sms", "+886900000005")
    sending.work()
    shown = sending.shown(message)
    assert (shown["state"], shown["reason"]) == ("queued", "provider_busy")
    sending.clock.advance(seconds=3602)
    sending.work()
    assert sending.shown(message)["state"] == "sent"


@pytest.mark.parametrize(
    ("kind", "header"), [("line", "x-line-signature"), ("twilio", "X-Twilio-Signature")]
)
def test_a_signature_that_can_be_none_is_a_wrong_one(
    sending: SendingNotifications, remote: HttpProvider, kind: str, header: str
) -> None:
    provider = {"line": line, "twilio": twilio}[kind](sending, remote)
    path = f"/p/notifications/providers/{sending.tenant_id}/{provider}/events"
    anyone = sending.harness.anonymous()
    answer = anyone.send("POST", path, data=b"{}", headers={header: "\u00e9\u00e9"})
    assert answer.status_code == 403


def test_an_unanswered_push_is_repeated_with_the_same_key_and_not_a_second_message(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    """LINE knows the key again: 409 says that the attempt before had arrived."""
    line(sending, remote)
    already = Answer(409, {"message": "The retry key is already accepted"})
    remote.begin(HANG_UP, already, then=Answer(500))
    message = text_to(sending, "line", "U4af4980629")
    sending.work()
    assert sending.shown(message)["state"] == "queued"
    sending.clock.advance(seconds=30)
    sending.work()
    shown = sending.shown(message)
    assert shown["state"] == "sent"
    keys = {asked.headers["x-line-retry-key"] for asked in remote.asked}
    assert len(remote.asked) == 2
    assert len(keys) == 1
    assert [one["outcome"] for one in shown["attempt_log"]] == ["unanswered", "accepted"]
    assert remote.asked[0].json == {
        "to": "U4af4980629",
        "messages": [{"type": "text", "text": "Your order is on its way."}],
    }


def test_line_says_later_that_it_was_delivered(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    provider = line(sending, remote)
    remote.begin(then=LINE_OK)
    message = text_to(sending, "line", "U4af4980629")
    sending.work()
    event = {"type": "delivery", "delivery": {"data": message.hex}}
    body = orjson.dumps({"events": [event]})
    digest = hmac.new(b"line-secret", body, hashlib.sha256).digest()
    path = f"/p/notifications/providers/{sending.tenant_id}/{provider}/events"
    anyone = sending.harness.anonymous()
    wrong = {"x-line-signature": base64.b64encode(digest[::-1]).decode()}
    assert anyone.send("POST", path, data=body, headers=wrong).status_code == 403
    assert anyone.send("POST", path, data=body).status_code == 403
    assert sending.shown(message)["state"] == "sent"
    right = {"x-line-signature": base64.b64encode(digest).decode()}
    assert anyone.send("POST", path, data=body, headers=right).status_code == 204
    assert sending.shown(message)["state"] == "delivered"


def test_twilio_says_later_what_became_of_it(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    provider = twilio(sending, remote)
    remote.begin(then=Answer(201, {"sid": f"SM{sending.tenant_id.hex}"}))
    message = text_to(sending, "sms", "+886912345678")
    sending.work()
    path = f"/p/notifications/providers/{sending.tenant_id}/{provider}/events"

    def report(status: str, error: str = "") -> int:
        form = {"MessageSid": f"SM{sending.tenant_id.hex}", "MessageStatus": status}
        form |= {"ErrorCode": error} if error else {}
        signed = f"http://gateway.test{path}" + "".join(k + v for k, v in sorted(form.items()))
        digest = hmac.new(b"twilio-token", signed.encode(), hashlib.sha1).digest()
        headers = {
            "X-Twilio-Signature": base64.b64encode(digest).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        anyone = sending.harness.anonymous()
        return anyone.send("POST", path, data=urlencode(form), headers=headers).status_code

    assert report("delivered") == 204
    assert sending.shown(message)["state"] == "delivered"
    assert report("sent") == 204  # late, and no news
    assert sending.shown(message)["state"] == "delivered"
    assert report("undelivered", "30005") == 204
    assert sending.shown(message)["state"] == "bounced"
    again = sending.queue_to(
        sending.recipients.know(Addressee(sending.person(), "+886912345678")), channel="sms"
    )
    sending.work()
    assert sending.shown(again)["reason"] == "suppressed"


def test_what_a_provider_says_is_kept_though_it_be_no_text(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    twilio(sending, remote)
    remote.begin(then=Answer(400, {"code": 1, "message": "No \0 such"}))
    message = text_to(sending, "sms", "+886912345679")
    sending.work()
    shown = sending.shown(message)
    assert (shown["state"], len(shown["attempt_log"])) == ("failed", 1)
    assert "such" in shown["detail"]


def test_a_chat_gets_text_without_markup(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    set_up(sending, "chat_webhook", "chat", secrets={"url": f"{remote.url}/hook"})
    remote.begin(then=Answer(200))
    body = {"to": "#orders", "channel": "chat", "content": {"text": "<!channel> & co"}}
    sending.client.post("/v1/notifications/messages", body)
    sending.work()
    assert remote.asked[0].json == {"text": "&lt;!channel&gt; &amp; co", "channel": "#orders"}


def test_when_a_provider_is_gone_the_next_one_sends(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    gone = HttpProvider(port=1)
    first = twilio(sending, gone, position=0)
    second = twilio(sending, remote, position=1)
    remote.begin(then=TWILIO_OK)
    messages = [text_to(sending, "sms", "+886912345678") for _ in range(5)]
    sending.work()
    shown = [sending.shown(one) for one in messages]
    assert {one["state"] for one in shown} == {"sent"}
    assert {one["provider_id"] for one in shown} == {second}
    tried = [a["provider_id"] for one in shown for a in one["attempt_log"]]
    assert tried.count(first) == 3  # then it rests, and nobody waits for it


def test_a_provider_is_given_no_more_than_it_takes(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    twilio(sending, remote, per_second=2)
    remote.begin(then=TWILIO_OK)
    sending.clock.set(sending.clock.now())
    for _ in range(6):
        text_to(sending, "sms", "+886900000006")
    given = []
    for _ in range(8):
        sending.work()
        given.append(len(asked_for(remote, "+886900000006")))
        sending.clock.advance(seconds=1)
    assert given[0] == 2  # a second's worth at once
    # Never more than two a second after that; each waits up to half a second longer than it has to.
    assert all(more - before <= 2 for before, more in pairwise(given))
    assert given[-1] == 6


def test_secrets_go_in_and_never_come_out(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    provider = twilio(sending, remote)
    path = f"{PROVIDERS}/{provider}"
    for answer in (sending.client.get(path), sending.client.get(PROVIDERS)):
        assert "twilio-token" not in answer.text
        assert "secrets" not in answer.text
    changed = sending.client.patch(path, {"name": "Other", "enabled": False})
    assert changed.status_code == 200, changed.text
    remote.begin(then=TWILIO_OK)
    tried = sending.client.post(f"{path}/test", {"to": "+886912345678"})
    assert tried.json == {"outcome": "accepted", "detail": "SM4711"}
    stranger = sending.harness.app_client(UUID(int=1))
    assert stranger.post(f"{path}/test", {"to": "+886912345678"}).status_code == 404
    wrong = {"name": "x", "kind": "twilio", "channel": "sms", "settings": {"sid": 1}}
    refused = sending.client.post(PROVIDERS, wrong)
    assert refused.status_code == 422
    assert "/settings/account_sid" in {one["pointer"] for one in refused.json["errors"]}
    assert sending.client.delete(path).status_code == 204
    assert sending.client.get(path).status_code == 404


def test_every_kind_tells_what_it_needs(sending: SendingNotifications) -> None:
    kinds = sending.client.get("/v1/notifications/provider-kinds").json["items"]
    assert {"smtp", "twilio", "line", "chat_webhook"} <= {one["key"] for one in kinds}


def test_a_provider_that_was_removed_is_not_changed_any_more(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    provider = f"{PROVIDERS}/{line(sending, remote)}"
    assert sending.client.delete(provider).status_code == 204
    refused = sending.client.patch(provider, {"enabled": True})
    assert (refused.status_code, refused.json["code"]) == (409, "provider_removed")
