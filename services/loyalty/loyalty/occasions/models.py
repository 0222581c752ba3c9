"""Occasions as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from loyalty.gifts.documents import document_of
from loyalty.gifts.models import GiftIn, GiftOut, gift_in
from loyalty.names import Key, Label
from loyalty.occasions.domain import (
    FURTHEST_DAYS,
    MOST_LATE_DAYS,
    Celebration,
    Occasion,
    OccasionStatus,
    OccasionTerms,
)

Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of day, such as `09:00`."""
Offset = Annotated[int, Field(ge=-FURTHEST_DAYS, le=FURTHEST_DAYS)]
LateDays = Annotated[int, Field(ge=0, le=MOST_LATE_DAYS)]
Tiers = Annotated[tuple[Key, ...], Field(max_length=50)]


class OccasionIn(Body):
    """A day that a program keeps.

    `date_kind` is `membership_day`, or the kind of an important date in contacts, such as
    `birthday` or `wedding`. Its time is `offset_days` after the date, before it below 0, `at` a time
    of day in the member's own time zone. What could not be kept in time is kept up to `late_days`
    later. `tiers` are the keys of those it is for.
    """

    program_id: UUID
    key: Key
    date_kind: Key
    name: Label
    offset_days: Offset = 0
    at: Clock = "09:00"
    late_days: LateDays = 3
    gift: GiftIn = GiftIn()
    tiers: Tiers = ()


class OccasionPatch(Patch):
    """How an occasion is kept from now on."""

    name: Label = {}  # noqa: RUF012 - never used: what is not mentioned stays
    offset_days: Offset = 0
    at: Clock = ""
    late_days: LateDays = 0
    gift: GiftIn = GiftIn()
    tiers: Tiers = ()


class OccasionOut(BaseModel):
    """A day that a program keeps."""

    id: UUID
    version: int
    program_id: UUID
    key: str
    date_kind: str
    name: dict[str, str]
    offset_days: int
    at: str
    late_days: int
    gift: GiftOut
    tiers: list[str]
    status: OccasionStatus
    created_at: datetime
    updated_at: datetime


class CelebrationOut(BaseModel):
    """An occasion of one member in one year, and what was given."""

    id: UUID
    version: int
    occasion_id: UUID
    program_id: UUID
    member_id: UUID
    person_id: UUID | None
    year: int
    due_at: datetime
    reached_at: datetime
    points: int
    coupon_id: UUID | None
    recognition_id: UUID | None


class NextOccasionOut(BaseModel):
    """When an occasion is next kept for a member; `due_at` is null while the date is not known."""

    occasion_id: UUID
    key: str
    date_kind: str
    name: dict[str, str]
    status: OccasionStatus
    due_at: datetime | None
    last_reached_at: datetime | None


class NextOccasionsOut(BaseModel):
    """The occasions of a member's program."""

    member_id: UUID
    time_zone: str
    items: list[NextOccasionOut]


def terms_in(body: OccasionIn) -> OccasionTerms:
    """What a body describes."""
    return OccasionTerms(
        name=dict(body.name),
        offset_days=body.offset_days,
        at=time.fromisoformat(body.at),
        late_days=body.late_days,
        gift=gift_in(body.gift),
        tiers=body.tiers,
    )


def changed_by(body: OccasionPatch, terms: OccasionTerms) -> OccasionTerms:
    """The terms with what a patch mentions."""
    stated = body.model_fields_set
    changes: dict[str, Any] = {name: getattr(body, name) for name in stated}
    if "gift" in stated:
        changes["gift"] = gift_in(body.gift)
    if "at" in stated:
        changes["at"] = time.fromisoformat(body.at)
    return replace(terms, **changes)


def shown(occasion: Occasion) -> dict[str, Any]:
    """An occasion as the API shows one."""
    terms = occasion.terms
    own = ("id", "version", "program_id", "key", "date_kind", "status", "created_at", "updated_at")
    return {
        **{name: getattr(occasion, name) for name in own},
        "name": terms.name,
        "offset_days": terms.offset_days,
        "at": terms.at.isoformat("minutes"),
        "late_days": terms.late_days,
        "gift": document_of(terms.gift),
        "tiers": list(terms.tiers),
    }


def celebration_shown(kept: Celebration) -> dict[str, Any]:
    """A celebration as the API shows one."""
    given = {"points", "coupon_id", "recognition_id"}
    return {
        **{name: getattr(kept, name) for name in set(CelebrationOut.model_fields) - given},
        **{name: getattr(kept.given, name) for name in given},
    }
