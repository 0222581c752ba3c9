"""Reads opportunities, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    FilterField,
    Listing,
    ListSpec,
    choice_filter,
    column_condition,
    date_filter,
    read_text,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.activities.storage import completed_kinds
from sales.buying_roles.storage import people_by_role
from sales.opportunities.domain import Evidence, Opportunity, OpportunityState
from sales.opportunities.models import shown
from sales.opportunities.storage import opportunities, opportunity_of
from sales.opportunity_teams.storage import worked_on_by, worked_on_within
from sales.pipelines.storage import definition_numbered

_columns = opportunities.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

OPPORTUNITIES = ListSpec(
    key=_columns.id,
    sorts={
        "opened_at": _columns.opened_at,
        "entered_at": _columns.entered_at,
        "updated_at": _columns.updated_at,
        "name": _columns.name,
    },
    default_sort="-opened_at",
    filters={
        "name": FilterField(
            read_text, column_condition(_columns.name), ("eq", "prefix"), {"type": "string"}
        ),
        "pipeline_id": uuid_filter(_columns.pipeline_id),
        "stage": text_filter(_columns.stage),
        "state": choice_filter(_columns.state, *OpportunityState),
        "person_id": uuid_filter(_columns.person_id),
        "company_id": uuid_filter(_columns.company_id),
        "owner_id": uuid_filter(_columns.owner_id),
        "lead_id": uuid_filter(_columns.lead_id),
        "source": text_filter(_columns.source),
        "channel": text_filter(_columns.channel),
        "branch": text_filter(_columns.branch),
        "industry": text_filter(_columns.industry),
        "loss_reason": text_filter(_columns.loss_reason),
        "expected_close_on": date_filter(_columns.expected_close_on),
        "opened_at": time_filter(_columns.opened_at),
        "closed_at": time_filter(_columns.closed_at),
        "overdue_since": time_filter(_columns.overdue_since),
    },
)


def get_opportunity(reading: Reading, opportunity_id: UUID) -> dict[str, Any]:
    """The opportunity as the API shows one. Raises `NotFound`."""
    return shown(within_reach(reading, opportunity_id))


def list_opportunities(
    reading: Reading, listing: Listing, member_id: UUID | None = None
) -> dict[str, Any]:
    """A page of opportunities; with a member, of those on whose team the user is.

    What somebody within reach is a member of is within reach, whoever owns it.
    """
    tenant_id, scope = reading.caller.tenant_id, reading.scope
    base = _all.where(_columns.tenant_id == tenant_id)
    if member_id is not None:
        base = base.where(_columns.id.in_(worked_on_by(tenant_id, member_id)))
    if member_id is None or not scope.allows(member_id):
        base = scope.narrow(base, _columns.owner_id)
    return listing.fetch(
        reading.connection, base, lambda row: shown(opportunity_of(dict(row._mapping)))
    )


def list_history(reading: Reading, opportunity_id: UUID) -> dict[str, Any]:
    """Every stage that an opportunity was in, the first one first. Raises `NotFound`."""
    within_reach(reading, opportunity_id)
    about = {"tenant_id": reading.caller.tenant_id, "opportunity_id": opportunity_id}
    return {"items": reading.fetch_all(_HISTORY, about)}


def get_readiness(reading: Reading, opportunity_id: UUID, stage: str) -> dict[str, Any]:
    """Whether it may move to a stage. Raises `NotFound` for an opportunity or a stage there is not."""
    one = within_reach(reading, opportunity_id)
    definition = definition_numbered(reading, one.pipeline_id, one.definition)
    target = definition.stage(stage)
    if target is None:
        raise NotFound.of("stage", stage)
    evidence = Evidence(
        people_by_role(reading, opportunity_id), completed_kinds(reading, opportunity_id)
    )
    unmet = [
        {"pointer": v.pointer, "code": v.code, "message": v.message}
        for v in one.unmet(definition, target, evidence)
    ]
    is_open = one.state is OpportunityState.OPEN
    return {"stage": stage, "ready": is_open and not unmet, "unmet": unmet}


def get_coverage(reading: Reading, opportunity_id: UUID) -> dict[str, Any]:
    """Which buying roles are covered, and which the pipeline misses. Raises `NotFound`."""
    one = within_reach(reading, opportunity_id)
    definition = definition_numbered(reading, one.pipeline_id, one.definition)
    covered = people_by_role(reading, opportunity_id)
    missing = [role for role in definition.required_roles if not covered.get(role)]
    return {"covered": covered, "required": definition.required_roles, "missing": missing}


def within_reach(reading: Reading | UnitOfWork, opportunity_id: UUID) -> Opportunity:
    """The opportunity, to be looked at: whoever is in its team sees it. Raises `NotFound`."""
    tenant_id = reading.caller.tenant_id
    statement = _all.where(_columns.tenant_id == tenant_id, _columns.id == opportunity_id)
    owned = reading.scope.condition(_columns.owner_id)
    if owned is not None:
        worked_on = worked_on_within(tenant_id, reading.scope, _columns.id)
        statement = statement.where(sa.or_(owned, worked_on))
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("opportunity", opportunity_id)
    return opportunity_of(row)


_HISTORY = Statement(
    "SELECT stage, definition, entered_at, left_at, entered_by FROM opportunity_entries"
    " WHERE tenant_id = %(tenant_id)s AND opportunity_id = %(opportunity_id)s ORDER BY number"
)
