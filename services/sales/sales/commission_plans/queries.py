"""Reads commission plans, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, date_filter
from chassis.storage.unit_of_work import Reading
from sales.commission_plans.domain import CommissionPlan
from sales.commission_plans.models import shown
from sales.commission_plans.storage import commission_plans, participants, plan_of

_columns = commission_plans.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

PLANS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at, "valid_from": _columns.valid_from},
    default_sort="-created_at",
    filters={
        "valid_from": date_filter(_columns.valid_from),
        "valid_until": date_filter(_columns.valid_until),
    },
)


def get_plan(reading: Reading, plan_id: UUID) -> dict[str, Any]:
    """The plan as the API shows one. Raises `NotFound`."""
    return shown(plan_within_reach(reading, plan_id), reading.scope)


def list_plans(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of plans: those by which somebody within reach earns."""
    return listing.fetch(
        reading.connection,
        _within_reach(reading),
        lambda row: shown(plan_of(dict(row._mapping)), reading.scope),
    )


def plan_within_reach(reading: Reading, plan_id: UUID) -> CommissionPlan:
    """The plan, to be looked at. Raises `NotFound`."""
    statement = _within_reach(reading).where(_columns.id == plan_id)
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("commission plan", plan_id)
    return plan_of(row)


def _within_reach(reading: Reading) -> sa.Select[Any]:
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    own = reading.scope.condition(participants.c.user_id)
    if own is None:
        return mine
    taking_part = sa.exists().where(
        participants.c.tenant_id == _columns.tenant_id,
        participants.c.plan_id == _columns.id,
        own,
    )
    return mine.where(taking_part)
