"""Narrows lists of people to those who are members of a program."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.storage.listing import EXACT, FilterField, Operator, read_uuid
from loyalty.members.storage import members


def member_filter(tenant_id: sa.Column[Any], person_id: sa.Column[Any]) -> FilterField:
    """A filter by the program that a person is an active member of."""

    def condition(_operator: Operator, program_id: UUID) -> sa.ColumnElement[bool]:
        return sa.exists().where(
            members.c.tenant_id == tenant_id,
            members.c.person_id == person_id,
            members.c.program_id == program_id,
            members.c.status == "active",
        )

    return FilterField(read_uuid, condition, EXACT, {"type": "string", "format": "uuid"})
