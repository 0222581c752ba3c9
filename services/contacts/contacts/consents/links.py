"""The links with which people confirm a consent: signed, for one address and one request of it.

A link names tenant and consent, so it leads to its row without a look-up across tenants. It is
bound to the address by a fingerprint: whoever got it at an address that the person has no longer
confirms nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

from contacts.contact_points.reaching import ContactPoint

CONFIRM = "/p/contacts/consents/confirm"

_BODY = struct.Struct(">16s16s16sIQ8s")
_TAG = 16
_LENGTH = _BODY.size + _TAG


@dataclass(frozen=True, slots=True)
class ConsentLink:
    """What a link says; whoever has one can only have it from us.

    `request_id` is the message that it was sent with, `fingerprint` the address that it went to.
    """

    tenant_id: UUID
    consent_id: UUID
    request_id: UUID
    round: int
    expires_at: datetime
    fingerprint: bytes


class ConsentLinks:
    """Makes and reads links, with a secret that all replicas share."""

    def __init__(self, secret: str, public_url: str) -> None:
        self._key = hashlib.sha256(b"consent-links:" + secret.encode()).digest()
        self._page = public_url.rstrip("/") + CONFIRM

    def address(self, link: ConsentLink) -> str:
        """The link as it goes into a message."""
        return f"{self._page}?{urlencode({'token': self.token(link)})}"

    def token(self, link: ConsentLink) -> str:
        """The link's token."""
        body = _BODY.pack(
            link.tenant_id.bytes,
            link.consent_id.bytes,
            link.request_id.bytes,
            link.round,
            int(link.expires_at.timestamp()),
            link.fingerprint,
        )
        return base64.urlsafe_b64encode(body + self._tag(body)).rstrip(b"=").decode()

    def read(self, token: str) -> ConsentLink | None:
        """What a token says, or None for one that is not ours."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        if len(raw) != _LENGTH or not hmac.compare_digest(
            raw[_BODY.size :], self._tag(raw[: _BODY.size])
        ):
            return None
        tenant, consent, request, number, expires, address = _BODY.unpack(raw[: _BODY.size])
        return ConsentLink(
            tenant_id=UUID(bytes=tenant),
            consent_id=UUID(bytes=consent),
            request_id=UUID(bytes=request),
            round=number,
            expires_at=datetime.fromtimestamp(expires, UTC),
            fingerprint=address,
        )

    def fingerprint(self, tenant_id: UUID, point: ContactPoint) -> bytes:
        """What tells one address from another without giving it away."""
        text = f"{tenant_id}:{point.kind}:{point.key}".encode()
        return hmac.new(self._key, b"point\x00" + text, hashlib.sha256).digest()[:8]

    def _tag(self, body: bytes) -> bytes:
        return hmac.new(self._key, b"link\x00" + body, hashlib.sha256).digest()[:_TAG]
