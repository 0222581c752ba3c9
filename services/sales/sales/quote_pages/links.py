"""The links with which customers read and answer quotes: signed, for one version of one quote.

A link names tenant, quote and version, so it leads to its row without a look-up across tenants. It is
as good as the customer's word, and needs no end of its own: what it leads to ends. Once the quote is
changed, the version is no longer the one that can be answered. The token is a parameter and no part
of the path, since logs of gateways keep paths.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

PAGE = "/p/sales/quotes"

_BODY = struct.Struct(">16s16sI")
_TAG = 16
_LENGTH = _BODY.size + _TAG
LONGEST_TOKEN = 100


@dataclass(frozen=True, slots=True)
class QuoteLink:
    """What a link says; whoever has one can only have it from us."""

    tenant_id: UUID
    quote_id: UUID
    revision: int


class QuoteLinks:
    """Makes and reads links, with a secret that all replicas share."""

    def __init__(self, secret: str, public_url: str) -> None:
        self._key = hmac.digest(secret.encode(), b"sales quote links", "sha256")
        self._page = public_url.rstrip("/") + PAGE

    def address(self, link: QuoteLink) -> str:
        """The link as it goes to the customer."""
        return f"{self._page}?{urlencode({'token': self.token(link)})}"

    def token(self, link: QuoteLink) -> str:
        """The link's token."""
        body = _BODY.pack(link.tenant_id.bytes, link.quote_id.bytes, link.revision)
        return base64.urlsafe_b64encode(body + self._tag(body)).rstrip(b"=").decode()

    def read(self, token: str) -> QuoteLink | None:
        """What a token says, or None for one that is not ours."""
        if len(token) > LONGEST_TOKEN or not token.isascii():
            return None
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        body, tag = raw[: _BODY.size], raw[_BODY.size :]
        if len(raw) != _LENGTH or not hmac.compare_digest(tag, self._tag(body)):
            return None
        tenant, quote, revision = _BODY.unpack(body)
        return QuoteLink(UUID(bytes=tenant), UUID(bytes=quote), revision)

    def _tag(self, body: bytes) -> bytes:
        return hmac.new(self._key, body, hashlib.sha256).digest()[:_TAG]
