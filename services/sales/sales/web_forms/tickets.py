"""Tickets that prove when a form was opened: made when it is, sent along when it is submitted.

Without one nobody could tell a visitor from a program that fills in forms within a blink. They say
nothing but a time, and hold for one form.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from uuid import UUID

from sales.web_forms.domain import Opening, Suspicion

_LONGEST = 150


class Tickets:
    """Makes and reads tickets."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"sales web form tickets", "sha256")

    def issue(self, web_form_id: UUID, now: datetime) -> str:
        """A ticket for a form that is opened now; no two are the same."""
        said = f"{int(now.timestamp() * 1000)}.{secrets.token_urlsafe(12)}"
        return f"{said}.{self._proof(web_form_id, said)}"

    def read(self, web_form_id: UUID, ticket: str, now: datetime) -> Opening:
        """When the form was opened, or what is wrong with the ticket."""
        if not ticket:
            return Opening(None, Suspicion.TICKET_MISSING)
        said, _, proof = ticket[:_LONGEST].rpartition(".")
        expected = self._proof(web_form_id, said)
        if not hmac.compare_digest(proof.encode(), expected.encode()):
            return Opening(None, Suspicion.TICKET_INVALID)
        at = datetime.fromtimestamp(int(said.partition(".")[0]) / 1000, UTC)
        # Clocks of two processes may differ a little.
        return Opening(min(at, now))

    def _proof(self, web_form_id: UUID, said: str) -> str:
        return hmac.new(self._key, f"{web_form_id}.{said}".encode(), hashlib.sha256).hexdigest()
