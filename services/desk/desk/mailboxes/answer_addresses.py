"""The addresses that customers answer to: the mailbox's own, with the ticket's number and a signature.

`support+t.1042.k3jx…@acme.example` leads to ticket 1042 of whoever has the mailbox, and nobody can make
one up. The whole is in small letters and digits, since servers on the way may change the case.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from uuid import UUID

from desk.signing import Signer

_TAG = 10
_LONGEST_LOCAL = 64
_TOKEN = re.compile(r"\+t\.([1-9]\d{0,17})\.([a-z2-7]{16})@", re.IGNORECASE)


class AnswerAddresses:
    """Makes and reads them."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._signer = Signer(secrets, "answer addresses")

    def address(self, mailbox: str, tenant_id: UUID, number: int) -> str:
        """Where answers to a ticket go; the plain mailbox where its name leaves no room."""
        local, _, domain = mailbox.rpartition("@")
        tag = base64.b32encode(self._signer.tag(_body(tenant_id, number), _TAG)).decode().lower()
        local = f"{local}+t.{number}.{tag}"
        return f"{local}@{domain}" if len(local) <= _LONGEST_LOCAL else mailbox

    def number_in(self, address: str, tenant_id: UUID) -> int | None:
        """The number of the ticket that an address leads to; None for one that is not ours."""
        found = _TOKEN.search(address)
        if found is None:
            return None
        number, tag = int(found[1]), base64.b32decode(found[2].upper())
        return number if self._signer.fits(_body(tenant_id, number), tag, _TAG) else None


def plain_address(address: str) -> str:
    """An address in small letters, without what stands behind a plus sign."""
    local, _, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _body(tenant_id: UUID, number: int) -> bytes:
    return tenant_id.bytes + number.to_bytes(8, "big")
