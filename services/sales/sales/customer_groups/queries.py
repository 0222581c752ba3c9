"""Reads memberships, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, text_filter, uuid_filter
from chassis.storage.unit_of_work import Reading
from sales.customer_groups.storage import customer_group_members

_columns = customer_group_members.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))

MEMBERS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="created_at",
    filters={
        "group": text_filter(_columns.group),
        "person_id": uuid_filter(_columns.person_id),
        "company_id": uuid_filter(_columns.company_id),
    },
)


def get_member(reading: Reading, member_id: UUID) -> dict[str, Any]:
    """The membership as the API shows one. Raises `NotFound`."""
    statement = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == member_id
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("membership", member_id)
    return dict(row._mapping)


def list_members(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of memberships."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(reading.connection, base)
