"""Reads who got which lead and why, and what the rules would do; straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.storage.listing import Listing, ListSpec
from chassis.storage.unit_of_work import Reading
from sales.assignment_rules.domain import LeadTraits
from sales.assignment_rules.storage import rules_in_use
from sales.lead_assignments.choosing import choose
from sales.lead_assignments.models import shown, shown_choice
from sales.lead_assignments.storage import TenantWorkforce, assignment_of, lead_assignments
from sales.leads.queries import within_reach
from sales.territories.storage import territories_in_use

_columns = lead_assignments.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

LEAD_ASSIGNMENTS = ListSpec(
    key=_columns.id,
    sorts={"assigned_at": _columns.assigned_at},
    default_sort="-assigned_at",
    filters={},
)


def list_lead_assignments(reading: Reading, listing: Listing, lead_id: UUID) -> dict[str, Any]:
    """A page of a lead's assignments, the latest first unless asked otherwise. Raises `NotFound`."""
    within_reach(reading, lead_id)
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id, _columns.lead_id == lead_id)
    return listing.fetch(
        reading.connection, base, lambda row: shown(assignment_of(dict(row._mapping)))
    )


def preview_assignment(reading: Reading, traits: LeadTraits) -> dict[str, Any]:
    """Who would get such a lead now. Nothing changes: nobody's turn is used up."""
    workforce = TenantWorkforce(reading, territories_in_use(reading))
    choice = choose(rules_in_use(reading), traits, workforce)
    return shown_choice(choice, reading.clock.now())
