"""Reads activities, straight to the response."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    Operator,
    choice_filter,
    column_condition,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading
from sales.activities.domain import ActivityState
from sales.activities.models import shown
from sales.activities.storage import activities, activity_of
from sales.opportunities.storage import opportunities
from sales.pipelines.domain import ActivityKind

_columns = activities.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))


def _of_opportunity(operator: Operator, value: Any) -> sa.ColumnElement[bool]:
    """Those of an opportunity, and those of the lead that it has come of: they are its history."""
    # As an array that is made first: a subquery for each row could use no index, and what another
    # tenant's opportunities name is not to be seen by the row's protection anyway.
    lead_ids = sa.select(opportunities.c.lead_id).where(
        column_condition(opportunities.c.id)(operator, value)
    )
    return sa.or_(
        column_condition(_columns.opportunity_id)(operator, value),
        _columns.lead_id == sa.any_(sa.func.array(lead_ids.scalar_subquery())),
    )


_OF_OPPORTUNITY = replace(uuid_filter(_columns.opportunity_id), condition=_of_opportunity)

ACTIVITIES = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at, "updated_at": _columns.updated_at},
    default_sort="-created_at",
    filters={
        "kind": choice_filter(_columns.kind, *ActivityKind),
        "state": choice_filter(_columns.state, *ActivityState),
        "owner_id": uuid_filter(_columns.owner_id),
        "opportunity_id": _OF_OPPORTUNITY,
        "lead_id": uuid_filter(_columns.lead_id),
        "person_id": uuid_filter(_columns.person_id),
        "company_id": uuid_filter(_columns.company_id),
        "playbook_id": uuid_filter(_columns.playbook_id),
        "outcome": text_filter(_columns.outcome),
        "due_at": time_filter(_columns.due_at),
        "completed_at": time_filter(_columns.completed_at),
    },
)


def get_activity(reading: Reading, activity_id: UUID) -> dict[str, Any]:
    """The activity as the API shows one. Raises `NotFound`."""
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == activity_id
    )
    narrowed = reading.scope.narrow(statement, _columns.owner_id)
    row = reading.connection.execute(narrowed).mappings().first()
    if row is None:
        raise NotFound.of("activity", activity_id)
    return shown(activity_of(row))


def list_activities(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of activities."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    base = reading.scope.narrow(base, _columns.owner_id)
    return listing.fetch(
        reading.connection, base, lambda row: shown(activity_of(dict(row._mapping)))
    )
