"""Tickets: opaque secrets that name tenant and record, such as codes, refresh tokens and links.

Whoever shows one is led to the row in its own tenant's transaction, so no look-up across tenants
is needed. Only a digest is stored; 256 random bits need no slow hash.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from uuid import UUID

_SECRET = 32


@dataclass(frozen=True, slots=True)
class Ticket:
    """One secret and where it belongs."""

    tenant_id: UUID
    id: UUID
    secret: bytes = field(repr=False)

    @classmethod
    def issue(cls, tenant_id: UUID, record_id: UUID) -> Ticket:
        """A new one for a record."""
        return cls(tenant_id, record_id, secrets.token_bytes(_SECRET))

    @classmethod
    def read(cls, text: str | None) -> Ticket | None:
        """The ticket in a text, or None when it cannot be one."""
        if text is None or len(text) != 86:
            return None
        try:
            raw = base64.urlsafe_b64decode(text + "==")
        except (binascii.Error, ValueError):
            return None
        if len(raw) != 64:
            return None
        return cls(UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), raw[32:])

    def __str__(self) -> str:
        raw = self.tenant_id.bytes + self.id.bytes + self.secret
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    @property
    def digest(self) -> bytes:
        """What is stored in place of the secret."""
        return hashlib.sha256(self.secret).digest()

    def matches(self, digest: bytes) -> bool:
        """Whether this is the secret with that digest."""
        return hmac.compare_digest(self.digest, digest)
