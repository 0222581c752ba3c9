"""How orders are kept: one row each, with lines and what became of them in a document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from sales.document_lines.domain import LineAmounts, LineTerms
from sales.order_lines.domain import Handover, OrderLine, Part
from sales.orders.domain import ExternalId, Order, OrderTerms, Refund

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

orders = sa.Table(
    "orders",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("number", _word, nullable=False),
    sa.Column("status", _word, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("company_id", _uuid),
    sa.Column("owner_id", _uuid),
    sa.Column("channel", _word, nullable=False),
    sa.Column("branch", _word, nullable=False),
    sa.Column("currency", _word, nullable=False),
    sa.Column("total", sa.Numeric(20, 4), nullable=False),
    sa.Column("refunded", sa.Numeric(20, 4), nullable=False),
    sa.Column("quote_id", _uuid),
    sa.Column("opportunity_id", _uuid),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("placed_at", _time, nullable=False),
    sa.Column("confirmed_at", _time),
    sa.Column("cancelled_at", _time),
    sa.Column("updated_at", _time, nullable=False),
)
_IN_TERMS = ("person_id", "company_id", "owner_id", "channel", "branch", "currency")
_IN_TERMS_TOO = ("quote_id", "opportunity_id")
_TIMES = ("placed_at", "confirmed_at", "cancelled_at", "updated_at")


class OrdersRepository(Repository[Order]):
    """Orders for a change."""

    table = orders
    kind = "order"
    owner: ClassVar[str | None] = "owner_id"

    def next_number(self, year: int) -> str:
        """The next number of a year; whoever takes one at the same time waits for this commit."""
        row = self._tx.fetch_one(_NEXT, {"tenant_id": self._tx.tenant_id, "year": year})
        if row is None:
            raise RuntimeError("counting gave no number")
        return f"{year}-{row['last']:06}"

    def by_external_id(self, key: ExternalId) -> Order | None:
        """The order that another system calls this; None when there is none, or out of reach."""
        about = {"tenant_id": self._tx.tenant_id, "system": key.system, "id": key.id}
        row = self._tx.fetch_one(_BY_EXTERNAL_ID, about)
        found = [] if row is None else self.get_many([row["order_id"]])
        return found[0] if found else None

    def _aggregate(self, row: sa.RowMapping) -> Order:
        return order_of(row)

    def _row(self, aggregate: Order) -> dict[str, Any]:
        terms = aggregate.terms
        return {
            "number": aggregate.number,
            "status": aggregate.status,
            **{name: getattr(terms, name) for name in (*_IN_TERMS, *_IN_TERMS_TOO)},
            "total": aggregate.total.amount,
            "refunded": aggregate.refunded,
            "content": _document(aggregate),
            **{name: getattr(aggregate, name) for name in _TIMES},
        }

    def _stored(self, aggregate: Order, *, new: bool) -> None:
        if new:
            for key in aggregate.terms.external_ids:
                about = {"tenant_id": self._tx.tenant_id, "order_id": aggregate.id}
                self._tx.write(_KEEP, {**about, "system": key.system, "external_id": key.id})


def order_of(row: Mapping[str, Any] | sa.RowMapping) -> Order:
    """The order that a row of the table stands for."""
    content = row["content"]
    lines = tuple(_line_of(one) for one in content["lines"])
    by_id = {str(line.id): line for line in lines}
    terms = OrderTerms(
        **{name: row[name] for name in (*_IN_TERMS, *_IN_TERMS_TOO)},
        prices_include_tax=content["prices_include_tax"],
        discount=Decimal(content["discount"]),
        external_ids=tuple(ExternalId(**one) for one in content["external_ids"]),
    )
    return Order(
        id=row["id"],
        version=row["version"],
        number=row["number"],
        terms=terms,
        lines=lines,
        **{name: row[name] for name in _TIMES},
        cancel_reason=content["cancel_reason"],
        deliveries=tuple(_handover_of(one, by_id) for one in content["deliveries"]),
        returns=tuple(_handover_of(one, by_id) for one in content["returns"]),
        refunds=tuple(_refund_of(one) for one in content["refunds"]),
    )


def _document(order: Order) -> dict[str, Any]:
    return {
        "prices_include_tax": order.terms.prices_include_tax,
        "discount": str(order.terms.discount),
        "external_ids": [{"system": one.system, "id": one.id} for one in order.terms.external_ids],
        "cancel_reason": order.cancel_reason,
        "lines": [_line(one) for one in order.lines],
        "deliveries": [_handover(one) for one in order.deliveries],
        "returns": [_handover(one) for one in order.returns],
        "refunds": [_refund(one) for one in order.refunds],
    }


_TERMS = ("unit_price", "quantity", "discount_percent", "discount_amount", "tax_percent")
_AMOUNTS = ("list_amount", "discount", "net", "tax", "total")


def _line(line: OrderLine) -> dict[str, Any]:
    return {
        "id": str(line.id),
        "name": line.name,
        "product_id": None if line.product_id is None else str(line.product_id),
        "sku": line.sku,
        "category": line.category,
        "terms": {name: str(getattr(line.terms, name)) for name in _TERMS},
        "amounts": {name: str(getattr(line.amounts, name)) for name in _AMOUNTS},
    }


def _line_of(document: Mapping[str, Any]) -> OrderLine:
    product_id = document["product_id"]
    return OrderLine(
        id=UUID(document["id"]),
        name=document["name"],
        terms=LineTerms(**{name: Decimal(document["terms"][name]) for name in _TERMS}),
        amounts=LineAmounts(**{name: Decimal(document["amounts"][name]) for name in _AMOUNTS}),
        product_id=None if product_id is None else UUID(product_id),
        sku=document["sku"],
        category=document["category"],
    )


def _handover(one: Handover) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "at": one.at.isoformat(),
        "reason": one.reason,
        "parts": [
            {
                "line_id": str(part.line.id),
                "quantity": str(part.quantity),
                "net": str(part.net),
                "total": str(part.total),
                "serial_numbers": part.serial_numbers,
            }
            for part in one.parts
        ],
    }


def _handover_of(document: Mapping[str, Any], lines: Mapping[str, OrderLine]) -> Handover:
    parts = (
        Part(
            line=lines[part["line_id"]],
            quantity=Decimal(part["quantity"]),
            net=Decimal(part["net"]),
            total=Decimal(part["total"]),
            serial_numbers=tuple(part["serial_numbers"]),
        )
        for part in document["parts"]
    )
    at = datetime.fromisoformat(document["at"]).astimezone(UTC)
    return Handover(UUID(document["id"]), at, tuple(parts), document["reason"])


def _refund(one: Refund) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "at": one.at.isoformat(),
        "amount": str(one.amount),
        "by_line": {str(line_id): str(amount) for line_id, amount in one.by_line.items()},
        "reason": one.reason,
        "return_id": None if one.return_id is None else str(one.return_id),
    }


def _refund_of(document: Mapping[str, Any]) -> Refund:
    return_id = document["return_id"]
    return Refund(
        id=UUID(document["id"]),
        at=datetime.fromisoformat(document["at"]).astimezone(UTC),
        amount=Decimal(document["amount"]),
        by_line={UUID(key): Decimal(amount) for key, amount in document["by_line"].items()},
        reason=document["reason"],
        return_id=None if return_id is None else UUID(return_id),
    )


_NEXT = Statement(
    "INSERT INTO order_numbers AS n (tenant_id, year, last) VALUES (%(tenant_id)s, %(year)s, 1)"
    " ON CONFLICT (tenant_id, year) DO UPDATE SET last = n.last + 1 RETURNING last"
)
_BY_EXTERNAL_ID = Statement(
    "SELECT order_id FROM order_external_ids"
    " WHERE tenant_id = %(tenant_id)s AND system = %(system)s AND id = %(id)s"
)
_KEEP = Statement(
    "INSERT INTO order_external_ids (tenant_id, order_id, system, id)"
    " VALUES (%(tenant_id)s, %(order_id)s, %(system)s, %(external_id)s)"
)
