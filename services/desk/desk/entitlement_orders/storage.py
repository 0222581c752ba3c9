"""What is known of subscriptions and of the service products in their orders, in whatever order it is heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from desk.assets.domain import Owner
from desk.entitlements.domain import EntitlementStatus


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as sales told of it last; it names no product, but the order it came from."""

    id: UUID
    order_id: UUID
    owner: Owner
    starts_on: date
    ends_on: date
    status: EntitlementStatus


def keep_service_skus(tx: UnitOfWork, order_id: UUID, skus: Sequence[str]) -> None:
    """Keep which service products an order has."""
    for sku in sorted(set(skus)):
        tx.write(_KEEP_SKU, {"tenant_id": tx.tenant_id, "order_id": order_id, "sku": sku})


def service_skus(tx: UnitOfWork, order_id: UUID) -> Sequence[str]:
    """The service products of an order."""
    rows = tx.fetch_all(_SKUS, {"tenant_id": tx.tenant_id, "order_id": order_id})
    return [str(row["sku"]) for row in rows]


def keep_subscription(
    tx: UnitOfWork, subscription: Subscription, version: int, *, tells_status: bool
) -> None:
    """Keep what a fact says of a subscription, unless something later was heard of the same.

    `tells_status` says whether the fact tells if the subscription holds; others only know its days.
    """
    about = {
        "tenant_id": tx.tenant_id,
        "id": subscription.id,
        "order_id": subscription.order_id,
        "person_id": subscription.owner.person_id,
        "company_id": subscription.owner.company_id,
        "starts_on": subscription.starts_on,
        "ends_on": subscription.ends_on,
        "status": subscription.status,
        "heard": version,
        "status_heard": version if tells_status else 0,
    }
    tx.write(_KEEP, about)


def subscriptions_of(tx: UnitOfWork, order_id: UUID) -> Sequence[Subscription]:
    """The subscriptions that came from an order. Others who look at it wait for this."""
    about = {"tenant_id": tx.tenant_id, "order_id": order_id}
    tx.fetch_one(_ONE_LOOKS, about)
    return [_subscription_of(row) for row in tx.fetch_all(_OF_ORDER, about)]


def _subscription_of(row: Mapping[str, Any]) -> Subscription:
    return Subscription(
        id=row["id"],
        order_id=row["order_id"],
        owner=Owner(row["person_id"], row["company_id"]),
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        status=EntitlementStatus(row["status"]),
    )


_KEEP_SKU = Statement(
    "INSERT INTO service_order_skus (tenant_id, order_id, sku) VALUES (%(tenant_id)s, %(order_id)s,"
    " %(sku)s) ON CONFLICT DO NOTHING"
)
_SKUS = Statement(
    "SELECT sku FROM service_order_skus WHERE tenant_id = %(tenant_id)s"
    " AND order_id = %(order_id)s ORDER BY sku"
)
_KEEP = Statement(
    "INSERT INTO service_subscriptions AS s (tenant_id, id, order_id, person_id, company_id,"
    " starts_on, ends_on, status, heard, status_heard) VALUES (%(tenant_id)s, %(id)s, %(order_id)s,"
    " %(person_id)s, %(company_id)s, %(starts_on)s, %(ends_on)s, %(status)s, %(heard)s,"
    " %(status_heard)s) ON CONFLICT (tenant_id, id) DO UPDATE SET"
    " starts_on = CASE WHEN EXCLUDED.heard > s.heard THEN EXCLUDED.starts_on ELSE s.starts_on END,"
    " ends_on = CASE WHEN EXCLUDED.heard > s.heard THEN EXCLUDED.ends_on ELSE s.ends_on END,"
    " status = CASE WHEN EXCLUDED.status_heard > s.status_heard THEN EXCLUDED.status"
    " ELSE s.status END, heard = greatest(s.heard, EXCLUDED.heard),"
    " status_heard = greatest(s.status_heard, EXCLUDED.status_heard)"
)
_OF_ORDER = Statement(
    "SELECT id, order_id, person_id, company_id, starts_on, ends_on, status"
    " FROM service_subscriptions WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s"
    " ORDER BY id"
)
_ONE_LOOKS = Statement(
    "SELECT pg_advisory_xact_lock(hashtextextended('services of ' || %(tenant_id)s::text"
    " || %(order_id)s::text, 0))"
)
