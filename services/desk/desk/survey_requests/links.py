"""The links by which customers say how content they are: signed, for whoever was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from desk.signing import Signer

PAGES: Final = "/p/desk/surveys"
_ID = 16


class SurveyLinks:
    """Makes and reads links, with secrets that all replicas share."""

    def __init__(self, secrets: Sequence[str], public_url: str) -> None:
        self._signer = Signer(secrets, "survey links")
        self._public_url = public_url.rstrip("/")

    def address(self, tenant_id: UUID, request_id: UUID) -> str:
        """The link as it goes to the customer."""
        return f"{self._public_url}{PAGES}/{self.token(tenant_id, request_id)}"

    def token(self, tenant_id: UUID, request_id: UUID) -> str:
        """The link's token."""
        return self._signer.token(tenant_id.bytes + request_id.bytes)

    def read(self, token: str) -> tuple[UUID, UUID] | None:
        """Tenant and request that a token is for; None for one that is not ours."""
        body = self._signer.read(token, 2 * _ID)
        return None if body is None else (UUID(bytes=body[:_ID]), UUID(bytes=body[_ID:]))
