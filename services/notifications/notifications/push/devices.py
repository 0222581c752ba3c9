"""Where a device is pushed to, and under which keys: read, checked, sealed for keeping."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.domain import Invalid
from chassis.outbound.errors import OutboundRefused
from chassis.outbound.url import read_target
from chassis.sealing import Sealer

_AUTH_BYTES = 16


@dataclass(frozen=True, slots=True)
class Device:
    """A browser's push subscription (W3C Push API): address, public key on P-256, shared secret."""

    endpoint: str
    p256dh: bytes
    auth: bytes

    @classmethod
    def read(cls, endpoint: str, p256dh: str, auth: str) -> Device:
        """From what a browser gives. Raises `Invalid` that names what is wrong with it."""
        try:
            target = read_target(endpoint)
        except OutboundRefused as refused:
            raise Invalid.at("/endpoint", refused.code, refused.message) from None
        if not target.secure and target.host not in ("127.0.0.1", "localhost"):
            raise Invalid.at("/endpoint", "not_https", "A push service is reached by https://.")
        key, secret = _decoded("/keys/p256dh", p256dh), _decoded("/keys/auth", auth)
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
        except ValueError:
            message = "It has to be a point on P-256."
            raise Invalid.at("/keys/p256dh", "not_a_public_key", message) from None
        if len(secret) != _AUTH_BYTES:
            message = f"It has to be {_AUTH_BYTES} bytes."
            raise Invalid.at("/keys/auth", "not_a_secret", message)
        return cls(endpoint, key, secret)

    def sealed(self, sealer: Sealer, tenant_id: UUID) -> bytes:
        """As it is stored."""
        plain = {"endpoint": self.endpoint, "p256dh": self.p256dh.hex(), "auth": self.auth.hex()}
        return sealer.seal(orjson.dumps(plain), _context(tenant_id))

    @classmethod
    def opened(cls, sealed: bytes, sealer: Sealer, tenant_id: UUID) -> Device:
        """From what is stored. Raises `CannotUnseal`."""
        plain = orjson.loads(sealer.open(sealed, _context(tenant_id)))
        return cls(plain["endpoint"], bytes.fromhex(plain["p256dh"]), bytes.fromhex(plain["auth"]))


def _context(tenant_id: UUID) -> str:
    return f"push subscription:{tenant_id}"


def _decoded(pointer: str, text: str) -> bytes:
    try:
        padded = text.rstrip("=").encode("ascii") + b"=" * (-len(text.rstrip("=")) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Invalid.at(pointer, "not_base64url", "It has to be base64url.") from None
