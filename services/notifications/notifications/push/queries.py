"""Reads push subscriptions, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, time_filter, uuid_filter
from chassis.storage.unit_of_work import Reading, UnitOfWork
from notifications.push.storage import push_subscriptions

_columns = push_subscriptions.c
_HIDDEN = ("tenant_id", "fingerprint", "sealed")
_shown = sa.select(*(column for column in _columns if column.name not in _HIDDEN))

PUSH_SUBSCRIPTIONS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="-created_at",
    filters={
        "person_id": uuid_filter(_columns.person_id),
        "user_id": uuid_filter(_columns.user_id),
        "created_at": time_filter(_columns.created_at),
    },
)


def list_subscriptions(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of the tenant's devices, without addresses and keys."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, lambda row: dict(row._mapping))
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def get_subscription(reading: Reading | UnitOfWork, subscription_id: UUID) -> dict[str, Any]:
    """A device as the API shows one. Raises `NotFound`."""
    statement = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == subscription_id
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("push subscription", subscription_id)
    return dict(row._mapping)


def sealed_of(reading: Reading, owner_id: UUID) -> list[tuple[UUID, bytes]]:
    """The devices of a person or a user, sealed."""
    statement = sa.select(_columns.id, _columns.sealed).where(
        _columns.tenant_id == reading.caller.tenant_id,
        sa.or_(_columns.person_id == owner_id, _columns.user_id == owner_id),
    )
    return [(row.id, bytes(row.sealed)) for row in reading.connection.execute(statement)]
