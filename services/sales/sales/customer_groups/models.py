"""Memberships as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from chassis.http.body import Body
from sales.customer_groups.domain import Membership
from sales.names import Key


class MembershipIn(Body):
    """That a person or a company belongs to a group; either of the two is needed, and not both."""

    group: Key
    person_id: UUID | None = None
    company_id: UUID | None = None


class MembershipOut(BaseModel):
    """A customer's place in a group."""

    id: UUID
    version: int
    group: str
    person_id: UUID | None
    company_id: UUID | None
    created_at: datetime


def shown(membership: Membership) -> dict[str, Any]:
    """A membership as the API shows one, without reading it back."""
    return {name: getattr(membership, name) for name in MembershipOut.model_fields}
