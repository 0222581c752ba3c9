"""Reads subscriptions, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.http.money import amount_out
from chassis.money import rounded
from chassis.storage.listing import (
    Listing,
    ListSpec,
    boolean_filter,
    choice_filter,
    date_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from sales.subscription_changes.domain import SubscriptionStatus
from sales.subscriptions.models import shown
from sales.subscriptions.storage import subscription_of, subscriptions

_columns = subscriptions.c
_all = sa.select(subscriptions)
_LISTED = (
    "id",
    "version",
    "status",
    "name",
    "person_id",
    "company_id",
    "owner_id",
    "order_id",
    "opportunity_id",
    "mrr",
    "auto_renew",
    "started_on",
    "term_starts_on",
    "ends_on",
    "cancel_reason",
    "renewal_opportunity_id",
    "created_at",
    "updated_at",
)
_listed = sa.select(*(_columns[name] for name in (*_LISTED, "currency")))

SUBSCRIPTIONS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at, "ends_on": _columns.ends_on},
    default_sort="-created_at",
    filters={
        "status": choice_filter(_columns.status, *SubscriptionStatus),
        "person_id": uuid_filter(_columns.person_id),
        "company_id": uuid_filter(_columns.company_id),
        "owner_id": uuid_filter(_columns.owner_id),
        "order_id": uuid_filter(_columns.order_id),
        "cancel_reason": text_filter(_columns.cancel_reason),
        "auto_renew": boolean_filter(_columns.auto_renew),
        "ends_on": date_filter(_columns.ends_on),
        "created_at": time_filter(_columns.created_at),
    },
)


def list_subscriptions(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of subscriptions."""
    base = _listed.where(_columns.tenant_id == reading.caller.tenant_id)
    base = reading.scope.narrow(base, _columns.owner_id)
    return listing.fetch(reading.connection, base, lambda row: _listed_of(row._mapping))


def get_subscription(reading: Reading, subscription_id: UUID) -> dict[str, Any]:
    """The subscription as the API shows one. Raises `NotFound`."""
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == subscription_id
    )
    narrowed = reading.scope.narrow(statement, _columns.owner_id)
    row = reading.connection.execute(narrowed).mappings().first()
    if row is None:
        raise NotFound.of("subscription", subscription_id)
    return shown(subscription_of(row))


def list_movements(reading: Reading, subscription_id: UUID) -> dict[str, Any]:
    """How a subscription's revenue moved, the first one first. Raises `NotFound`."""
    get_subscription(reading, subscription_id)
    about = {"tenant_id": reading.caller.tenant_id, "subscription_id": subscription_id}
    return {"items": [_movement(row) for row in reading.fetch_all(_MOVEMENTS, about)]}


def _listed_of(row: Mapping[Any, Any]) -> dict[str, Any]:
    found = {name: row[_columns[name]] for name in _LISTED}
    currency = row[_columns.currency]
    return {**found, "mrr": amount_out(rounded(found["mrr"], currency), currency)}


def _movement(row: Mapping[str, Any]) -> dict[str, Any]:
    def money(name: str, currency: str | None) -> dict[str, str] | None:
        if row[name] is None or currency is None:
            return None
        return amount_out(rounded(row[name], currency), currency)

    plain = ("number", "kind", "moved_on", "reason")
    return {
        **{name: row[name] for name in plain},
        "amount": money("amount", row["currency"]),
        "base_amount": money("base_amount", row["base_currency"]),
        "proration": money("proration", row["currency"]),
    }


_MOVEMENTS = Statement(
    "SELECT number, kind, moved_on, currency, amount, base_currency, base_amount, reason, proration"
    " FROM subscription_movements WHERE tenant_id = %(tenant_id)s"
    " AND subscription_id = %(subscription_id)s ORDER BY number"
)
