"""Reads why tickets are where they are, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.storage.listing import Listing, ListSpec
from chassis.storage.unit_of_work import Reading
from desk.routing.models import shown
from desk.routing.storage import decision_of, routing_decisions
from desk.tickets.storage import within_reach

_columns = routing_decisions.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

ROUTING_DECISIONS = ListSpec(
    key=_columns.id,
    sorts={"decided_at": _columns.decided_at},
    default_sort="-decided_at",
    filters={},
)


def list_decisions(reading: Reading, listing: Listing, ticket_id: UUID) -> dict[str, Any]:
    """A page of a ticket's decisions, the latest first unless asked otherwise. Raises `NotFound`."""
    within_reach(reading, ticket_id)
    base = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.ticket_id == ticket_id
    )
    return listing.fetch(
        reading.connection, base, lambda row: shown(decision_of(dict(row._mapping)))
    )
