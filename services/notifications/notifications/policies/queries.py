"""Reads delivery policies, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, text_filter
from chassis.storage.unit_of_work import Reading
from notifications.policies.storage import policies

_columns = policies.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))

POLICIES = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="created_at",
    filters={"channel": text_filter(_columns.channel), "purpose": text_filter(_columns.purpose)},
)


def list_policies(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of policies."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, lambda row: dict(row._mapping))
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def get_policy(reading: Reading, policy_id: UUID) -> dict[str, Any]:
    """A policy as the API shows one. Raises `NotFound`."""
    statement = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == policy_id
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("delivery policy", policy_id)
    return dict(row._mapping)
