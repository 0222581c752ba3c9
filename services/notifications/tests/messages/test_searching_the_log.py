"""The log of messages is searched by state, and a state that there is not is named, not found empty (NO-7)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from services.notifications.tests.delivery.sending import SendingNotifications

MESSAGES = "/v1/notifications/messages"
SUPPRESSIONS = "/v1/notifications/suppressions"


def found(sending: SendingNotifications, query: str) -> set[str]:
    """The messages that a search finds."""
    answer = sending.client.get(f"{MESSAGES}?{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json["items"]
    return {one["id"] for one in items}


def test_messages_are_found_by_their_state(sending: SendingNotifications) -> None:
    sent = str(sending.queue_to(sending.person()))
    held = str(sending.queue_to(uuid4()))
    sending.work()
    waiting = str(sending.queue_to(sending.person()))
    assert found(sending, "state=sent") == {sent}
    assert found(sending, "state=held_back") == {held}
    assert found(sending, "state[in]=sent,queued") == {sent, waiting}
    assert found(sending, "state[ne]=queued") == {sent, held}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (MESSAGES, "state=sended"),
        (MESSAGES, "state[in]=sent,sended"),
        (SUPPRESSIONS, "reason=because"),
    ],
)
def test_a_word_that_there_is_not_is_refused_with_those_there_are(
    sending: SendingNotifications, path: str, query: str
) -> None:
    refused = sending.client.get(f"{path}?{query}")
    assert refused.status_code == 400
    assert "has to be one of" in refused.text
    assert query.partition("=")[0] in refused.text


def test_suppressions_are_found_by_their_reason(sending: SendingNotifications) -> None:
    body = {"channel": "email", "address": "ada@example.com"}
    assert sending.client.post(SUPPRESSIONS, body).status_code == 201
    assert len(sending.client.get(f"{SUPPRESSIONS}?reason=manual").json["items"]) == 1
    assert sending.client.get(f"{SUPPRESSIONS}?reason=bounced").json["items"] == []
