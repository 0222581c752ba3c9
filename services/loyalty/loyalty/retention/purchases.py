"""Keeps what people bought, order by order, and reads what a customer is judged by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.money import rounded
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.acts.domain import act_of
from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.retention.domain import VALUE_DAYS, Rules
from loyalty.retention.rhythm import Purchase

COUNTS = "bought_at IS NOT NULL AND NOT (refunded > 0 AND refunded >= delivered)"
"""Which rows are purchases: something was delivered, and not all of it was paid back."""

_TROUBLES = (
    HappeningKind.ORDER_RETURNED,
    HappeningKind.ORDER_REFUNDED,
    HappeningKind.ORDER_CANCELLED,
)
"""What may say why somebody was lost."""


@dataclass(frozen=True, slots=True)
class Acts:
    """What a customer did besides buying: signs of life, and orders that went wrong with the reason."""

    signs: Sequence[tuple[datetime, Decimal]]
    troubles: Sequence[tuple[datetime, str]]


@dataclass(frozen=True, slots=True)
class NotedOrder:
    """An order that was told of: the purchase that it was before, and is now; None for one that is none.

    Not `is_sure` what it was where another fact about it was noted at the same time, or it was somebody
    else's.
    """

    id: UUID
    before: Purchase | None
    after: Purchase | None
    is_sure: bool


def note_order(tx: UnitOfWork, happening: Happening) -> NotedOrder | None:
    """Keep what was delivered or paid back of an order; None for a happening that is about neither.

    In any order: what is paid back may be told before what was delivered.
    """
    delivered = happening.kind is HappeningKind.ORDER_DELIVERED
    if happening.order_id is None or happening.value is None:
        return None
    if not delivered and happening.kind is not HappeningKind.ORDER_REFUNDED:
        return None
    amount, none = happening.value.amount, Decimal(0)
    about = {
        "tenant_id": tx.tenant_id,
        "id": happening.order_id,
        "person_id": happening.person_id,
        "bought_at": happening.happened_at if delivered else None,
        "delivered": amount if delivered else none,
        "refunded": none if delivered else amount,
        "currency": happening.value.currency,
        "categories": _categories(happening) if delivered else [],
    }
    before = tx.fetch_one(_ORDER, about)
    after = tx.fetch_one(_NOTE, about)
    if after is None:
        raise RuntimeError("an order that was noted is not there")
    is_sure = after["is_new"] if before is None else before["person_id"] == happening.person_id
    was = None if before is None else _counted(before)
    return NotedOrder(happening.order_id, was, _counted(after), is_sure)


def purchases_of(reading: Reading | UnitOfWork, person_id: UUID) -> list[Purchase]:
    """A person's purchases that count, by time."""
    about = {"tenant_id": reading.caller.tenant_id, "person_id": person_id}
    return [purchase_of(row) for row in reading.fetch_all(_PURCHASES, about)]


def purchase_of(row: dict[str, Any]) -> Purchase:
    """The purchase that a row stands for."""
    amount = rounded(row["delivered"] - row["refunded"], row["currency"])
    return Purchase(row["bought_at"], amount, row["currency"], frozenset(row["categories"]))


def turnover_kept(tx: UnitOfWork, person_id: UUID, currency: str, until: datetime) -> Decimal:
    """What somebody bought in a currency within the year up to a time."""
    about = {
        "tenant_id": tx.tenant_id,
        "person_id": person_id,
        "currency": currency,
        "since": until - timedelta(days=VALUE_DAYS),
        "until": until,
    }
    row = tx.fetch_one(_TURNOVER, about)
    return Decimal(0) if row is None else rounded(row["turnover"], currency)


def reason_kept(tx: UnitOfWork, customer_id: UUID, began_at: datetime) -> str:
    """The latest reason of an order that went wrong in a spell."""
    about = {"tenant_id": tx.tenant_id, "customer_id": customer_id, "began_at": began_at}
    row = tx.fetch_one(_REASON, about)
    return "" if row is None else str(row["order_reason"])


