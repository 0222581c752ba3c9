"""Authenticator apps: secrets, the codes that they show, and the picture that they read (RFC 6238)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pyotp
import segno

from chassis.sealing import Sealer
from identity.factors.domain import Totp, acceptable_steps

SECRET_LENGTH = 32
"""Characters of Base32, so 160 bits: what HMAC-SHA-1 takes at most to advantage (RFC 4226, 4)."""


@dataclass(frozen=True, slots=True)
class TotpSetup:
    """What an app has to be told: as an address, as a picture of it, and as text to type."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)

    @property
    def qr_svg(self) -> str:
        """The address as a QR code, an SVG element on white ground, since cameras want it so."""
        code = segno.make(self.uri, error="m", micro=False)
        return code.svg_inline(border=4, omitsize=True, light="#fff", svgclass=None, lineclass=None)

    @property
    def shown_secret(self) -> str:
        """The secret in groups that can be typed."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))


class TotpSecrets:
    """Makes secrets and looks codes up; a secret is open only in memory."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def new(self, user_id: UUID) -> bytes:
        """A new secret, sealed for its user."""
        secret = pyotp.random_base32(SECRET_LENGTH)
        return self._sealer.seal(secret.encode(), context(user_id))

    def setup(self, sealed: bytes, user_id: UUID, email: str, organisation: str) -> TotpSetup:
        """What the user's app has to be told. Raises `CannotUnseal`."""
        secret = self._open(sealed, user_id)
        issuer = f"Rapport ({organisation})".replace(":", " ")
        uri = pyotp.TOTP(secret).provisioning_uri(name=email.replace(":", " "), issuer_name=issuer)
        return TotpSetup(secret, uri)

    def matching_step(self, means: Totp, user_id: UUID, code: str, now: datetime) -> int | None:
        """The step whose code this is, if that may still be used; None for a wrong one."""
        totp = pyotp.TOTP(self._open(means.sealed, user_id))
        found = None
        for step in acceptable_steps(now, means.last_step):
            # All are compared, so that the time gives nothing away.
            if hmac.compare_digest(totp.generate_otp(step), code) and found is None:
                found = step
        return found

    def _open(self, sealed: bytes, user_id: UUID) -> str:
        return self._sealer.open(sealed, context(user_id)).decode()


def context(user_id: UUID) -> str:
    """What a secret is sealed for: moved to another user it does not open."""
    return f"second factor of {user_id}"
