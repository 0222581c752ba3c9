"""Compares those who got an offer with those who were held out: uplift, and how sure it is.

The interval of the uplift is Newcombe's hybrid score interval for the difference of two independent
shares, at 95 %: from Wilson's interval (l, u) of each share p,

    d - sqrt((p1 - l1)^2 + (u2 - p2)^2)  to  d + sqrt((u1 - p1)^2 + (p2 - l2)^2),  d = p1 - p2

(R. G. Newcombe, Statistics in Medicine 17, 1998, method 10). It holds for small groups, too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

_Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Group:
    """How many there are, how many of them came back, and what all of them bought."""

    customers: int
    returned: int
    revenue: Decimal

    @property
    def share(self) -> float:
        """The part of them that came back."""
        return self.returned / self.customers if self.customers else 0.0


@dataclass(frozen=True, slots=True)
class Uplift:
    """By how much the offered come back more than the held out, as parts of 1, with its interval."""

    difference: float
    lowest: float
    highest: float

    @property
    def is_sure(self) -> bool:
        """Whether nothing is not within the interval."""
        return self.lowest > 0 or self.highest < 0


def uplift_of(offered: Group, held_out: Group) -> Uplift | None:
    """The uplift; None where one of the groups is empty."""
    if not offered.customers or not held_out.customers:
        return None
    p1, p2 = offered.share, held_out.share
    (l1, u1), (l2, u2) = wilson(offered), wilson(held_out)
    difference = p1 - p2
    return Uplift(
        difference,
        difference - math.hypot(p1 - l1, u2 - p2),
        difference + math.hypot(u1 - p1, p2 - l2),
    )


def wilson(group: Group) -> tuple[float, float]:
    """Wilson's score interval of the share of a group that is not empty, at 95 %."""
    n, p = group.customers, group.share
    middle = p + _Z**2 / (2 * n)
    spread = _Z * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
    scale = 1 + _Z**2 / n
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def extra_revenue(offered: Group, held_out: Group) -> Decimal | None:
    """What the offered bought more than as many of the held out; None where a group is empty."""
    if not offered.customers or not held_out.customers:
        return None
    alike = held_out.revenue * offered.customers / held_out.customers
    return offered.revenue - alike
