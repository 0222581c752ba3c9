"""The links by which customers register what they own: signed, for one person, until a day."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from desk.signing import Signer

PAGE: Final = "/p/desk/products"
_BODY: Final = struct.Struct(">16s16sI")


@dataclass(frozen=True, slots=True)
class RegistrationLink:
    """What a link says; whoever has one can only have it from us."""

    tenant_id: UUID
    person_id: UUID
    expires_at: datetime


class RegistrationLinks:
    """Makes and reads links, with secrets that all replicas share."""

    def __init__(self, secrets: Sequence[str], public_url: str) -> None:
        self._signer = Signer(secrets, "registration links")
        self._public_url = public_url.rstrip("/")

    def address(self, link: RegistrationLink) -> str:
        """The link as it goes to the customer."""
        return f"{self._public_url}{PAGE}?{urlencode({'token': self.token(link)})}"

    def token(self, link: RegistrationLink) -> str:
        """The link's token."""
        expires = int(link.expires_at.timestamp())
        return self._signer.token(
            _BODY.pack(link.tenant_id.bytes, link.person_id.bytes, min(expires, 2**32 - 1))
        )

    def read(self, token: str) -> RegistrationLink | None:
        """What a token says, or None for one that is not ours."""
        body = self._signer.read(token, _BODY.size)
        if body is None:
            return None
        tenant, person, expires = _BODY.unpack(body)
        at = datetime.fromtimestamp(expires, UTC)
        return RegistrationLink(UUID(bytes=tenant), UUID(bytes=person), at)
