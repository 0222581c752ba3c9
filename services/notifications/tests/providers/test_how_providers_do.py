"""Administrators see which provider rests and why nothing goes out by it, and mend it (NO-6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.notifications.tests.delivery.sending import SendingNotifications
from services.notifications.tests.providers.http_provider import HANG_UP, Answer, HttpProvider

PROVIDERS = "/v1/notifications/providers"
MESSAGES = "/v1/notifications/messages"


def set_up(sending: SendingNotifications, remote: HttpProvider) -> str:
    """A provider for chat; gives its path."""
    body = {
        "name": "Chat",
        "kind": "chat_webhook",
        "channel": "chat",
        "secrets": {"url": f"{remote.url}/hook"},
    }
    made = sending.client.post(PROVIDERS, body)
    assert made.status_code == 201, made.text
    assert (made.json["failures"], made.json["paused_until"]) == (0, None)
    return str(made.headers["Location"])


def write(sending: SendingNotifications) -> str:
    """Queue a message and have it sent; gives its path."""
    body = {"to": "#orders", "channel": "chat", "content": {"text": "Hello."}}
    made = sending.client.post(MESSAGES, body)
    sending.work()
    return f"{MESSAGES}/{made.json['id']}"


def health(sending: SendingNotifications, path: str) -> tuple[int, Any]:
    """How a provider is doing: by itself and in the list alike."""
    shown = sending.client.get(path).json
    (listed,) = sending.client.get(PROVIDERS).json["items"]
    assert listed == shown
    return shown["failures"], shown["paused_until"]


def test_a_provider_that_asked_to_be_left_in_peace_is_seen_to_rest_until_then(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    sending.clock.set(datetime.now(UTC))
    path = set_up(sending, remote)
    remote.begin(Answer(429, headers={"Retry-After": "120"}), then=Answer(200))
    write(sending)
    failures, until = health(sending, path)
    expected = sending.clock.now() + timedelta(seconds=120)
    assert failures == 0
    assert until == expected.isoformat().replace("+00:00", "Z")
    sending.clock.advance(seconds=121)
    assert health(sending, path) == (0, None)
    sending.work()
    assert len(remote.asked) == 2


def test_failures_on_end_are_counted_until_one_succeeds(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    path = set_up(sending, remote)
    remote.begin(*[Answer(503)] * 3, then=Answer(200))
    for _ in range(3):
        write(sending)
    failures, until = health(sending, path)
    assert failures == 3
    assert until is not None
    sending.clock.advance(minutes=2)
    sending.work()
    assert health(sending, path) == (0, None)


def test_a_provider_that_is_called_otherwise_rests_no_longer(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    path = set_up(sending, remote)
    remote.begin(Answer(429, headers={"Retry-After": "3600"}), then=Answer(200))
    write(sending)
    assert sending.client.patch(path, {"name": "Our chat"}).json["paused_until"] is not None
    secrets = {"url": f"{remote.url}/another"}
    mended = sending.client.patch(path, {"secrets": secrets}).json
    assert (mended["failures"], mended["paused_until"]) == (0, None)
    message = write(sending)
    assert sending.client.get(message).json["state"] == "sent"
    assert remote.asked[-1].path == "/another"


def test_nobody_elses_provider_is_shown(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    path = set_up(sending, remote)
    remote.begin(*[HANG_UP] * 3, then=Answer(200))
    write(sending)
    stranger = sending.harness.app_client(UUID(int=1))
    assert stranger.get(path).status_code == 404
    assert stranger.get(PROVIDERS).json["items"] == []
    reader = sending.harness.app_client(sending.tenant_id, "notifications.messages.read")
    assert reader.get(path).status_code == 403
    for wrong in ("failures=1", "sort=failures"):
        assert sending.client.get(f"{PROVIDERS}?{wrong}").status_code == 400
