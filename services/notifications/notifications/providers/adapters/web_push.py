"""Messages to browsers: Web Push (RFC 8030), encrypted for the device (RFC 8291), signed (RFC 8292)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import Field, field_validator

from chassis.http.body import Body
from chassis.outbound.errors import OutboundFailed, OutboundRefused
from chassis.outbound.http import OutboundRequest, OutboundResponse
from notifications.providers.http_calls import after_failure, retry_after
from notifications.providers.port import (
    Accepted,
    Outcome,
    Outgoing,
    ProviderKind,
    Refused,
    Tools,
    TryLater,
    Unknown,
)
from notifications.push.devices import Device
from notifications.push.encryption import encrypt, point_of

_GONE = (404, 410)
_TOKEN_SECONDS = 12 * 3600  # a day at most, RFC 8292 section 2
_LONGEST_PAYLOAD = 3800  # push services take 4,096 bytes, of which encryption takes its part
_LONGEST_LINK = 2000
_KEY_BYTES = 32


def new_private_key() -> str:
    """A new key of P-256, as its number in base64url, which is how such keys are passed around."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(_KEY_BYTES)).decode().rstrip("=")


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """The key that a text stands for. Raises ValueError."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        number = base64.b64decode(padded, altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("has to be base64url") from None
    if len(number) != _KEY_BYTES:
        raise ValueError(f"has to be {_KEY_BYTES} bytes")
    return ec.derive_private_key(int.from_bytes(number), ec.SECP256R1())


class WebPushSettings(Body):
    """Whom push services may write to about the messages, and how long these wait for a device."""

    contact: Annotated[str, Field(pattern=r"^(mailto:|https://)\S{3,200}$")]
    keep_seconds: Annotated[int, Field(ge=0, le=2_419_200)] = 86_400


class WebPushSecrets(Body):
    """The key that signs; made anew when none is given. With another key, browsers subscribe anew."""

    private_key: Annotated[str, Field(max_length=100)] = Field(default_factory=new_private_key)

    @field_validator("private_key")
    @classmethod
    def _is_key(cls, given: str) -> str:
        private_key(given)
        return given


class WebPushProvider:
    """Pushes a message to all devices of its recipient, whose id is the address."""

    def __init__(self, settings: WebPushSettings, secrets: WebPushSecrets, tools: Tools) -> None:
        self._settings = settings
        self._tools = tools
        self._key = private_key(secrets.private_key)

    def send(self, outgoing: Outgoing, hand_over: Callable[[], None]) -> Outcome:
        """Accepted as soon as one device's push service has it; devices that are gone are forgotten."""
        devices = self._tools.devices.of(outgoing.tenant_id, UUID(outgoing.address))
        if not devices:
            return Refused("the recipient has no device that takes pushed messages")
        hand_over()
        outcomes, gone = [], []
        for device_id, device in devices.items():
            outcome = self._push(device, outgoing)
            outcomes.append(outcome)
            if isinstance(outcome, Refused) and outcome.bad_address:
                gone.append(device_id)
        if gone:
            self._tools.devices.gone(outgoing.tenant_id, gone)
        return _together(outcomes)

    def _push(self, device: Device, outgoing: Outgoing) -> Outcome:
        request = OutboundRequest(
            "POST", device.endpoint, self._headers(device, outgoing), _encrypted(device, outgoing)
        )
        try:
            answer = self._tools.http.send(request)
        except OutboundRefused as refused:
            return Refused(refused.message)
        except OutboundFailed as failed:
            return Unknown(failed.message) if failed.handed_over else TryLater(failed.message)
        return _outcome(answer)

    def _headers(self, device: Device, outgoing: Outgoing) -> dict[str, str]:
        return {
            "Authorization": self._vapid(device, outgoing),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(self._settings.keep_seconds),
            # A second attempt replaces a first one that still waits for the device.
            "Topic": base64.urlsafe_b64encode(outgoing.message_id.bytes).decode().rstrip("="),
            "Urgency": "high" if outgoing.transactional else "normal",
        }

    def _vapid(self, device: Device, outgoing: Outgoing) -> str:
        parts = urlsplit(device.endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(outgoing.written_at.timestamp()) + _TOKEN_SECONDS,
            "sub": self._settings.contact,
        }
        key = ECKey.import_key(self._key)
        token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, key, algorithms=["ES256"])
        point = base64.urlsafe_b64encode(point_of(self._key)).decode().rstrip("=")
        return f"vapid t={token}, k={point}"


def _encrypted(device: Device, outgoing: Outgoing) -> bytes:
    return encrypt(_payload(outgoing), device.p256dh, device.auth)


def _payload(outgoing: Outgoing) -> bytes:
    """What the page's service worker gets; a long text is cut, never a character.

    A link is whole or is not there: one that takes the words' place is left out.
    """
    said = {"id": str(outgoing.message_id), "title": outgoing.subject, "body": outgoing.text}
    if outgoing.link and len(outgoing.link.encode()) <= _LONGEST_LINK:
        said["link"] = outgoing.link
    room = _LONGEST_PAYLOAD - len(orjson.dumps({**said, "body": ""}))
    while len(orjson.dumps(said["body"])) > room and said["body"]:
        over = len(orjson.dumps(said["body"])) - room
        said["body"] = said["body"][: -(over // 6 + 1)]
    return orjson.dumps(said)


def _outcome(answer: OutboundResponse) -> Outcome:
    if 200 <= answer.status < 300:
        return Accepted(answer.headers.get("location", "")[:200])
    detail = f"{answer.status} {answer.body[:100].decode('utf-8', 'replace')}".strip()
    if answer.status in _GONE:
        return Refused(detail, bad_address=True)
    outcome = after_failure(answer.status, detail, retry_after(answer.headers))
    if isinstance(outcome, TryLater):
        # One of many push services has had enough; the others have not.
        return TryLater(detail, outcome.seconds, of_message=True)
    return outcome


def _together(outcomes: list[Outcome]) -> Outcome:
    """One device that has it is enough; a device that may have it must not get it twice."""
    for kind in (Accepted, Unknown, TryLater):
        for outcome in outcomes:
            if isinstance(outcome, kind):
                return outcome
    # Not a bad address: what is gone are devices, and the recipient may have others tomorrow.
    return Refused("; ".join(one.detail for one in outcomes if isinstance(one, Refused))[:300])


def _make(settings: WebPushSettings, secrets: WebPushSecrets, tools: Tools) -> WebPushProvider:
    return WebPushProvider(settings, secrets, tools)


KIND = ProviderKind(
    key="web_push",
    channels=("push",),
    settings=WebPushSettings,
    secrets=WebPushSecrets,
    make=_make,
    example={"contact": "mailto:crm@example.com"},
)
