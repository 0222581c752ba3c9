"""Members as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import BaseModel, Field

from chassis.domain import Invalid
from chassis.http.batch import BatchIn, items_of
from chassis.http.body import Body, Moment, Patch, validate
from chassis.http.money import MoneyOut
from loyalty.members.domain import (
    MOST_EXTERNAL_IDS,
    ExternalId,
    Member,
    MemberSource,
    MemberStatus,
    Particulars,
)
from loyalty.names import Reason
from loyalty.tier_standings.models import StandingOut

Number = Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9 \-]{3,39}$")]


class ExternalIdIn(Body):
    system: Annotated[str, Field(min_length=1, max_length=50)]
    id: Annotated[str, Field(min_length=1, max_length=200)]


ExternalIds = Annotated[tuple[ExternalIdIn, ...], Field(max_length=MOST_EXTERNAL_IDS)]


class MemberIn(Body):
    """Whom to make a member of which program.

    `number` and `enrolled_at` are for members from before: without a number one is drawn.
    """

    program_id: UUID
    person_id: UUID
    number: Number | None = None
    enrolled_at: Moment | None = None
    external_ids: ExternalIds = ()


class MembersIn(BatchIn):
    items: Annotated[tuple[Any, ...], items_of(MemberIn)]


class MemberPatch(Patch):
    """What other systems call a member."""

    external_ids: ExternalIds = ()


class SuspensionIn(Body):
    reason: Reason


class LeavingIn(Body):
    reason: Annotated[str, Field(max_length=500)] = ""


class MemberOut(BaseModel):
    """A member. `merged_into_id` is the member whom this one turned out to be."""

    id: UUID
    version: int
    program_id: UUID
    person_id: UUID | None
    number: str
    source: MemberSource
    status: MemberStatus
    reason: str
    external_ids: list[ExternalIdIn]
    merged_into_id: UUID | None
    enrolled_at: datetime
    created_at: datetime
    updated_at: datetime


class MemberPointsOut(BaseModel):
    """What a member has: `available` is below zero while points are owed.

    `worth` is what those available are worth; `expiring` of them expire at `next_expiry`.
    """

    available: int
    pending: int
    reserved: int
    worth: MoneyOut
    next_expiry: datetime | None
    expiring: int


class MemberDetailOut(MemberOut):
    """A member with points and tier; without one where the program has no tiers."""

    points: MemberPointsOut
    tier: StandingOut | None


class ListedTierOut(BaseModel):
    """The tier that a member is in; `rank` counts from 0 for the lowest."""

    key: str
    name: dict[str, str]
    rank: int


class ListedMemberOut(MemberOut):
    """A member in a list; with `expand=points,tier` also what it has, and in which tier it is if in any."""

    points: MemberPointsOut | None = None
    tier: ListedTierOut | None = None


def shown(member: Member) -> dict[str, Any]:
    """A member as the API shows one, without reading it back."""
    return {name: getattr(member, name) for name in MemberOut.model_fields}


def particulars_in(body: MemberIn) -> Particulars:
    """What a body says of a member from before."""
    return Particulars(body.number or "", body.enrolled_at, external_ids_in(body.external_ids))


def external_ids_in(given: ExternalIds) -> tuple[ExternalId, ...]:
    """The external ids that a body names."""
    return tuple(ExternalId(one.system, one.id) for one in given)


def key_in(system: str, external_id: str) -> ExternalId:
    """The external id that a path names. Raises a 422 problem for one that none can be."""
    for pointer, text in (("system", system), ("external_id", external_id)):
        if "\x00" in text:
            raise Invalid.at(pointer, "contains_nul", "It contains the character U+0000.")
    given = validate(ExternalIdIn, orjson.dumps({"system": system, "id": external_id}))
    return ExternalId(given.system, given.id)
