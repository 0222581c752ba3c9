"""Reads what was judged, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading
from loyalty.earning.domain import Outcome
from loyalty.earning.models import shown
from loyalty.earning.storage import earnings
from loyalty.earning_terms.domain import TRIGGERS
from loyalty.members.queries import member_ref

_columns = earnings.c
_all = sa.select(*(column for column in _columns if column.name not in ("tenant_id", "shares")))

EARNINGS = ListSpec(
    key=_columns.id,
    sorts={"happened_at": _columns.happened_at},
    default_sort="-happened_at",
    filters={
        "rule_id": uuid_filter(_columns.rule_id),
        "order_id": uuid_filter(_columns.order_id),
        "kind": choice_filter(_columns.kind, *TRIGGERS),
        "key": text_filter(_columns.key),
        "outcome": choice_filter(_columns.outcome, *Outcome),
        "happened_at": time_filter(_columns.happened_at),
    },
)


def list_earnings(reading: Reading, listing: Listing, member_id: UUID) -> dict[str, Any]:
    """A page of what was judged about a member. Raises `NotFound`."""
    member_ref(reading, member_id)
    mine = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.member_id == member_id
    )
    return listing.fetch(reading.connection, mine, lambda row: shown(dict(row._mapping)))
