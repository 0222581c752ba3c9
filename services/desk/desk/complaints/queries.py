"""Reads complaints, straight to the response: they go by the reach of their tickets."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    boolean_filter,
    choice_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading
from desk.complaints.domain import ComplaintStatus, Severity
from desk.complaints.models import shown
from desk.complaints.storage import complaint_of, complaints
from desk.tickets import reach

_columns = complaints.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

COMPLAINTS = ListSpec(
    key=_columns.id,
    sorts={"opened_at": _columns.opened_at, "updated_at": _columns.updated_at},
    default_sort="-opened_at",
    filters={
        "status": choice_filter(_columns.status, *ComplaintStatus),
        "severity": choice_filter(_columns.severity, *Severity),
        "ticket_id": uuid_filter(_columns.ticket_id),
        "category": text_filter(_columns.category),
        "product_sku": text_filter(_columns.product_sku),
        "process": text_filter(_columns.process),
        "cause": text_filter(_columns.cause),
        "prevention_owner_id": uuid_filter(_columns.prevention_owner_id),
        "prevented": boolean_filter(_columns.prevented_at.isnot(None)),
        "opened_at": time_filter(_columns.opened_at),
    },
)


def get_complaint(reading: Reading, complaint_id: UUID) -> dict[str, Any]:
    """The complaint as the API shows one. Raises `NotFound` when absent or out of reach."""
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == complaint_id
    )
    row = reading.connection.execute(of_reach(reading, statement)).first()
    if row is None:
        raise NotFound.of("complaint", complaint_id)
    return shown(complaint_of(dict(row._mapping)))


def list_complaints(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of complaints within reach."""
    base = of_reach(reading, _all.where(_columns.tenant_id == reading.caller.tenant_id))
    return listing.fetch(
        reading.connection, base, lambda row: shown(complaint_of(dict(row._mapping)))
    )


def of_reach(reading: Reading, statement: sa.Select[Any]) -> sa.Select[Any]:
    """Narrowed to complaints whose tickets are within reach."""
    ids = reach.ids_within(reading)
    return statement if ids is None else statement.where(_columns.ticket_id.in_(ids))
