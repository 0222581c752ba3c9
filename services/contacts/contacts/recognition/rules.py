"""Which of the records that have something in common with a description is the one it describes.

Sure is what rarely belongs to two: an e-mail address, a domain. A telephone number or a name is
shared by many, so they count together, or where nothing speaks against them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

MOST_CANDIDATES = 10


class Outcome(StrEnum):
    """What came of looking for a record."""

    CREATED = "created"
    MATCHED = "matched"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Likeness:
    """A record, and what it has in common with a description; sorted, never empty.

    `differs` says that something that should be the same is not: the domain of a company.
    """

    id: UUID
    name: str
    shared: tuple[str, ...]
    differs: bool = False

    def has(self, *kinds: str) -> bool:
        """Whether it shares all of these."""
        return set(kinds) <= set(self.shared)


@dataclass(frozen=True, slots=True)
class Recognition:
    """What came of it: without a record somebody has to decide among the candidates."""

    outcome: Outcome
    record_id: UUID | None
    matched_on: tuple[str, ...] = ()
    candidates: tuple[Likeness, ...] = ()


def recognised(found: Sequence[Likeness], *ways: Sequence[str]) -> Recognition | None:
    """The record that the first way settles by which any is found; None when nothing is found.

    A way is what has to be shared. Where several share it, the one with the same name counts.
    Ambiguous when no way settles it.
    """
    for way in ways:
        by_it = [one for one in found if one.has(*way) and not one.differs]
        named = [one for one in by_it if one.has("name")]
        for only in (by_it, named):
            if len(only) == 1:
                others = _first(one for one in found if one is not only[0])
                return Recognition(Outcome.MATCHED, only[0].id, only[0].shared, others)
        if by_it:
            break
    return Recognition(Outcome.AMBIGUOUS, None, (), _first(found)) if found else None


def _first(found: Iterable[Likeness]) -> tuple[Likeness, ...]:
    return tuple(found)[:MOST_CANDIDATES]
