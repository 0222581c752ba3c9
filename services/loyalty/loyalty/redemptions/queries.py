"""Reads redemptions, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, choice_filter, time_filter, uuid_filter
from chassis.storage.unit_of_work import Reading
from loyalty.redemptions.domain import RedemptionState
from loyalty.redemptions.models import shown
from loyalty.redemptions.storage import redemption_of, redemptions
from loyalty.rewards.domain import Fulfilment

_columns = redemptions.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

REDEMPTIONS = ListSpec(
    key=_columns.id,
    sorts={"reserved_at": _columns.reserved_at},
    default_sort="-reserved_at",
    filters={
        "program_id": uuid_filter(_columns.program_id),
        "reward_id": uuid_filter(_columns.reward_id),
        "member_id": uuid_filter(_columns.member_id),
        "person_id": uuid_filter(_columns.person_id),
        "state": choice_filter(_columns.state, *RedemptionState),
        "fulfilment": choice_filter(_columns.fulfilment, *Fulfilment),
        "reserved_at": time_filter(_columns.reserved_at),
    },
)


def list_redemptions(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of redemptions."""
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(reading.connection, mine, lambda row: shown(redemption_of(row._mapping)))


def get_redemption(reading: Reading, redemption_id: UUID) -> dict[str, Any]:
    """A redemption as the API shows one. Raises `NotFound`."""
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id, _columns.id == redemption_id)
    row = reading.connection.execute(mine).mappings().first()
    if row is None:
        raise NotFound.of("redemption", redemption_id)
    return shown(redemption_of(row))
