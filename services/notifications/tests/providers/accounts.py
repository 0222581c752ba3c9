"""Accounts with providers that the tests play themselves."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from uuid import UUID

import orjson

from services.notifications.tests.delivery.sending import SendingNotifications
from services.notifications.tests.providers.http_provider import Answer, HttpProvider

PROVIDERS = "/v1/notifications/providers"
LINE_OK = Answer(200, {"sentMessages": [{"id": "461230966842064897"}]})


def set_up(sending: SendingNotifications, kind: str, channel: str, **more: Any) -> str:
    """A provider of the tenant's; gives its id."""
    body = {"name": kind, "kind": kind, "channel": channel, **more}
    answer = sending.client.post(PROVIDERS, body)
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def line(sending: SendingNotifications, remote: HttpProvider) -> str:
    """LINE, as this server plays it."""
    secrets = {"channel_access_token": "line-token", "channel_secret": "line-secret"}
    return set_up(sending, "line", "line", settings={"api_url": remote.url}, secrets=secrets)


def text_to(sending: SendingNotifications, channel: str, address: str) -> UUID:
    """Queue a message to somebody with this address."""
    return sending.queue_to(sending.person(address), channel=channel)


def line_tells(sending: SendingNotifications, provider: str, *events: dict[str, Any]) -> int:
    """LINE calls the webhook of its channel; gives the status of the answer."""
    body = orjson.dumps({"destination": "U0", "events": list(events)})
    digest = hmac.new(b"line-secret", body, hashlib.sha256).digest()
    headers = {
        "x-line-signature": base64.b64encode(digest).decode(),
        "Content-Type": "application/json",
    }
    path = f"/p/notifications/providers/{sending.tenant_id}/{provider}/events"
    return sending.harness.anonymous().send("POST", path, data=body, headers=headers).status_code


def following(kind: str, user: str, event_id: str, at: int = 1_462_629_479_859) -> dict[str, Any]:
    """An event as LINE's reference has it; `at` is in milliseconds since 1970."""
    return {
        "type": kind,
        "mode": "active",
        "timestamp": at,
        "source": {"type": "user", "userId": user},
        "webhookEventId": event_id,
        "deliveryContext": {"isRedelivery": False},
    }