def acts_of(reading: Reading | UnitOfWork, person_id: UUID, rules: Rules) -> Acts:
    """What else befell a person that says something of whether they are lost, and why."""
    about = {
        "tenant_id": reading.caller.tenant_id,
        "person_id": person_id,
        "kinds": sorted({*rules.sign_table.kinds, *_TROUBLES}),
    }
    signs: list[tuple[datetime, Decimal]] = []
    troubles: list[tuple[datetime, str]] = []
    for row in reading.fetch_all(_ACTS, about):
        kind = HappeningKind(row["kind"])
        sign = rules.sign_table.of(act_of(kind, row["properties"], row["channel"]))
        if sign is not None:
            signs.append((row["happened_at"], sign.weight))
        reason = order_reason_of(kind, row["properties"])
        if reason:
            troubles.append((row["happened_at"], reason))
    return Acts(signs, troubles)


def order_reason_of(kind: HappeningKind, properties: Mapping[str, Any]) -> str:
    """Why an order went wrong, as a happening says it; empty for one that says nothing of that."""
    return str(properties.get("reason") or "") if kind in _TROUBLES else ""


def matters(happening: Happening, rules: Rules) -> bool:
    """Whether it may say something of whether a customer is lost, besides what they bought."""
    act = act_of(happening.kind, happening.properties, happening.channel)
    return happening.kind in _TROUBLES or rules.sign_table.of(act) is not None


def _counted(row: dict[str, Any]) -> Purchase | None:
    """The purchase that an order counts as, by `COUNTS`."""
    paid_back = row["refunded"] > 0 and row["refunded"] >= row["delivered"]
    return None if row["bought_at"] is None or paid_back else purchase_of(row)


def _categories(happening: Happening) -> list[str]:
    return sorted({line.category for line in happening.lines if line.category})


_ORDER = Statement(
    "SELECT person_id, bought_at, delivered, refunded, currency, categories FROM retention_purchases"
    " WHERE tenant_id = %(tenant_id)s AND id = %(id)s FOR UPDATE"
)
_NOTE = Statement(
    "INSERT INTO retention_purchases AS p (tenant_id, id, person_id, bought_at, delivered, refunded,"
    " currency, categories) VALUES (%(tenant_id)s, %(id)s, %(person_id)s, %(bought_at)s,"
    " %(delivered)s, %(refunded)s, %(currency)s, %(categories)s)"
    " ON CONFLICT (tenant_id, id) DO UPDATE SET person_id = excluded.person_id,"
    " bought_at = least(p.bought_at, excluded.bought_at),"
    " delivered = p.delivered + excluded.delivered, refunded = p.refunded + excluded.refunded,"
    " categories = ARRAY(SELECT DISTINCT unnest(p.categories || excluded.categories) ORDER BY 1)"
    " RETURNING bought_at, delivered, refunded, currency, categories, xmax = 0 AS is_new"
)
_PURCHASES = Statement(
    "SELECT bought_at, delivered, refunded, currency, categories FROM retention_purchases"  # noqa: S608 - our own words
    f" WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s AND {COUNTS}"
    " ORDER BY bought_at, id"
)
_TURNOVER = Statement(
    "SELECT coalesce(sum(delivered - refunded), 0) AS turnover FROM retention_purchases"  # noqa: S608 - our own words
    f" WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s AND {COUNTS}"
    " AND currency = %(currency)s AND bought_at > %(since)s AND bought_at <= %(until)s"
)
_REASON = Statement(
    "SELECT order_reason FROM retention_spells WHERE tenant_id = %(tenant_id)s"
    " AND customer_id = %(customer_id)s AND began_at = %(began_at)s"
)
_ACTS = Statement(
    "SELECT kind, channel, properties, happened_at FROM happenings WHERE tenant_id = %(tenant_id)s"
    " AND person_id = %(person_id)s AND kind = ANY(%(kinds)s) ORDER BY happened_at, id"
)
