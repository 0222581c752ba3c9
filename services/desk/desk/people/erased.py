"""Words that name no person and may be of one all the same, and who can tell once the person is erased."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

MOST_AT_ONCE = 200
"""How much is asked about at once; a text has some thousand characters at most."""
_MAY_NAME = re.compile(r"@|\d[\d\s().\-/]{4,}\d")


@dataclass(frozen=True, slots=True)
class Said:
    """An address that somebody wrote from, or a text that may tell of somebody."""

    address: str = ""
    text: str = ""


class ErasedPeople(Protocol):
    """Who can tell what is of a person who was erased."""

    def matches(self, tenant_id: UUID, person_id: UUID, said: Sequence[Said]) -> Sequence[int]:
        """The places of what is theirs; at most `MOST_AT_ONCE` are asked about. Raises `Unavailable`."""
        ...


def may_name(text: str) -> bool:
    """Whether an address or a number may stand in a text: else nobody has to be asked about it."""
    return _MAY_NAME.search(text) is not None
