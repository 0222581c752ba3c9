"""Reads the teams of opportunities, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from sales.opportunities.queries import within_reach


def list_members(reading: Reading, opportunity_id: UUID, *, left: bool) -> dict[str, Any]:
    """The members, and with `left` those that once were; who came first first. Raises `NotFound`."""
    within_reach(reading, opportunity_id)
    about = {"tenant_id": reading.caller.tenant_id, "opportunity_id": opportunity_id}
    return {"items": reading.fetch_all(_EVER if left else _NOW, about)}


_EVER = Statement(
    "SELECT opportunity_id, user_id, role, joined_at, left_at FROM opportunity_members"
    " WHERE tenant_id = %(tenant_id)s AND opportunity_id = %(opportunity_id)s"
    " ORDER BY joined_at, id"
)
_NOW = Statement(_EVER.sql.replace(" ORDER BY", " AND left_at IS NULL ORDER BY"))
