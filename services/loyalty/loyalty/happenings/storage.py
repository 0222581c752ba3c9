"""How happenings are kept: a row each, once for each kind and key, and never changed but for the person."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import Money
from chassis.money import rounded
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import UnitOfWork
from loyalty.happenings.domain import Happening, HappeningKind, HappeningLine

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

happenings = sa.Table(
    "happenings",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("kind", _word, nullable=False),
    sa.Column("key", _word, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("happened_at", _time, nullable=False),
    sa.Column("judged_at", _time, nullable=False),
    sa.Column("channel", _word, nullable=False),
    sa.Column("branch", _word, nullable=False),
    sa.Column("amount", sa.Numeric(20, 4)),
    sa.Column("currency", _word),
    sa.Column("order_id", _uuid),
    sa.Column("order_number", _word, nullable=False),
    sa.Column("lines", JSONB, nullable=False),
    sa.Column("properties", JSONB, nullable=False),
)


def note(tx: UnitOfWork, happening: Happening) -> bool:
    """Keep a happening; whether it was new. Of two at once that are the same, one is new."""
    return tx.fetch_one(_NOTE, {"tenant_id": tx.tenant_id, **row_of(happening)}) is not None


def row_of(happening: Happening) -> dict[str, Any]:
    """The columns that a happening is kept in."""
    value = happening.value
    return {
        "id": happening.id,
        "kind": happening.kind,
        "key": happening.key,
        "person_id": happening.person_id,
        "happened_at": happening.happened_at,
        "judged_at": happening.judged_at,
        "channel": happening.channel,
        "branch": happening.branch,
        "amount": None if value is None else value.amount,
        "currency": None if value is None else value.currency,
        "order_id": happening.order_id,
        "order_number": happening.order_number,
        "lines": json_text([_line_out(line) for line in happening.lines]),
        "properties": json_text(dict(happening.properties)),
    }


def happening_of(row: Mapping[str, Any] | sa.RowMapping) -> Happening:
    """The happening that a row stands for; the row has to name a person."""
    value = None
    if row["amount"] is not None:
        value = Money(rounded(row["amount"], row["currency"]), row["currency"])
    return Happening(
        id=row["id"],
        kind=HappeningKind(row["kind"]),
        key=row["key"],
        person_id=row["person_id"],
        happened_at=row["happened_at"],
        judged_at=row["judged_at"],
        channel=row["channel"],
        branch=row["branch"],
        value=value,
        order_id=row["order_id"],
        order_number=row["order_number"],
        lines=tuple(_line_in(line) for line in row["lines"]),
        properties=row["properties"],
    )


def _line_out(line: HappeningLine) -> dict[str, Any]:
    return {
        "line_id": line.line_id,
        "product_id": None if line.product_id is None else str(line.product_id),
        "sku": line.sku,
        "category": line.category,
        "quantity": f"{line.quantity:f}",
        "net": f"{line.net:f}",
        "total": f"{line.total:f}",
    }


def _line_in(line: Mapping[str, Any]) -> HappeningLine:
    return HappeningLine(
        line_id=line["line_id"],
        product_id=None if line["product_id"] is None else UUID(line["product_id"]),
        sku=line["sku"],
        category=line["category"],
        quantity=Decimal(line["quantity"]),
        net=Decimal(line["net"]),
        total=Decimal(line["total"]),
    )


_NOTE = Statement(
    "INSERT INTO happenings (tenant_id, id, kind, key, person_id, happened_at, judged_at, channel,"
    " branch, amount, currency, order_id, order_number, lines, properties)"
    " VALUES (%(tenant_id)s, %(id)s, %(kind)s, %(key)s, %(person_id)s, %(happened_at)s,"
    " %(judged_at)s, %(channel)s, %(branch)s, %(amount)s, %(currency)s, %(order_id)s,"
    " %(order_number)s, %(lines)s, %(properties)s)"
    " ON CONFLICT (tenant_id, kind, key) DO NOTHING RETURNING id"
)
