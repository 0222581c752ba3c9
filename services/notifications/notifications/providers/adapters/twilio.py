"""Text messages by Twilio's Messages resource, or by what speaks like it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

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
)

# https://www.twilio.com/docs/api/errors: numbers that are none, or that nobody can reach.
_BAD_NUMBERS = frozenset({21211, 21217, 21407, 21421, 21614, 30005, 30006})
_UNSUBSCRIBED = 21610
_LATER = {"delivered": "delivered", "undelivered": "undelivered", "failed": "undelivered"}


class TwilioSettings(Body):
    """The account, and whom messages come from: a number or a messaging service."""

    account_sid: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9]+$")]
    sender: Annotated[str, Field(min_length=1, max_length=64)]
    api_url: Annotated[str, Field(max_length=500)] = "https://api.twilio.com"
    callback_url: Annotated[str, Field(max_length=500)] = ""


class TwilioSecrets(Body):
    """The account's token."""

    auth_token: Annotated[str, Field(min_length=1, max_length=200)]


class TwilioProvider:
    """Creates messages."""

    def __init__(self, http: OutboundHttp, settings: TwilioSettings, token: str) -> None:
        self._http = http
        self._settings = settings
        credentials = f"{settings.account_sid}:{token}".encode()
        self._authorization = f"Basic {base64.b64encode(credentials).decode()}"

    def send(self, outgoing: Outgoing, hand_over: Callable[[], None]) -> Outcome:
        """Create one message; Twilio has no key that would know a second one again."""
        settings = self._settings
        service = settings.sender.startswith("MG")
        form = {
            "To": outgoing.address,
            "MessagingServiceSid" if service else "From": settings.sender,
            "Body": outgoing.text[:1600],
        }
        if settings.callback_url:
            form["StatusCallback"] = settings.callback_url
        path = f"/2010-04-01/Accounts/{settings.account_sid}/Messages.json"
        request = OutboundRequest(
            "POST",
            settings.api_url.rstrip("/") + path,
            {
                "Authorization": self._authorization,
                "Content-Type": "application/x-www-form-urlencoded",
            },
            urlencode(form).encode(),
        )
        answer = call(self._http, request, hand_over)
        if not isinstance(answer, OutboundResponse):
            return answer
        return _outcome(answer.status, answer.headers, _json(answer.body))


def _outcome(status: int, headers: Mapping[str, str], said: Mapping[str, Any]) -> Outcome:
    if status == 201:
        return Accepted(str(said.get("sid", "")))
    code, message = said.get("code"), str(said.get("message", ""))
    detail = f"{status} {code or ''} {message}".strip()
    if status in (400, 404) and (code in _BAD_NUMBERS or code == _UNSUBSCRIBED):
        return Refused(detail, bad_address=True)
    return after_failure(status, detail, retry_after(headers))


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}


def _read(
    settings: Mapping[str, Any], secrets: Mapping[str, str], callback: Callback
) -> Sequence[Report | AddressReport]:
    """A status callback: signed over its address and its sorted form (X-Twilio-Signature)."""
    form = parse_qsl(callback.body.decode("utf-8", "replace"), keep_blank_values=True)
    signed = (settings.get("callback_url") or callback.url) + "".join(
        name + value for name, value in sorted(form)
    )
    digest = hmac.new(secrets["auth_token"].encode(), signed.encode(), hashlib.sha1).digest()
    given = callback.headers.get("x-twilio-signature", "")
    if not hmac.compare_digest(base64.b64encode(digest), given.encode()):
        raise NotTheProvider("X-Twilio-Signature")
    said = dict(form)
    status = _LATER.get(said.get("MessageStatus", ""))
    if status is None:
        return []
    detail = said.get("ErrorCode", "")
    if status == "undelivered" and detail.isdigit() and int(detail) in _BAD_NUMBERS:
        return [Report(said.get("MessageSid", ""), "bounced", detail, permanent=True)]
    return [Report(said.get("MessageSid", ""), status, detail)]


def _make(settings: TwilioSettings, secrets: TwilioSecrets, tools: Tools) -> TwilioProvider:
    return TwilioProvider(tools.http, settings, secrets.auth_token)


KIND = ProviderKind(
    key="twilio",
    channels=("sms",),
    settings=TwilioSettings,
    secrets=TwilioSecrets,
    make=_make,
    read_callback=_read,
    example={"account_sid": "AC0123456789", "sender": "+15005550006"},
)
