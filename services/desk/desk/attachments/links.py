"""The links by which customers get files without an account: signed, for one file, with an end.

The token is a parameter and no part of the path, since logs of gateways keep paths.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

from desk.attachments.domain import LINK_LASTS
from desk.signing import Signer

PAGE = "/p/desk/attachments"
_BODY = struct.Struct(">16s16sQ")


@dataclass(frozen=True, slots=True)
class FileLink:
    """What a link says; whoever has one can only have it from us."""

    tenant_id: UUID
    attachment_id: UUID
    ends_at: datetime


class FileLinks:
    """Makes and reads links."""

    def __init__(self, secrets: Sequence[str], public_url: str) -> None:
        self._signer = Signer(secrets, "file links")
        self._page = public_url.rstrip("/") + PAGE

    def link(self, tenant_id: UUID, attachment_id: UUID, now: datetime) -> tuple[str, datetime]:
        """A link that can be followed from now on, and its end."""
        ends_at = (now + LINK_LASTS).replace(microsecond=0)
        body = _BODY.pack(tenant_id.bytes, attachment_id.bytes, int(ends_at.timestamp()))
        return f"{self._page}?{urlencode({'token': self._signer.token(body)})}", ends_at

    def read(self, token: str, now: datetime) -> FileLink | None:
        """What a token says, or None for one that is not ours, or at its end."""
        body = self._signer.read(token, _BODY.size)
        if body is None:
            return None
        tenant, attachment, ends = _BODY.unpack(body)
        ends_at = datetime.fromtimestamp(ends, UTC)
        if ends_at <= now:
            return None
        return FileLink(UUID(bytes=tenant), UUID(bytes=attachment), ends_at)
