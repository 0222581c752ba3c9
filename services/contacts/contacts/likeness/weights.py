"""What an agreement weighs: how often it is seen of one person (m) and of two (u).

The model is that of I. P. Fellegi and A. B. Sunter (1969), A Theory for Record Linkage, Journal of the
American Statistical Association 64: fields are taken to agree independently of each other, each weighs the
logarithm of m / u, and the sum of weights decides. Weights are in bits: three more are eight times as likely.

`ESTIMATED` is what `python -m tests.linkage.estimate` finds in the first data set of Febrl, whose truth is known;
what is measured with the other three has not been seen by it. It has neither addresses of mail nor numbers nor
names in characters: `ASSUMED` stands for those, with the reasons beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log2
from typing import Final, NamedTuple

from contacts.likeness.comparing import Field, Level


class Shares(NamedTuple):
    """How often a field agrees so far: of two records of one person, and of two people."""

    m: float
    u: float

    @property
    def bits(self) -> float:
        """What it weighs."""
        return log2(self.m / self.u)


_LEVELS = (Level.DIFFERENT, Level.SIMILAR, Level.CLOSE, Level.SAME)


def _shares(*pairs: tuple[float, float]) -> Mapping[Level, Shares]:
    return {level: Shares(*pair) for level, pair in zip(_LEVELS, pairs, strict=True)}


ESTIMATED: Final[Mapping[Field, Mapping[Level, Shares]]] = {
    Field.GIVEN_NAME: _shares(
        (0.10275, 0.992091), (0.00530, 0.002703), (0.12606, 0.001354), (0.76589, 0.003852)
    ),
    Field.FAMILY_NAME: _shares(
        (0.05204, 0.993870), (0.01122, 0.001009), (0.19082, 0.001568), (0.74592, 0.003553)
    ),
    Field.BIRTH_DATE: _shares(
        (0.04989, 0.985853), (0.00318, 0.013123), (0.00743, 0.000992), (0.93949, 0.000032)
    ),
    Field.STREET: _shares(
        (0.10657, 0.999600), (0.17430, 0.000396), (0.42928, 0.000003), (0.28984, 0.000001)
    ),
    Field.AREA: _shares(
        (0.05080, 0.998093), (0.07271, 0.001883), (0.27988, 0.000023), (0.59661, 0.000001)
    ),
}
ASSUMED: Final[Mapping[Field, Mapping[Level, Shares]]] = {
    # Misspelt as often as other names are. Two people in ten thousand pairs share a whole name of
    # three characters, and twenty all but one: family names are few.
    Field.CHARACTERS: _shares((0.08, 0.9979), (0.08, 0.9979), (0.17, 0.0020), (0.75, 0.0001)),
    # One person in five gives another address the second time. Couples and offices share one.
    Field.EMAIL: _shares((0.22, 0.9997), (0.05, 0.0002), (0.03, 0.00002), (0.70, 0.00005)),
    # Households and offices share a number more often, and people have more of them.
    Field.PHONE: _shares((0.37, 0.9996), (0.37, 0.9996), (0.03, 0.0003), (0.60, 0.00015)),
}
SWAPPED: Final = log2(0.0948)
"""What it weighs that the two names of one person stand in each other's place; estimated as well."""
MOST_OF_ADDRESS: Final = 12.0
"""What street and area weigh at most, together: a household shares both, and who is in it differs."""
LEAST_OF_ADDRESS: Final = -2.0
"""What they weigh at least: nobody in Febrl moves house, but one customer in four has another address."""
PRIOR: Final = 2e-5
"""How likely it is of any two people that they are one: one in ten of 5,000 has been entered twice."""

_BITS: Mapping[Field, tuple[float, ...]] = {
    field: tuple(shares[level].bits for level in _LEVELS)
    for field, shares in {**ESTIMATED, **ASSUMED}.items()
}


def bits_of(field: Field, level: Level) -> float:
    """What an agreement weighs, in bits; nothing where nothing is known."""
    return 0.0 if level is Level.UNKNOWN else _BITS[field][level]
