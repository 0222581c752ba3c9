"""Reads adjustments, straight to the response."""

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
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from loyalty.adjustments.domain import AdjustmentState
from loyalty.adjustments.models import shown
from loyalty.adjustments.storage import adjustment_of, adjustments

_columns = adjustments.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_ONE = Statement.of(
    _all.where(_columns.tenant_id == sa.bindparam("tenant_id"), _columns.id == sa.bindparam("id"))
)

ADJUSTMENTS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="-created_at",
    filters={
        "program_id": uuid_filter(_columns.program_id),
        "member_id": uuid_filter(_columns.member_id),
        "state": choice_filter(_columns.state, *AdjustmentState),
        "asked_by": text_filter(_columns.asked_by),
        "created_at": time_filter(_columns.created_at),
    },
)


def get_adjustment(reading: Reading, adjustment_id: UUID) -> dict[str, Any]:
    """An adjustment as the API shows one. Raises `NotFound`."""
    about = {"tenant_id": reading.caller.tenant_id, "id": adjustment_id}
    row = reading.fetch_one(_ONE, about)
    if row is None:
        raise NotFound.of("adjustment", adjustment_id)
    return shown(adjustment_of(row))


def list_adjustments(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of adjustments."""
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(
        reading.connection, mine, lambda row: shown(adjustment_of(dict(row._mapping)))
    )
