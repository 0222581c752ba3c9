"""Members of opportunities' teams as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from chassis.http.body import Body
from chassis.http.query_string import Query
from sales.names import Key
from sales.opportunity_teams.domain import Membership


class MemberIn(Body):
    """What a colleague does on an opportunity, by a key of the tenant's own, such as `presales`."""

    role: Key


class MembersQuery(Query):
    left: bool = False
    """Whether those are listed, too, who once were members."""


class MemberOut(BaseModel):
    """A colleague on an opportunity; `left_at` is null for who is there now."""

    opportunity_id: UUID
    user_id: UUID
    role: str
    joined_at: datetime
    left_at: datetime | None


class MembersOut(BaseModel):
    """The team of an opportunity, its owner not counted; who came first comes first."""

    items: list[MemberOut]


def shown(one: Membership) -> dict[str, Any]:
    """A member as the API shows one, without reading it back."""
    names = ("opportunity_id", "user_id", "role", "joined_at", "left_at")
    return {name: getattr(one, name) for name in names}
