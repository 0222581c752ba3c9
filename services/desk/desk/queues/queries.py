"""Reads queues, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    archived_filter,
    choice_filter,
    text_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading
from desk.queues.domain import Method
from desk.queues.storage import queues

_columns = queues.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))

QUEUES = ListSpec(
    key=_columns.id,
    sorts={
        "position": _columns.position,
        "key": _columns.key,
        "created_at": _columns.created_at,
    },
    default_sort="position",
    filters={
        "key": text_filter(_columns.key),
        "team_id": uuid_filter(_columns.team_id),
        "method": choice_filter(_columns.method, *Method),
        "archived": archived_filter(_columns.archived_at),
    },
)


def get_queue(reading: Reading, queue_id: UUID) -> dict[str, Any]:
    """A queue as the API shows one. Raises `NotFound`."""
    statement = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == queue_id
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("queue", queue_id)
    return dict(row._mapping)


def list_queues(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of queues; archived ones only when they are asked for."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(reading.connection, base)
