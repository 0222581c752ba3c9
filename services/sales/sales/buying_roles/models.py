"""Parts in buying as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from sales.buying_roles.domain import Attitude, Involvement, Part
from sales.pipelines.domain import BuyingRole


class PartIn(Body):
    """What part a person has in buying: roles, attitude, and influence from 1 to 5."""

    roles: Annotated[tuple[BuyingRole, ...], Field(min_length=1, max_length=len(BuyingRole))]
    attitude: Attitude = Attitude.UNKNOWN
    influence: Annotated[int, Field(ge=1, le=5)] | None = None
    note: Annotated[str, Field(max_length=2_000)] = ""


class InvolvedPersonOut(BaseModel):
    """A person's part in buying."""

    opportunity_id: UUID
    person_id: UUID
    roles: list[BuyingRole]
    attitude: Attitude
    influence: int | None
    note: str
    created_at: datetime
    updated_at: datetime


class InvolvedPeopleOut(BaseModel):
    """Everybody who has a part in buying, those who came first coming first."""

    items: list[InvolvedPersonOut]


def part_in(body: PartIn) -> Part:
    """The part that a body gives; each role once, in one order."""
    return Part(tuple(sorted(set(body.roles))), body.attitude, body.influence, body.note)


def shown(one: Involvement) -> dict[str, Any]:
    """A person's part as the API shows it, without reading it back."""
    return {
        "opportunity_id": one.opportunity_id,
        "person_id": one.person_id,
        **part_shown(one.part),
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }


def part_shown(part: Part) -> dict[str, Any]:
    """A part as the API shows it."""
    return {
        "roles": part.roles,
        "attitude": part.attitude,
        "influence": part.influence,
        "note": part.note,
    }
