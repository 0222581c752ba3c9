"""Reads activities, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.activities.domain import CODE_STEP, Activity, ActivityStatus
from loyalty.activities.models import shown
from loyalty.activities.storage import activities, activity_of
from loyalty.codes.domain import SHORT
from loyalty.registrations.domain import RegistrationState

_columns = activities.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_ONE = Statement.of(
    _all.where(_columns.tenant_id == sa.bindparam("tenant_id"), _columns.id == sa.bindparam("id"))
)

ACTIVITIES = ListSpec(
    key=_columns.id,
    sorts={"starts_at": _columns.starts_at},
    default_sort="-starts_at",
    filters={
        "program_id": uuid_filter(_columns.program_id),
        "kind": text_filter(_columns.kind),
        "status": choice_filter(_columns.status, *ActivityStatus),
        "starts_at": time_filter(_columns.starts_at),
        "ends_at": time_filter(_columns.ends_at),
    },
)

Counted = Mapping[RegistrationState, int]


def list_activities(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of activities, with how many come to each."""
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    page = listing.fetch(reading.connection, mine, lambda row: activity_of(dict(row._mapping)))
    found: list[Activity] = page["items"]
    counted = counted_of(reading, [one.id for one in found])
    return {**page, "items": [shown(one, counted[one.id]) for one in found]}


def get_activity(reading: Reading | UnitOfWork, activity_id: UUID) -> dict[str, Any]:
    """An activity as the API shows one. Raises `NotFound`."""
    activity = find_activity(reading, activity_id)
    return shown(activity, counted_of(reading, [activity_id])[activity_id])


def find_activity(reading: Reading | UnitOfWork, activity_id: UUID) -> Activity:
    """An activity, not locked. Raises `NotFound`."""
    row = reading.fetch_one(_ONE, {"tenant_id": reading.caller.tenant_id, "id": activity_id})
    if row is None:
        raise NotFound.of("activity", activity_id)
    return activity_of(row)


def get_check_in_code(reading: Reading, activity_id: UUID) -> dict[str, Any]:
    """The code that is shown at an activity now. Raises `NotFound`, `Conflict` at another time."""
    activity, now = find_activity(reading, activity_id), reading.clock.now()
    activity.require_checking_in(now)
    left = CODE_STEP.total_seconds() - now.timestamp() % CODE_STEP.total_seconds()
    valid_until = now.timestamp() + left
    return {
        "code": SHORT.written(activity.code_at(now)),
        "valid_until": now.fromtimestamp(round(valid_until), tz=now.tzinfo),
    }


def counted_of(
    reading: Reading | UnitOfWork, activity_ids: Sequence[UUID]
) -> Mapping[UUID, Counted]:
    """How many registrations each of these activities has in each state."""
    counted: dict[UUID, dict[RegistrationState, int]] = {one: {} for one in activity_ids}
    about = {"tenant_id": reading.caller.tenant_id, "activity_ids": list(activity_ids)}
    for row in reading.fetch_all(_COUNTED, about):
        counted[row["activity_id"]][RegistrationState(row["state"])] = int(row["registrations"])
    return counted


_COUNTED = Statement(
    "SELECT activity_id, state, count(*) AS registrations FROM registrations"
    " WHERE tenant_id = %(tenant_id)s AND activity_id = ANY(%(activity_ids)s)"
    " GROUP BY activity_id, state ORDER BY activity_id, state"
)
