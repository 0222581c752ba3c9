"""Reads teams, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.domain import NotFound
from chassis.storage.listing import (
    FilterField,
    Listing,
    ListSpec,
    Operator,
    read_uuid,
    time_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading, UnitOfWork
from identity.teams.storage import team_members, teams

_columns = teams.c
_member_ids = sa.func.array(
    sa.select(team_members.c.user_id)
    .where(team_members.c.tenant_id == _columns.tenant_id, team_members.c.team_id == _columns.id)
    .order_by(team_members.c.user_id)
    .scalar_subquery(),
    type_=ARRAY(_columns.id.type),
)
_shown = sa.select(
    _columns.id,
    _columns.version,
    _columns.name,
    _columns.parent_team_id,
    _columns.manager_id,
    _member_ids.label("member_ids"),
    _columns.created_at,
    _columns.updated_at,
)


def _with_member(operator: Operator, value: Any) -> sa.ColumnElement[bool]:
    wanted = value if operator == "in" else [value]
    return _columns.id.in_(
        sa.select(team_members.c.team_id).where(
            team_members.c.tenant_id == _columns.tenant_id, team_members.c.user_id.in_(wanted)
        )
    )


TEAMS = ListSpec(
    key=_columns.id,
    sorts={"name": _columns.name, "created_at": _columns.created_at},
    default_sort="name",
    filters={
        "parent_team_id": uuid_filter(_columns.parent_team_id),
        "manager_id": uuid_filter(_columns.manager_id),
        "member_id": FilterField(
            read_uuid, _with_member, ("eq", "in"), {"type": "string", "format": "uuid"}
        ),
        "created_at": time_filter(_columns.created_at),
    },
    searchable=True,
)


def get_team(reading: Reading | UnitOfWork, team_id: UUID) -> dict[str, Any]:
    """The team as the API shows one. Raises `NotFound`."""
    statement = _shown.where(_columns.tenant_id == reading.caller.tenant_id, _columns.id == team_id)
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("team", team_id)
    return dict(row)


def list_teams(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of teams."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    if listing.query is not None:
        text = listing.query.strip().lower()
        base = base.where(sa.func.lower(_columns.name).contains(text, autoescape=True))
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, lambda row: dict(row._mapping))
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page
