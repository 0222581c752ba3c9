"""Reads absences of agents, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, time_filter, uuid_filter
from chassis.storage.unit_of_work import Reading
from desk.agent_absences.storage import agent_absences

_columns = agent_absences.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))

AGENT_ABSENCES = ListSpec(
    key=_columns.id,
    sorts={"begins_at": _columns.begins_at},
    default_sort="begins_at",
    filters={
        "agent_id": uuid_filter(_columns.agent_id),
        "begins_at": time_filter(_columns.begins_at),
        "ends_at": time_filter(_columns.ends_at),
    },
)


def get_absence(reading: Reading, absence_id: UUID) -> dict[str, Any]:
    """The absence as the API shows one. Raises `NotFound`."""
    statement = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == absence_id
    )
    narrowed = reading.scope.narrow(statement, _columns.agent_id)
    row = reading.connection.execute(narrowed).first()
    if row is None:
        raise NotFound.of("agent absence", absence_id)
    return dict(row._mapping)


def list_absences(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of absences of those within reach."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(reading.connection, reading.scope.narrow(base, _columns.agent_id))
