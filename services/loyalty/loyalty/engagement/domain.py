"""What makes people attached: which acts count how much, for how long, and what a score is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid, Unpublished
from loyalty.acts.domain import Act, ActTable, require_distinct
from loyalty.happenings.domain import HappeningKind

LEAST_HALF_LIFE, MOST_HALF_LIFE = 7, 3650
MOST_WEIGHTS, MOST_BANDS = 100, 20


@dataclass(frozen=True, slots=True)
class Weight:
    """What an act of a kind gives when it is done.

    `most` bounds what all acts of the kind together count at any time; None for no bound. A sign of
    life says that the person is still there.
    """

    act: Act
    points: Decimal
    most: Decimal | None = None
    sign_of_life: bool = True


@dataclass(frozen=True, slots=True)
class Band:
    """What scores from `lowest` on are called, up to the next band."""

    key: str
    lowest: Decimal


@dataclass(frozen=True)
class Scheme:
    """How scores are reckoned: an act counts half after every `half_life_days`."""

    half_life_days: int
    weights: Sequence[Weight]
    bands: Sequence[Band]

    @cached_property
    def table(self) -> ActTable[Weight]:
        """The weights, to look up."""
        return ActTable((weight.act, weight) for weight in self.weights)

    def band_of(self, score: float) -> Band:
        """The band that a score is in."""
        return next(
            band for band in reversed(self.bands) if score >= band.lowest or not band.lowest
        )

    def is_above(self, band: str, other: str) -> bool:
        """Whether a band is higher than another; any is higher than one that there is no more."""
        keys = [one.key for one in self.bands]
        return keys.index(band) > (keys.index(other) if other in keys else -1)

    def require_sound(self) -> None:
        """Raise `Invalid` for weights that contradict each other, or bands without order."""
        require_distinct((weight.act for weight in self.weights), "/weights")
        for place, weight in enumerate(self.weights):
            if weight.most is not None and weight.most < weight.points:
                message = "All acts of a kind together count at least what one counts."
                raise Invalid.at(f"/weights/{place}/most", "most_too_low", message)
        if not self.bands or self.bands[0].lowest != 0:
            raise Invalid.at("/bands", "bands_unsound", "The first band begins at 0.")
        for place, (below, band) in enumerate(zip(self.bands, self.bands[1:], strict=False), 1):
            if band.lowest <= below.lowest:
                message = "Each band begins above the one before it."
                raise Invalid.at(f"/bands/{place}/lowest", "bands_unsound", message)
        if len({band.key for band in self.bands}) != len(self.bands):
            raise Invalid.at("/bands", "bands_unsound", "Each band has a key of its own.")


def _interaction(kind: str, points: str, most: str) -> Weight:
    act = Act(HappeningKind.INTERACTION, kind)
    return Weight(act, Decimal(points), Decimal(most))


def _other(kind: HappeningKind, points: str, most: str, *, sign_of_life: bool = True) -> Weight:
    return Weight(Act(kind), Decimal(points), Decimal(most), sign_of_life)


USUAL = Scheme(
    half_life_days=90,
    weights=(
        _other(HappeningKind.ORDER_DELIVERED, "10", "60"),
        _other(HappeningKind.REFERRAL_COMPLETED, "15", "45"),
        _other(HappeningKind.EVENT_ATTENDED, "8", "32"),
        _other(HappeningKind.ENROLLED, "3", "3"),
        _interaction("review", "8", "32"),
        _interaction("praise", "6", "24"),
        _interaction("referral", "6", "24"),
        _interaction("post", "4", "20"),
        _interaction("answer", "4", "20"),
        _interaction("share", "4", "20"),
        _interaction("reply", "3", "15"),
        _interaction("visit", "1", "8"),
        _interaction("sign_in", "1", "6"),
        _interaction("download", "1", "5"),
        _interaction("click", "0.5", "5"),
        Weight(
            Act(HappeningKind.INTERACTION, "message_sent"),
            Decimal(0),
            Decimal(0),
            sign_of_life=False,
        ),
    ),
    bands=(
        Band("distant", Decimal(0)),
        Band("casual", Decimal(5)),
        Band("attached", Decimal(20)),
        Band("devoted", Decimal(50)),
    ),
)
"""What a tenant begins with that does not say otherwise."""


@dataclass(frozen=True, slots=True)
class EngagementSchemeChanged(Fact):
    """Other acts count, or count otherwise."""

    weights_version: int
    half_life_days: int


@dataclass(frozen=True, slots=True)
class EngagementRecounted(Unpublished):
    """Every score is by the newest weights."""


@dataclass(frozen=True, slots=True)
class EngagementBandChanged(Fact):
    """A person's score has come into another band."""

    person_id: UUID
    from_band: str
    to_band: str
    rising: bool
    score: Decimal


@dataclass(kw_only=True)
class EngagementScheme(Aggregate):
    """A tenant's one scheme. Nobody has a score before it was given first, as version 1 of its weights.

    `recounted_version` is that of the weights by which every score is surely reckoned.
    """

    scheme: Scheme = USUAL
    weights_version: int = 0
    recounted_version: int = 0
    changed_at: datetime | None = None

    def change(self, scheme: Scheme, now: datetime) -> bool:
        """Reckon otherwise from now on; whether anything differs. Raises `Invalid`."""
        scheme.require_sound()
        if self.weights_version and scheme == self.scheme:
            return False
        self.scheme, self.changed_at = scheme, now
        self.weights_version += 1
        self.record(EngagementSchemeChanged(self.weights_version, scheme.half_life_days))
        return True

    def recounted(self, weights_version: int) -> None:
        """Note that every score is by these weights."""
        if weights_version > self.recounted_version:
            self.recounted_version = weights_version
            self.record(EngagementRecounted())
