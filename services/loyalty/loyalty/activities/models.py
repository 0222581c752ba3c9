"""Activities as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Moment, Patch
from loyalty.activities.domain import (
    MOST_PLACES,
    Activity,
    ActivityStatus,
    ActivityTerms,
    AttendedBy,
    Venue,
)
from loyalty.gifts.documents import document_of
from loyalty.gifts.models import GiftIn, GiftOut, gift_in
from loyalty.names import Key, Label, Language
from loyalty.registrations.domain import RegistrationState
from loyalty.registrations.storage import free_places

Words = Annotated[
    dict[Language, Annotated[str, Field(min_length=1, max_length=5_000)]], Field(max_length=20)
]
Place = Annotated[str, Field(max_length=500)]
Link = Annotated[str, Field(max_length=500)]
Zone = Annotated[str, Field(min_length=1, max_length=64)]
Capacity = Annotated[int, Field(ge=1, le=MOST_PLACES)]
Waiting = Annotated[int, Field(ge=0, le=MOST_PLACES)]
Minutes = Annotated[int, Field(ge=0, le=24 * 60)]
Months = Annotated[int, Field(ge=0, le=120)]
Template = Annotated[str, Field(max_length=100, pattern="^([a-z][a-z0-9_]*)?$")]
Tiers = Annotated[tuple[Key, ...], Field(max_length=50)]
_PLAIN = (
    "title",
    "kind",
    "venue",
    "starts_at",
    "ends_at",
    "time_zone",
    "description",
    "place",
    "link",
    "capacity",
    "waiting_places",
    "opens_at",
    "closes_at",
    "attended_by",
    "check_in_minutes",
    "refresh_months",
    "refresh_template",
)


class ActivityIn(Body):
    """An event of a program.

    `capacity` is how many come in, anybody without one, and `waiting_places` how many may wait.
    Members register from `opens_at` on, to `closes_at` or until it begins, and check in from
    `check_in_minutes` before. `gift` is for whoever was there, by `check_in` or seen to the `end`.
    With `refresh_months` they are asked whether their contact details are right, unless they were
    within so many months, by the template of notifications if one is named.
    """

    program_id: UUID
    title: Label
    kind: Key
    venue: Venue
    starts_at: Moment
    ends_at: Moment
    time_zone: Zone
    description: Words = {}  # noqa: RUF012 - pydantic copies it
    place: Place = ""
    link: Link = ""
    capacity: Capacity | None = None
    waiting_places: Waiting = 0
    opens_at: Moment | None = None
    closes_at: Moment | None = None
    tiers: Tiers = ()
    gift: GiftIn = GiftIn()
    attended_by: AttendedBy = AttendedBy.END
    check_in_minutes: Minutes = 60
    refresh_months: Months = 0
    refresh_template: Template = ""


class ActivityPatch(Patch):
    """What is planned otherwise."""

    title: Label = {}  # noqa: RUF012 - never used: what is not mentioned stays
    kind: Key = ""
    venue: Venue = Venue.ONLINE
    starts_at: Moment = datetime.min  # noqa: DTZ901
    ends_at: Moment = datetime.min  # noqa: DTZ901
    time_zone: Zone = ""
    description: Words = {}  # noqa: RUF012
    place: Place = ""
    link: Link = ""
    capacity: Capacity | None = None
    waiting_places: Waiting = 0
    opens_at: Moment | None = None
    closes_at: Moment | None = None
    tiers: Tiers = ()
    gift: GiftIn = GiftIn()
    attended_by: AttendedBy = AttendedBy.END
    check_in_minutes: Minutes = 0
    refresh_months: Months = 0
    refresh_template: Template = ""


class ActivityOut(BaseModel):
    """An event of a program. `free_places` is null where everybody comes in."""

    id: UUID
    version: int
    program_id: UUID
    title: dict[str, str]
    kind: str
    venue: Venue
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    description: dict[str, str]
    place: str
    link: str
    capacity: int | None
    waiting_places: int
    opens_at: datetime | None
    closes_at: datetime | None
    tiers: list[str]
    gift: GiftOut
    attended_by: AttendedBy
    check_in_minutes: int
    refresh_months: int
    refresh_template: str
    status: ActivityStatus
    free_places: int | None
    waiting: int
    registrations: dict[str, int]
    created_at: datetime
    updated_at: datetime


class CheckInCodeOut(BaseModel):
    """The code to show at the event now; it changes with `valid_until`."""

    code: str
    valid_until: datetime


def terms_in(body: ActivityIn) -> ActivityTerms:
    """What a body describes."""
    return ActivityTerms(
        **{name: getattr(body, name) for name in _PLAIN}, tiers=body.tiers, gift=gift_in(body.gift)
    )


def changed_by(body: ActivityPatch, terms: ActivityTerms) -> ActivityTerms:
    """The terms with what a patch mentions."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "gift" in changes:
        changes["gift"] = gift_in(body.gift)
    return replace(terms, **changes)


def shown(activity: Activity, counted: Mapping[RegistrationState, int]) -> dict[str, Any]:
    """An activity as the API shows one, with how many come."""
    terms = activity.terms
    own = ("id", "version", "program_id", "status", "created_at", "updated_at")
    return {
        **{name: getattr(activity, name) for name in own},
        **{name: getattr(terms, name) for name in _PLAIN},
        "tiers": list(terms.tiers),
        "gift": document_of(terms.gift),
        "free_places": free_places(terms.capacity, counted),
        "waiting": counted.get(RegistrationState.WAITLISTED, 0),
        "registrations": {state.value: number for state, number in counted.items()},
    }
