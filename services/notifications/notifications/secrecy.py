"""How notifications keeps what must not be read or guessed: sealed secrets, fingerprints, signed links."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

from chassis.sealing import Sealer
from notifications.settings import NotificationsSettings

_SIGNATURE = 16


class Fingerprints:
    """Names addresses without keeping them: a keyed hash, so that nobody can try addresses out."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"fingerprints of addresses:" + secret.encode()).digest()

    def of(self, channel: str, address: str) -> bytes:
        """The fingerprint of an address on a channel, in whatever case it is written."""
        normal = f"{channel}\0{address.strip().lower()}"
        return hmac.new(self._key, normal.encode(), hashlib.sha256).digest()


class Links:
    """Signs what public links say, so that only links of ours mean anything.

    Each purpose of a link has signatures of its own: one kind of link is no other.
    """

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"links in messages:" + secret.encode()).digest()

    def token(self, purpose: str, tenant_id: UUID, message_id: UUID, extra: str = "") -> str:
        """What stands in a link about a message."""
        said = tenant_id.bytes + message_id.bytes + extra.encode()
        signed = self._signature(purpose, said) + said
        return base64.urlsafe_b64encode(signed).decode().rstrip("=")

    def read(self, purpose: str, token: str) -> tuple[UUID, UUID, str] | None:
        """Tenant, message and the rest of what a token says; None for one that is not ours."""
        try:
            padded = token.encode("ascii") + b"=" * (-len(token) % 4)
            signed = base64.b64decode(padded, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        signature, said = signed[:_SIGNATURE], signed[_SIGNATURE:]
        if len(said) < 32 or not hmac.compare_digest(signature, self._signature(purpose, said)):
            return None
        return UUID(bytes=said[:16]), UUID(bytes=said[16:32]), said[32:].decode()

    def _signature(self, purpose: str, said: bytes) -> bytes:
        signed = purpose.encode() + b"\0" + said
        return hmac.new(self._key, signed, hashlib.sha256).digest()[:_SIGNATURE]


class Secrecy:
    """The three together, as the settings give them."""

    def __init__(self, settings: NotificationsSettings) -> None:
        self.sealer = Sealer(settings.sealing_secrets)
        self.fingerprints = Fingerprints(settings.fingerprint_secret.get_secret_value())
        self.links = Links(settings.signing_secret.get_secret_value())
