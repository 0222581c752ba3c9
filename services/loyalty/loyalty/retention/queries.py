"""Reads how customers stand, and why, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.http.money import amount_out
from chassis.money import rounded
from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.happenings.memberships import member_filter
from loyalty.retention import definitions
from loyalty.retention.domain import CustomerState, RetentionDefinition, Rules, ValueBand
from loyalty.retention.models import shown
from loyalty.retention.purchases import purchases_of
from loyalty.retention.rhythm import (
    OVERALL,
    CycleSource,
    Estimate,
    Purchase,
    cycle_of,
    rhythms_of,
)
from loyalty.retention.storage import definition_of, estimates_of, retention_customers

_columns = retention_customers.c
_NAMES = (
    "id version person_id state state_since first_bought_at last_bought_at purchases category"
    " cycle_days cycle_source drifts_at lapses_at value_band"
).split()

CUSTOMERS = ListSpec(
    key=_columns.id,
    sorts={"last_bought_at": _columns.last_bought_at, "purchases": _columns.purchases},
    default_sort="-last_bought_at",
    filters={
        "person_id": uuid_filter(_columns.person_id),
        "program_id": member_filter(_columns.tenant_id, _columns.person_id),
        "state": choice_filter(_columns.state, *CustomerState),
        "value_band": choice_filter(_columns.value_band, *ValueBand),
        "category": text_filter(_columns.category),
        "last_bought_at": time_filter(_columns.last_bought_at),
        "state_since": time_filter(_columns.state_since),
    },
)


def get_definition(reading: Reading) -> dict[str, Any]:
    """The definition as the API shows it."""
    return shown(definition_of(reading))


def list_customers(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of customers."""
    names = ("counted_from", "turnover", "currency")
    statement = sa.select(*(_columns[name] for name in (*_NAMES, *names))).where(
        _columns.tenant_id == reading.caller.tenant_id,
        _columns.person_id.isnot(None),
        _columns.state != "",
    )
    return listing.fetch(reading.connection, statement, lambda row: _customer(row._mapping))


def get_customer(reading: Reading | UnitOfWork, person_id: UUID) -> dict[str, Any]:
    """How a customer stands, and why. Raises `NotFound`."""
    about = {"tenant_id": reading.caller.tenant_id, "person_id": person_id}
    row = reading.fetch_one(_CUSTOMER, about)
    if row is None:
        raise NotFound.of("customer", person_id)
    definition, now = definition_of(reading), reading.clock.now()
    rhythms = _rhythms(purchases_of(reading, person_id), definition, estimates_of(reading), now)
    lost = reading.fetch_all(_LOSSES, {**about, "customer_id": row["id"], "now": now})
    return {
        **_customer(row),
        "as_of": now,
        "counted_from": row["counted_from"],
        "rhythms": rhythms,
        "losses": [loss_out(one) for one in lost],
        "explanation": _explained(rhythms, row["category"], row["cycle_days"], definition.rules),
        "definitions": definitions.CUSTOMER,
    }


def list_cycles(reading: Reading) -> dict[str, Any]:
    """The cycles that customers are judged by who have no rhythm of their own."""
    rules, estimates = definition_of(reading).rules, estimates_of(reading)
    found: list[tuple[str, int, CycleSource, int | None]] = [
        (category, days, CycleSource.GIVEN, None) for category, days in sorted(rules.cycles.items())
    ]
    found += [
        (
            category,
            one.days,
            CycleSource.ESTIMATED_OVERALL if category == OVERALL else CycleSource.ESTIMATED,
            one.buyers,
        )
        for category, one in sorted(estimates.items())
        if category not in rules.cycles
    ]
    if OVERALL not in estimates:
        found.append((OVERALL, rules.default_cycle_days, CycleSource.DEFAULT, None))
    names = ("category", "days", "source", "buyers")
    return {
        "items": [dict(zip(names, each, strict=True)) for each in found],
        "definitions": definitions.CYCLES,
    }


def loss_out(row: Mapping[str, Any]) -> dict[str, Any]:
    """A time as a customer that has ended, as the API shows it."""
    return {
        **{name: row[name] for name in ("customer_id", "person_id", "began_at", "last_bought_at")},
        "lost_at": row["ends_at"],
        "value_band": row["value_band"],
        "turnover": turnover_out(row["turnover"], row["currency"]),
        "timing": row["timing"],
        "reason": row["reason"],
        "order_reason": row["order_reason"] or None,
    }


def turnover_out(amount: Decimal | None, currency: str | None) -> dict[str, str] | None:
    """What somebody bought; None where the tenant names no currency to judge by."""
    if amount is None or currency is None:
        return None
    return amount_out(rounded(amount, currency), currency)


def _customer(row: Mapping[str, Any] | sa.RowMapping) -> dict[str, Any]:
    return {
        **{name: row[name] for name in _NAMES},
        "turnover": turnover_out(row["turnover"], row["currency"]),
    }


def _rhythms(
    purchases: list[Purchase],
    definition: RetentionDefinition,
    estimates: Mapping[str, Estimate],
    now: datetime,
) -> list[dict[str, Any]]:
    """How somebody buys, by category: the one bought last first."""
    told = []
    for category, one in sorted(rhythms_of(purchases, definition.zone).items()):
        cycle = cycle_of(category, one, definition.rules, estimates)
        last = one.last_bought_at
        told.append(
            {
                "category": category,
                "purchases": one.purchases,
                "every_days": one.every_days,
                "last_bought_at": last,
                "days_since": max(0, (now - last).days),
                "cycle_days": cycle.days,
                "cycle_source": cycle.source,
                "cycles_since": f"{max(timedelta(0), now - last) / timedelta(days=cycle.days):.2f}",
            }
        )
    return sorted(told, key=lambda each: each["last_bought_at"], reverse=True)


def _explained(rhythms: list[dict[str, Any]], category: str, cycle_days: int, rules: Rules) -> str:
    """Why, in a sentence: how often they buy of their category, and since when they have not."""
    mine = next((one for one in rhythms if one["category"] == category), None)
    if mine is None:
        return ""
    often = "once" if mine["every_days"] is None else f"every {mine['every_days']} days"
    drifts = rules.drift_after(cycle_days).days
    lapses = rules.lapse_after(cycle_days).days
    return (
        f"{category or 'anything'}: bought {often}, last {mine['days_since']} days ago; expected every"
        f" {cycle_days} days, so drifting after {drifts} days and lost after {lapses}."
    )


_CUSTOMER = Statement(
    "SELECT * FROM retention_customers"
    " WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s AND state <> ''"
)
_LOSSES = Statement(
    "SELECT s.*, %(person_id)s AS person_id, r.reason FROM retention_spells s"
    " LEFT JOIN retention_loss_reasons r ON r.tenant_id = s.tenant_id"
    " AND r.customer_id = s.customer_id AND r.began_at = s.began_at"
    " WHERE s.tenant_id = %(tenant_id)s AND s.customer_id = %(customer_id)s AND s.ends_at <= %(now)s"
    " ORDER BY s.began_at DESC"
)
