"""Codes that people read aloud, type in and cannot guess: how they are written, read and checked."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from math import log2
from uuid import UUID

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Digits and letters without 0 and O, 1, I and L. There are 31, a prime number: see `check_of`."""

MOST_CHARACTERS = 40
"""No code is longer, however it is written."""

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_PRIME = len(ALPHABET)
_KEPT = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SEPARATING = frozenset({"Pd", "Zs", "Cc", "Cf", "Sm", "Pc"})
"""Unicode's dashes, spaces, invisible characters, minus signs and underscores."""


@dataclass(frozen=True, slots=True)
class CodeShape:
    """How long codes of one kind are, and how they are written: groups of so many characters.

    The last character checks the others, so it adds nothing to what has to be guessed.
    """

    groups: int
    group_size: int

    def __post_init__(self) -> None:
        if not 2 <= self.length < _PRIME:
            raise ValueError(f"a code has 2 to {_PRIME - 1} characters")

    @property
    def length(self) -> int:
        """How many characters a code has, without what stands between its groups."""
        return self.groups * self.group_size

    @property
    def bits(self) -> float:
        """How many bits of chance a code holds."""
        return (self.length - 1) * log2(_PRIME)

    def new(self, below: Callable[[int], int]) -> str:
        """A code in its normal form. `below(n)` gives a number from 0 to n - 1, by chance."""
        drawn = "".join(ALPHABET[below(_PRIME)] for _ in range(self.length - 1))
        return drawn + check_of(drawn)

    def fits(self, code: str) -> bool:
        """Whether a code in its normal form has this shape, and its last character is right."""
        return (
            len(code) == self.length
            and all(character in _VALUES for character in code)
            and check_of(code[:-1]) == code[-1]
        )

    def written(self, code: str) -> str:
        """A code of this shape as people see it: `ABCDE-FGHJK-MNPQR`."""
        size = self.group_size
        return "-".join(code[place : place + size] for place in range(0, len(code), size))


LONG = CodeShape(groups=3, group_size=5)
"""What nobody may guess, however often they try: 69 bits. For bearers: coupons, gifts to collect."""

SHORT = CodeShape(groups=2, group_size=4)
"""What is to be remembered, and worth little by itself: 34 bits. For codes that members hand on."""


def normalized(text: str) -> str:
    """A code as it is compared: without case, width, spaces and dashes; empty if it can be none.

    Full-width letters and digits, as East Asian keyboards give them, are the same as the others.
    Anything but letters from A to Z and digits makes it no code.
    """
    if len(text) > 3 * MOST_CHARACTERS:
        return ""
    plain = unicodedata.normalize("NFKC", text).upper()
    kept = "".join(one for one in plain if unicodedata.category(one) not in _SEPARATING)
    if len(kept) > MOST_CHARACTERS or not _KEPT.issuperset(kept):
        return ""
    return kept


def check_of(drawn: str) -> str:
    """The character that checks those before it.

    A sum weighted by place, modulo a prime, as in ISBN-10: so one wrong character is always
    noticed, and so are two that changed places, wherever they stand.
    """
    weighted = enumerate((_VALUES[one] for one in reversed(drawn)), start=2)
    return ALPHABET[-sum(weight * value for weight, value in weighted) % _PRIME]


def digest_of(purpose: str, tenant_id: UUID, code: str) -> bytes:
    """What a code is found by without being kept: its SHA-256 with its purpose and tenant.

    Fit for codes of shape `LONG`, which nobody can try out; shorter ones are no secrets anyway.
    """
    said = b"\0".join((purpose.encode(), tenant_id.bytes, code.encode()))
    return hashlib.sha256(said).digest()
