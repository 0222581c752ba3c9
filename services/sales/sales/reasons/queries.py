"""Reads reasons, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter, choice_filter, text_filter
from chassis.storage.unit_of_work import Reading
from sales.reasons.domain import ReasonKind
from sales.reasons.storage import reasons

_columns = reasons.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))

REASONS = ListSpec(
    key=_columns.id,
    sorts={"key": _columns.key, "created_at": _columns.created_at},
    default_sort="key",
    filters={
        "kind": choice_filter(_columns.kind, *ReasonKind),
        "key": text_filter(_columns.key),
        "archived": archived_filter(_columns.archived_at),
    },
)


def get_reason(reading: Reading, reason_id: UUID) -> dict[str, Any]:
    """The reason as the API shows one. Raises `NotFound`."""
    statement = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == reason_id
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("reason", reason_id)
    return dict(row._mapping)


def list_reasons(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of reasons; archived ones only when they are asked for."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(reading.connection, base)
