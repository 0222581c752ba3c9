"""How acts add up to a score that falls with time.

An act that gives w when it is done is worth w x 0.5^(age / half-life) later. What acts of one kind are
worth together is bounded by the kind's `most`, so that a thousand clicks do not weigh what a review
does. The score is the sum over kinds:

    score(t) = sum over kinds k of min(most_k, sum over acts i of k of w_k x 0.5^((t - t_i) / half-life))

All acts fall alike, so what a kind is worth is one number and the time that it is of; adding an act
needs no other act, and the order in which they are told makes no difference. An act dated ahead of
the time that is asked for counts as done just then.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from loyalty.engagement.domain import Scheme, Weight

_DAY = timedelta(days=1)
_MARGIN = timedelta(seconds=1)
FARTHEST = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tally:
    """What the acts of one kind were worth together at a time, without a bound; how many, and the last."""

    value: float
    valued_at: datetime
    acts: int
    last_at: datetime

    def worth(self, at: datetime, half_life_days: int) -> float:
        """What they are worth at a time."""
        return self.value * _left(at - self.valued_at, half_life_days)

    def counted(self, at: datetime, weight: Weight, half_life_days: int) -> float:
        """The same, up to the bound of the kind."""
        worth = self.worth(at, half_life_days)
        return worth if weight.most is None else min(worth, float(weight.most))


@dataclass(frozen=True, slots=True)
class Standing:
    """A score in two parts, which makes it easy to ask for at any time until `holds_until`.

    `held` is what kinds at their bound give, which stays; `falling` is what the others give at
    `valued_at`, which falls. At `holds_until` a kind leaves its bound, and the parts are others.
    """

    held: float
    falling: float
    valued_at: datetime
    holds_until: datetime | None

    def score(self, at: datetime, half_life_days: int) -> float:
        """The score at a time before `holds_until`."""
        return self.held + self.falling * _left(at - self.valued_at, half_life_days)


def with_act(tally: Tally | None, weight: Weight, at: datetime, half_life_days: int) -> Tally:
    """The tally with one more act."""
    points = float(weight.points)
    if tally is None:
        return Tally(points, at, 1, at)
    valued_at = max(tally.valued_at, at)
    value = tally.worth(valued_at, half_life_days) + points * _left(valued_at - at, half_life_days)
    return Tally(value, valued_at, tally.acts + 1, max(tally.last_at, at))


def standing_of(tallies: Mapping[str, Tally], scheme: Scheme, at: datetime) -> Standing:
    """The score's parts as of a time; tallies of kinds that count no more are left out."""
    half_life = scheme.half_life_days
    weights = {weight.act.key: weight for weight in scheme.weights}
    at = max((at, *(tally.valued_at for tally in tallies.values())))
    held, falling = 0.0, 0.0
    until: list[datetime] = []
    for key, tally in sorted(tallies.items()):
        weight = weights.get(key)
        if weight is None:
            continue
        worth = tally.worth(at, half_life)
        if weight.most is not None and worth > float(weight.most):
            held += float(weight.most)
            if weight.most:
                falls = _falls_to(tally.value, float(weight.most), tally.valued_at, half_life)
                until.append(falls + _MARGIN)
        else:
            falling += worth
    return Standing(held, falling, at, min(until, default=None))


def next_look(standing: Standing, scheme: Scheme, at: datetime) -> datetime | None:
    """When the standing or its band is another without any act; None when that never happens."""
    band = scheme.band_of(standing.score(at, scheme.half_life_days))
    looks = [] if standing.holds_until is None else [standing.holds_until]
    needed = float(band.lowest) - standing.held
    if needed > 0:
        half_life = scheme.half_life_days
        falls = _falls_to(standing.falling, needed, standing.valued_at, half_life) + _MARGIN
        looks.append(max(falls, at + _MARGIN))
    return min(looks, default=None)


def _left(age: timedelta, half_life_days: int) -> float:
    return math.pow(0.5, max(age, timedelta(0)) / _DAY / half_life_days)


def _falls_to(value: float, to: float, valued_at: datetime, half_life_days: int) -> datetime:
    """When a value that falls is down to another."""
    days = max(0.0, half_life_days * math.log2(value / to)) if value > 0 else 0.0
    if days > (FARTHEST - valued_at) / _DAY:
        return FARTHEST
    return valued_at + days * _DAY
