"""How subscriptions are kept: one row each, and one for every movement of what they bring."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from sales.recurring_revenue.domain import Movement, SubscriptionLine, ValuationRate
from sales.subscription_changes.domain import Cancellation, SubscriptionDetails, SubscriptionStatus
from sales.subscription_terms.domain import SubscriptionTerms, Term
from sales.subscriptions.documents import line_document, line_of, planned_document, planned_of
from sales.subscriptions.domain import Subscription

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")
_metadata = sa.MetaData()

subscriptions = sa.Table(
    "subscriptions",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("status", _word, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("company_id", _uuid),
    sa.Column("owner_id", _uuid),
    sa.Column("order_id", _uuid),
    sa.Column("opportunity_id", _uuid),
    sa.Column("currency", _word, nullable=False),
    sa.Column("lines", sa.JSON, nullable=False),
    sa.Column("mrr", sa.Numeric(20, 4), nullable=False),
    sa.Column("base_currency", _word),
    sa.Column("base_rate", sa.Numeric(20, 10)),
    sa.Column("term_months", sa.Integer, nullable=False),
    sa.Column("billing_months", sa.Integer, nullable=False),
    sa.Column("notice_days", sa.Integer, nullable=False),
    sa.Column("auto_renew", sa.Boolean, nullable=False),
    sa.Column("started_on", sa.Date, nullable=False),
    sa.Column("term_starts_on", sa.Date, nullable=False),
    sa.Column("day_of_month", sa.Integer, nullable=False),
    sa.Column("extended_days", sa.Integer, nullable=False),
    sa.Column("ends_on", sa.Date, nullable=False),
    sa.Column("paused_on", sa.Date),
    sa.Column("resumes_on", sa.Date),
    sa.Column("planned_change", sa.JSON(none_as_null=True)),
    sa.Column("cancel_reason", _word),
    sa.Column("cancel_note", sa.Text),
    sa.Column("cancelled_on", sa.Date),
    sa.Column("cancelled_to", sa.Date),
    sa.Column("notice_waived", sa.Boolean),
    sa.Column("reminded_days", sa.Integer),
    sa.Column("renewal_opportunity_id", _uuid),
    sa.Column("renewals", sa.Integer, nullable=False),
    sa.Column("movements", sa.Integer, nullable=False),
    sa.Column("ended_on", sa.Date),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
subscription_movements = sa.Table(
    "subscription_movements",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("subscription_id", _uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("kind", _word, nullable=False),
    sa.Column("moved_on", sa.Date, nullable=False),
    sa.Column("currency", _word, nullable=False),
    sa.Column("amount", sa.Numeric(20, 4), nullable=False),
    sa.Column("base_currency", _word),
    sa.Column("base_amount", sa.Numeric(20, 4)),
    sa.Column("reason", _word, nullable=False),
    sa.Column("proration", sa.Numeric(20, 4)),
    sa.Column("noted_at", _time, nullable=False),
)
_DETAILS = ("name", "person_id", "company_id", "owner_id", "order_id", "opportunity_id")
_TERMS = ("term_months", "billing_months", "notice_days", "auto_renew")
_OWN = (
    "currency",
    "started_on",
    "paused_on",
    "resumes_on",
    "reminded_days",
    "renewal_opportunity_id",
    "renewals",
    "movements",
    "ended_on",
    "created_at",
    "updated_at",
)


class SubscriptionsRepository(Repository[Subscription]):
    """Subscriptions for a change; their movements are only ever added."""

    table = subscriptions
    kind = "subscription"
    owner: ClassVar[str | None] = "owner_id"

    def any_of_order(self, order_id: UUID) -> bool:
        """Whether an order has led to one already; whoever holds the order's lock may rely on it."""
        about = {"tenant_id": self._tx.tenant_id, "order_id": order_id}
        return self._tx.fetch_one(_OF_ORDER, about) is not None

    def _aggregate(self, row: sa.RowMapping) -> Subscription:
        return subscription_of(row)

    def _row(self, aggregate: Subscription) -> dict[str, Any]:
        term, gone, base = aggregate.term, aggregate.cancellation, aggregate.base_rate
        return {
            **{name: getattr(aggregate.details, name) for name in _DETAILS},
            **{name: getattr(aggregate.terms, name) for name in _TERMS},
            **{name: getattr(aggregate, name) for name in (*_OWN, "status", "ends_on")},
            "lines": [line_document(line) for line in aggregate.lines],
            "mrr": aggregate.mrr.amount,
            "base_currency": None if base is None else base.currency,
            "base_rate": None if base is None else base.rate,
            "term_starts_on": term.starts_on,
            "day_of_month": term.day_of_month,
            "extended_days": term.extended_days,
            "planned_change": planned_document(aggregate.planned_change),
            "cancel_reason": None if gone is None else gone.reason,
            "cancel_note": None if gone is None else gone.note,
            "cancelled_on": None if gone is None else gone.on,
            "cancelled_to": None if gone is None else gone.ends_on,
            "notice_waived": None if gone is None else gone.notice_waived,
        }

    def _stored(self, aggregate: Subscription, *, new: bool) -> None:  # noqa: ARG002 - all the same
        for movement in aggregate.moved:
            self._tx.write(_MOVED, {**self._moved(movement), "subscription_id": aggregate.id})
        aggregate.moved.clear()

    def _moved(self, movement: Movement) -> dict[str, Any]:
        base, proration = movement.base_amount, movement.proration
        return {
            "tenant_id": self._tx.tenant_id,
            "number": movement.number,
            "kind": movement.kind,
            "moved_on": movement.moved_on,
            "currency": movement.amount.currency,
            "amount": movement.amount.amount,
            "base_currency": None if base is None else base.currency,
            "base_amount": None if base is None else base.amount,
            "reason": movement.reason,
            "proration": None if proration is None else proration.amount,
            "noted_at": self._tx.clock.now(),
        }


def subscription_of(row: Mapping[str, Any] | sa.RowMapping) -> Subscription:
    """The subscription that a row of the table stands for."""
    base, term = row["base_currency"], ("day_of_month", "extended_days")
    return Subscription(
        id=row["id"],
        version=row["version"],
        status=SubscriptionStatus(row["status"]),
        details=SubscriptionDetails(**{name: row[name] for name in _DETAILS}),
        terms=SubscriptionTerms(**{name: row[name] for name in _TERMS}),
        lines=lines_of(row),
        base_rate=None if base is None else ValuationRate(base, Decimal(row["base_rate"])),
        term=Term(row["term_starts_on"], row["term_months"], **{one: row[one] for one in term}),
        planned_change=planned_of(row["planned_change"]),
        cancellation=_cancellation_of(row),
        **{name: row[name] for name in _OWN},
    )


def lines_of(row: Mapping[str, Any] | sa.RowMapping) -> tuple[SubscriptionLine, ...]:
    """What a row says is subscribed to."""
    return tuple(line_of(one) for one in row["lines"])


def _cancellation_of(row: Mapping[str, Any] | sa.RowMapping) -> Cancellation | None:
    if row["cancel_reason"] is None:
        return None
    return Cancellation(
        reason=row["cancel_reason"],
        note=row["cancel_note"],
        on=row["cancelled_on"],
        ends_on=row["cancelled_to"],
        notice_waived=row["notice_waived"],
    )


_OF_ORDER = Statement(
    "SELECT id FROM subscriptions WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s"
    " LIMIT 1"
)
_MOVED = Statement.of(sa.insert(subscription_movements), subscription_movements.c.keys())
