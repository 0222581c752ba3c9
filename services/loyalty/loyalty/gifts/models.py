"""Gifts as the REST face takes and shows them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from loyalty.gifts.domain import MOST_DAYS, MOST_POINTS, Gift
from loyalty.names import Key, Label
from loyalty.recognitions.domain import RecognitionKind, RecognitionTerms


class RecognitionTermsIn(Body):
    """A badge or a privilege; it holds for good without `days`."""

    kind: RecognitionKind
    key: Key
    name: Label
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None


class GiftIn(Body):
    """What is given: points that count after `pending_days`, a coupon of a pool, a recognition."""

    points: Annotated[int, Field(ge=0, le=MOST_POINTS)] = 0
    pending_days: Annotated[int, Field(ge=0, le=MOST_DAYS)] = 0
    coupon_pool_id: UUID | None = None
    recognition: RecognitionTermsIn | None = None


class RecognitionTermsOut(BaseModel):
    """A badge or a privilege."""

    kind: RecognitionKind
    key: str
    name: dict[str, str]
    days: int | None


class GiftOut(BaseModel):
    """What is given."""

    points: int
    pending_days: int
    coupon_pool_id: UUID | None
    recognition: RecognitionTermsOut | None


def gift_in(body: GiftIn) -> Gift:
    """The gift that a body describes."""
    given = body.recognition
    recognition = (
        None
        if given is None
        else RecognitionTerms(given.kind, given.key, dict(given.name), given.days)
    )
    return Gift(body.points, body.pending_days, body.coupon_pool_id, recognition)
