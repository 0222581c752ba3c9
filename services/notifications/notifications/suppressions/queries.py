"""Reads suppressions, straight to the response."""

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
from chassis.storage.unit_of_work import Reading, UnitOfWork
from notifications.suppressions.domain import SuppressionReason
from notifications.suppressions.storage import suppressions

_columns = suppressions.c
_shown = sa.select(
    *(column for column in _columns if column.name not in ("tenant_id", "fingerprint"))
)

SUPPRESSIONS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="-created_at",
    filters={
        "person_id": uuid_filter(_columns.person_id),
        "channel": text_filter(_columns.channel),
        "purpose": text_filter(_columns.purpose),
        "reason": choice_filter(_columns.reason, *SuppressionReason),
        "created_at": time_filter(_columns.created_at),
    },
)


def list_suppressions(
    reading: Reading, listing: Listing, fingerprints: list[bytes] | None = None
) -> dict[str, Any]:
    """A page of suppressions; with `fingerprints` only those of one address."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    if fingerprints is not None:
        base = base.where(_columns.fingerprint.in_(fingerprints))
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, lambda row: dict(row._mapping))
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def get_suppression(reading: Reading | UnitOfWork, suppression_id: UUID) -> dict[str, Any]:
    """A suppression as the API shows one. Raises `NotFound`."""
    statement = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == suppression_id
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("suppression", suppression_id)
    return dict(row._mapping)
