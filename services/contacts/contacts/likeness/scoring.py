"""How likely it is that two people are one, and what says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp2, log2
from typing import Final

from contacts.likeness.comparing import Agreement, Field, Level, agreements
from contacts.likeness.traits import Traits
from contacts.likeness.weights import (
    LEAST_OF_ADDRESS,
    MOST_OF_ADDRESS,
    PRIOR,
    SWAPPED,
    bits_of,
)

_ADDRESS: Final = (Field.STREET, Field.AREA)
_PRIOR_BITS: Final = log2(PRIOR / (1 - PRIOR))
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one field says: how far it agrees, and its weight in bits, for (+) or against (-)."""

    field: Field
    level: Level
    bits: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two people are: the sum of what their fields say.

    `swapped` says that the given name of the one is the family name of the other, as far as they agree.
    """

    bits: float
    evidence: tuple[Evidence, ...]
    swapped: bool = False

    @property
    def probability(self) -> float:
        """That the two are one: above 0 and at most 1, with four digits."""
        odds_against = exp2(-self.bits - _PRIOR_BITS)
        return round(1 / (1 + odds_against), _DIGITS)

    def level(self, field: Field) -> Level:
        """How far a field agrees."""
        return next((e.level for e in self.evidence if e.field is field), Level.UNKNOWN)


def likeness(one: Traits, other: Traits) -> Likeness:
    """How alike two people are; the same whichever comes first, and never less for more agreement."""
    straight, crosswise = (_weighed(way) for way in agreements(one, other))
    crosswise_bits = _sum(crosswise) + SWAPPED
    if crosswise_bits > _sum(straight):
        return Likeness(crosswise_bits, tuple(crosswise), swapped=True)
    return Likeness(_sum(straight), tuple(straight))


def _weighed(agreement: Agreement) -> list[Evidence]:
    """What each field says of which both have something."""
    known = [(field, level) for field, level in agreement.items() if level is not Level.UNKNOWN]
    weighed = [Evidence(field, level, bits_of(field, level)) for field, level in known]
    address = [one for one in weighed if one.field in _ADDRESS]
    total = _sum(address)
    bounded = min(max(total, LEAST_OF_ADDRESS), MOST_OF_ADDRESS)
    if bounded == total:
        return weighed
    # In proportion, so that it is seen what of the two has told more.
    whole = sum(abs(one.bits) for one in address)
    excess = total - bounded
    shares = {one.field: one.bits - excess * abs(one.bits) / whole for one in address}
    return [Evidence(e.field, e.level, shares.get(e.field, e.bits)) for e in weighed]


def _sum(evidence: Sequence[Evidence]) -> float:
    return sum(one.bits for one in evidence)
