"""Words that name no person and may be of one all the same, and who can tell once the person is erased."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

MOST_AT_ONCE = 200
"""How many words are asked about at once; a text has at most 2,000 characters."""
_MAY_NAME = re.compile(r"@|\d[\d\s().\-/]{4,}\d")


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody has said of themselves, or a text that may tell of somebody."""

    given_name: str = ""
    family_name: str = ""
    email: str = ""
    phone: str = ""
    country: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Words, and the record that they are in; `place` tells which of its texts."""

    record_id: UUID
    words: Words
    place: str = ""


class ErasedPeople(Protocol):
    """Who can tell which words are of a person who was erased."""

    def matches(self, tenant_id: UUID, person_id: UUID, said: Sequence[Words]) -> Sequence[int]:
        """The places of the words that are theirs; at most `MOST_AT_ONCE`. Raises `Unavailable`."""
        ...


def may_name(text: str) -> bool:
    """Whether an address or a number may stand in a text: else nobody has to be asked about it."""
    return _MAY_NAME.search(text) is not None
