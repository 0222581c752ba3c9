"""Reads parts in buying, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from sales.buying_roles.domain import together
from sales.buying_roles.models import part_shown
from sales.buying_roles.storage import part_of
from sales.opportunities.queries import within_reach


def list_people(reading: Reading, opportunity_id: UUID) -> dict[str, Any]:
    """Everybody who has a part, each once, also after a merge. Raises `NotFound`."""
    within_reach(reading, opportunity_id)
    about = {"tenant_id": reading.caller.tenant_id, "opportunity_id": opportunity_id}
    people: dict[UUID, list[dict[str, Any]]] = {}
    for row in reading.fetch_all(_PEOPLE, about):
        people.setdefault(row["person_id"], []).append(row)
    return {"items": [_shown(opportunity_id, rows) for rows in people.values()]}


def _shown(opportunity_id: UUID, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "opportunity_id": opportunity_id,
        "person_id": rows[0]["person_id"],
        **part_shown(together([part_of(row) for row in rows])),
        "created_at": rows[0]["created_at"],
        "updated_at": max(row["updated_at"] for row in rows),
    }


_PEOPLE = Statement(
    "SELECT person_id, roles, attitude, influence, note, created_at, updated_at FROM involvements"
    " WHERE tenant_id = %(tenant_id)s AND opportunity_id = %(opportunity_id)s"
    " ORDER BY created_at, id"
)
