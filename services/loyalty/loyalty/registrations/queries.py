"""Reads registrations, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, choice_filter, time_filter, uuid_filter
from chassis.storage.unit_of_work import Reading
from loyalty.activities.queries import find_activity
from loyalty.registrations.domain import RegistrationState
from loyalty.registrations.models import shown
from loyalty.registrations.storage import registration_of, registrations

_columns = registrations.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

REGISTRATIONS = ListSpec(
    key=_columns.id,
    sorts={"registered_at": _columns.registered_at},
    default_sort="registered_at",
    filters={
        "member_id": uuid_filter(_columns.member_id),
        "person_id": uuid_filter(_columns.person_id),
        "state": choice_filter(_columns.state, *RegistrationState),
        "registered_at": time_filter(_columns.registered_at),
    },
)


def list_registrations(reading: Reading, activity_id: UUID, listing: Listing) -> dict[str, Any]:
    """A page of an activity's registrations. Raises `NotFound`."""
    find_activity(reading, activity_id)
    mine = _of_tenant(reading).where(_columns.activity_id == activity_id)
    return _page(reading, mine, listing)


def list_all(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of registrations of any activity."""
    return _page(reading, _of_tenant(reading), listing)


def get_registration(reading: Reading, activity_id: UUID, registration_id: UUID) -> dict[str, Any]:
    """A registration as the API shows one. Raises `NotFound`."""
    statement = _of_tenant(reading).where(
        _columns.activity_id == activity_id, _columns.id == registration_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("registration", registration_id)
    return shown(registration_of(row))


def _of_tenant(reading: Reading) -> sa.Select[Any]:
    return _all.where(_columns.tenant_id == reading.caller.tenant_id)


def _page(reading: Reading, mine: sa.Select[Any], listing: Listing) -> dict[str, Any]:
    return listing.fetch(
        reading.connection, mine, lambda row: shown(registration_of(dict(row._mapping)))
    )
