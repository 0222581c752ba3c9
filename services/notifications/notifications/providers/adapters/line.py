"""Messages on LINE by the Messaging API's push, with a retry key that makes a second attempt safe."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import orjson
from pydantic import Field

from chassis.http.body import Body
from chassis.outbound.http import OutboundHttp, OutboundRequest, OutboundResponse
from notifications.providers.http_calls import after_failure, call, retry_after
from notifications.providers.port import (
    Accepted,
    AddressReport,
    Callback,
    NotTheProvider,
    Outcome,
    Outgoing,
    ProviderKind,
    Refused,
    Report,
    Tools,
    TryLater,
)

_LONGEST_TEXT = 5000
_QUOTA_SECONDS = 3600.0
_FOLLOWING = {"follow": True, "unfollow": False}


class LineSettings(Body):
    """Where the Messaging API is."""

    api_url: Annotated[str, Field(max_length=500)] = "https://api.line.me"


class LineSecrets(Body):
    """The channel's access token, and the secret that its webhooks are signed with."""

    channel_access_token: Annotated[str, Field(min_length=1, max_length=500)]
    channel_secret: Annotated[str, Field(max_length=200)] = ""


class LineProvider:
    """Pushes messages."""

    def __init__(self, http: OutboundHttp, settings: LineSettings, token: str) -> None:
        self._http = http
        self._url = f"{settings.api_url.rstrip('/')}/v2/bot/message/push"
        self._token = token

    def send(self, outgoing: Outgoing, hand_over: Callable[[], None]) -> Outcome:
        """Push one message; 409 says that an attempt before with this key was accepted."""
        words = {"type": "text", "text": outgoing.text[:_LONGEST_TEXT]}
        request = OutboundRequest(
            "POST",
            self._url,
            {
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "X-Line-Retry-Key": outgoing.idempotency_key,
            },
            orjson.dumps({"to": outgoing.address, "messages": [words]}),
        )
        answer = call(self._http, request, hand_over)
        if not isinstance(answer, OutboundResponse):
            return answer
        if answer.status in (200, 409):
            return Accepted(outgoing.message_id.hex)
        return _refusal(answer)


def _refusal(answer: OutboundResponse) -> Outcome:
    said = _message(answer.body)
    detail = f"{answer.status} {said}".strip()
    if answer.status == 429 and "monthly limit" in said:
        return TryLater(detail, _QUOTA_SECONDS, busy=True)
    if answer.status == 400 and "'to'" in said:
        return Refused(detail, bad_address=True)
    return after_failure(answer.status, detail, retry_after(answer.headers))


def _message(body: bytes) -> str:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    return str(said.get("message", "")) if isinstance(said, dict) else ""


def _read(
    settings: Mapping[str, Any], secrets: Mapping[str, str], callback: Callback
) -> Sequence[Report | AddressReport]:
    """A webhook, signed over its body (x-line-signature).

    Deliveries name the message; whoever blocks the account (unfollow) or is back (follow) is named
    by the user id. https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects
    """
    del settings
    key = secrets.get("channel_secret", "").encode()
    digest = hmac.new(key, callback.body, hashlib.sha256).digest()
    given = callback.headers.get("x-line-signature", "")
    if not key or not hmac.compare_digest(base64.b64encode(digest), given.encode()):
        raise NotTheProvider("x-line-signature")
    try:
        events = list(orjson.loads(callback.body).get("events", []))
    except (orjson.JSONDecodeError, AttributeError, TypeError):
        return []
    return [report for event in events if (report := _reported(event)) is not None]


def _reported(event: Any) -> Report | AddressReport | None:
    """None for an event of another kind, or one that is not as the documents say."""
    try:
        kind = event["type"]
        if kind == "delivery":
            return Report(str(event["delivery"]["data"]), "delivered")
        if kind in _FOLLOWING:
            user, event_id = str(event["source"]["userId"]), str(event["webhookEventId"])
            at = _moment(event["timestamp"])
            return AddressReport(user, event_id, at, _FOLLOWING[kind], kind)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return None


def _moment(milliseconds: Any) -> datetime:
    """A time as LINE tells it. Raises TypeError, ValueError, OverflowError for what is none."""
    if type(milliseconds) is not int:
        raise TypeError("a time is a number of milliseconds")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def _make(settings: LineSettings, secrets: LineSecrets, tools: Tools) -> LineProvider:
    return LineProvider(tools.http, settings, secrets.channel_access_token)


KIND = ProviderKind(
    key="line",
    channels=("line",),
    settings=LineSettings,
    secrets=LineSecrets,
    make=_make,
    deduplicates=True,
    read_callback=_read,
    example={},
)
