"""Engagement as the REST face takes and shows it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.money import decimal_out
from loyalty.acts.domain import Act
from loyalty.engagement.domain import (
    LEAST_HALF_LIFE,
    MOST_BANDS,
    MOST_HALF_LIFE,
    MOST_WEIGHTS,
    USUAL,
    Band,
    EngagementScheme,
    Scheme,
    Weight,
)
from loyalty.happenings.domain import HappeningKind
from loyalty.names import Key

DEFINITIONS = {
    "score": "The sum over kinds of acts of what their acts are worth together, at most the kind's"
    " bound: sum over kinds k of min(most_k, sum over acts of points_k x 0.5^(age in days /"
    " half_life_days)).",
    "worth": "What the acts of a kind are worth together as of now, before the bound.",
    "counted": "The same, at most the kind's bound: its part of the score.",
    "band": "The band that the score was in when it was last told; it is looked at with every act,"
    " and every hour.",
    "last_sign_at": "The last act of a kind that says that the person is still there.",
}

Points = Annotated[str, Field(pattern=r"^[0-9]{1,6}(\.[0-9]{1,4})?$")]
Word = Annotated[str, Field(min_length=1, max_length=100)]


class ActIn(Body):
    """A kind of act; `interaction_kind` is the key of one of contacts' kinds. What is null stands for any."""

    kind: Annotated[HappeningKind, Field(strict=False)]
    interaction_kind: Word | None = None
    channel: Word | None = None

    def act(self) -> Act:
        """What it is."""
        return Act(self.kind, self.interaction_kind, self.channel)


class WeightIn(ActIn):
    """What an act gives when it is done, and what all of its kind count at most together."""

    points: Points
    most: Points | None = None
    sign_of_life: bool = True


class BandIn(Body):
    """A name for scores from `lowest` on."""

    key: Key
    lowest: Points


class EngagementSchemeIn(Body):
    """How attachment is reckoned. Of several weights that fit an act, the most exact counts.

    What is left out is as usual: weights for purchases, referrals, attendance and contacts' own kinds
    of interactions, and four bands.
    """

    half_life_days: Annotated[int, Field(ge=LEAST_HALF_LIFE, le=MOST_HALF_LIFE)] = (
        USUAL.half_life_days
    )
    weights: (
        Annotated[tuple[WeightIn, ...], Field(min_length=1, max_length=MOST_WEIGHTS)] | None
    ) = None
    bands: Annotated[tuple[BandIn, ...], Field(min_length=1, max_length=MOST_BANDS)] | None = None


class ActOut(BaseModel):
    kind: HappeningKind
    interaction_kind: str | None
    channel: str | None


class WeightOut(ActOut):
    points: str
    most: str | None
    sign_of_life: bool


class BandOut(BaseModel):
    key: str
    lowest: str


class EngagementSchemeOut(BaseModel):
    """The scheme. Nobody has a score while `weights_version` is 0.

    `is_recounted` says whether every score is by these weights already.
    """

    version: int
    weights_version: int
    is_recounted: bool
    half_life_days: int
    weights: list[WeightOut]
    bands: list[BandOut]
    changed_at: datetime | None


class EngagementScoreOut(BaseModel):
    """How attached a person is, as of a time."""

    person_id: UUID
    score: str
    as_of: datetime
    band: str
    band_since: datetime
    acts: int
    last_act_at: datetime
    last_sign_at: datetime | None
    weights_version: int


class ScorePartOut(ActOut):
    """What the acts of a kind give."""

    acts: int
    last_at: datetime
    points: str
    most: str | None
    worth: str
    counted: str


class NextBandOut(BaseModel):
    key: str
    missing: str


class ExplainedScoreOut(EngagementScoreOut):
    """How attached a person is, and what makes it so; the parts add up to the score, but for rounding."""

    half_life_days: int
    parts: list[ScorePartOut]
    next_band: NextBandOut | None
    definitions: dict[str, str]


def scheme_in(body: EngagementSchemeIn) -> Scheme:
    """The scheme that a body asks for."""
    weights, bands = USUAL.weights, USUAL.bands
    if body.weights is not None:
        weights = tuple(_weight_in(weight) for weight in body.weights)
    if body.bands is not None:
        bands = tuple(Band(band.key, Decimal(band.lowest)) for band in body.bands)
    return Scheme(body.half_life_days, weights, bands)


def act_out(act: Act) -> dict[str, Any]:
    """A kind of act as the API shows one."""
    return {
        "kind": act.kind,
        "interaction_kind": act.interaction_kind,
        "channel": act.channel,
    }


def shown(kept: EngagementScheme) -> dict[str, Any]:
    """The scheme as the API shows it."""
    return {
        "version": kept.version,
        "weights_version": kept.weights_version,
        "is_recounted": kept.weights_version == kept.recounted_version,
        "half_life_days": kept.scheme.half_life_days,
        "weights": [_weight_out(weight) for weight in kept.scheme.weights],
        "bands": [
            {"key": band.key, "lowest": decimal_out(band.lowest)} for band in kept.scheme.bands
        ],
        "changed_at": kept.changed_at,
    }


def _weight_in(body: WeightIn) -> Weight:
    most = None if body.most is None else Decimal(body.most)
    return Weight(body.act(), Decimal(body.points), most, body.sign_of_life)


def _weight_out(weight: Weight) -> dict[str, Any]:
    return {
        **act_out(weight.act),
        "points": decimal_out(weight.points),
        "most": None if weight.most is None else decimal_out(weight.most),
        "sign_of_life": weight.sign_of_life,
    }
