"""Reads service contracts, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    date_filter,
    text_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.entitlements.domain import Entitlement, EntitlementStatus
from desk.entitlements.models import shown
from desk.entitlements.storage import entitlement_of, entitlements
from desk.tenant_days.zones import day_of, zone_of
from desk.tickets.reach import ids_within

_columns = entitlements.c

ENTITLEMENTS = ListSpec(
    key=_columns.id,
    sorts={"ends_on": _columns.ends_on, "created_at": _columns.created_at},
    default_sort="-created_at",
    filters={
        "person_id": uuid_filter(_columns.person_id),
        "company_id": uuid_filter(_columns.company_id),
        "status": choice_filter(_columns.status, *EntitlementStatus),
        "service_sku": text_filter(_columns.service_sku),
        "subscription_id": uuid_filter(_columns.subscription_id),
        "starts_on": date_filter(_columns.starts_on),
        "ends_on": date_filter(_columns.ends_on),
    },
)
uses = sa.table(
    "entitlement_uses",
    sa.column("tenant_id"),
    sa.column("entitlement_id"),
    sa.column("ticket_id", sa.Uuid),
    sa.column("amount", sa.Integer),
    sa.column("period_starts_on", sa.Date),
    sa.column("used_at", sa.DateTime(timezone=True)),
    sa.column("used_by", sa.Text),
)
USES = ListSpec(
    key=uses.c.ticket_id,
    sorts={"used_at": uses.c.used_at},
    default_sort="-used_at",
    filters={
        "ticket_id": uuid_filter(uses.c.ticket_id),
        "period_starts_on": date_filter(uses.c.period_starts_on),
    },
)


def get_entitlement(reading: Reading | UnitOfWork, entitlement_id: UUID) -> dict[str, Any]:
    """A contract as the API shows one. Raises `NotFound`."""
    return as_shown(reading, [_find(reading, entitlement_id)])[0]


def list_entitlements(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of service contracts."""
    mine = sa.select(entitlements).where(_columns.tenant_id == reading.caller.tenant_id)
    page = listing.fetch(reading.connection, mine, lambda row: entitlement_of(row._mapping))
    return {**page, "items": as_shown(reading, page["items"])}


def as_shown(reading: Reading | UnitOfWork, found: Sequence[Entitlement]) -> list[dict[str, Any]]:
    """Contracts with what of them is used today."""
    today = day_of(reading.clock.now(), zone_of(reading))
    used = used_of(reading, found, today)
    return [shown(each, used[each.id]) for each in found]


def used_of(
    reading: Reading | UnitOfWork, found: Sequence[Entitlement], day: date
) -> Mapping[UUID, int]:
    """What is used of contracts in the periods that a day is in."""
    about = {"tenant_id": reading.caller.tenant_id, "ids": [each.id for each in found]}
    rows = reading.fetch_all(_USED, about) if found else []
    sums = {(row["entitlement_id"], row["period_starts_on"]): int(row["used"]) for row in rows}
    return {each.id: sums.get((each.id, each.period_of(day)), 0) for each in found}


def list_uses(reading: Reading, listing: Listing, entitlement_id: UUID) -> dict[str, Any]:
    """A page of what tickets use of a contract, those within reach. Raises `NotFound`."""
    _find(reading, entitlement_id)
    columns = ("ticket_id", "amount", "period_starts_on", "used_at", "used_by")
    mine = sa.select(*(uses.c[name] for name in columns)).where(
        uses.c.tenant_id == reading.caller.tenant_id, uses.c.entitlement_id == entitlement_id
    )
    within = ids_within(reading)
    return listing.fetch(
        reading.connection, mine if within is None else mine.where(uses.c.ticket_id.in_(within))
    )


def serving(
    reading: Reading | UnitOfWork, person_id: UUID | None, company_id: UUID | None, day: date
) -> Sequence[Entitlement]:
    """The contracts of a person, or of a company, that hold on a day."""
    owned = [
        column == value
        for column, value in ((_columns.person_id, person_id), (_columns.company_id, company_id))
        if value is not None
    ]
    if not owned:
        return []
    statement = sa.select(entitlements).where(
        _columns.tenant_id == reading.caller.tenant_id,
        sa.or_(*owned),
        _columns.status == EntitlementStatus.ACTIVE.value,
        _columns.starts_on <= day,
        _columns.ends_on >= day,
    )
    rows = reading.connection.execute(statement.order_by(_columns.ends_on, _columns.id).limit(200))
    return [entitlement_of(row) for row in rows.mappings()]


def _find(reading: Reading | UnitOfWork, entitlement_id: UUID) -> Entitlement:
    statement = sa.select(entitlements).where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == entitlement_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("entitlement", entitlement_id)
    return entitlement_of(row)


_USED = Statement(
    "SELECT entitlement_id, period_starts_on, sum(amount) AS used FROM entitlement_uses"
    " WHERE tenant_id = %(tenant_id)s AND entitlement_id = ANY(%(ids)s)"
    " GROUP BY entitlement_id, period_starts_on"
)
