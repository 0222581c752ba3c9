"""Reads what leads have become, straight to the response."""

from __future__ import annotations

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
from chassis.storage.unit_of_work import Reading
from sales.lead_conversions.domain import Found
from sales.lead_conversions.models import shown
from sales.lead_conversions.storage import (
    consents_passed_on,
    conversion_in,
    conversion_of,
    lead_conversions,
)
from sales.leads.queries import touches_page, within_reach
from sales.leads.storage import leads
from sales.opportunities.queries import get_opportunity

_columns = lead_conversions.c
_WHO = ("person_id", "company_id", "owner_id")

CONVERSIONS = ListSpec(
    key=_columns.lead_id,
    sorts={"converted_at": _columns.converted_at},
    default_sort="-converted_at",
    filters={
        "credited_source": text_filter(_columns.source),
        "credited_campaign": text_filter(_columns.campaign),
        "person_found": choice_filter(_columns.person_found, *Found),
        "company_found": choice_filter(_columns.company_found, *Found),
        "opportunity_id": uuid_filter(_columns.opportunity_id),
        "owner_id": uuid_filter(leads.c.owner_id),
        "converted_at": time_filter(_columns.converted_at),
    },
)


def get_conversion(reading: Reading, lead_id: UUID) -> dict[str, Any]:
    """What a lead has become. Raises `NotFound`, also for one that was not converted."""
    lead = within_reach(reading, lead_id)
    conversion = conversion_of(reading, lead_id)
    if conversion is None:
        raise NotFound(f"The lead {lead_id} was not converted.", code="not_converted")
    return shown(conversion, lead.details)


def list_opportunity_touches(
    reading: Reading, listing: Listing, opportunity_id: UUID
) -> dict[str, Any]:
    """A page of the touches of the lead that an opportunity has come of. Raises `NotFound`.

    Who may read the opportunity may read them, whosever the lead is: they are its history.
    """
    opportunity = get_opportunity(reading, opportunity_id)
    return touches_page(reading, listing, opportunity["lead_id"])


def list_conversions(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of what leads within reach have become."""
    told: list[sa.ColumnElement[Any]] = [
        *(column for column in _columns if column.name != "tenant_id"),
        *(leads.c[name] for name in _WHO),
        consents_passed_on.c.passed_on_at,
        consents_passed_on.c.kept_back.label("kept_back_later"),
    ]
    base = (
        sa.select(*told)
        .select_from(
            lead_conversions.join(
                leads,
                sa.and_(leads.c.tenant_id == _columns.tenant_id, leads.c.id == _columns.lead_id),
            ).join(
                consents_passed_on,
                sa.and_(
                    consents_passed_on.c.tenant_id == _columns.tenant_id,
                    consents_passed_on.c.lead_id == _columns.lead_id,
                ),
                isouter=True,
            )
        )
        .where(_columns.tenant_id == reading.caller.tenant_id)
    )
    base = reading.scope.narrow(base, leads.c.owner_id)
    return listing.fetch(reading.connection, base, _row_shown)


def _row_shown(row: sa.Row[Any]) -> dict[str, Any]:
    return shown(conversion_in(row._mapping), row)
