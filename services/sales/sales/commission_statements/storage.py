"""How closed statements are kept: a row each and one for each line, which nobody can change any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.money import rounded
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement as Sql
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.commission_plans.documents import terms_document, terms_of
from sales.commission_statements.domain import (
    CommissionStatement,
    LineKind,
    Reckoning,
    Statement,
    StatementLine,
    StatementTerms,
)
from sales.periods.domain import Period
from sales.sales_credits.domain import Credit, Key, Source

_metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_word = sa.Text(collation="C")
_money = sa.Numeric(20, 4)

commission_statements = sa.Table(
    "commission_statements",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("plan_id", _uuid, nullable=False),
    sa.Column("user_id", _uuid, nullable=False),
    sa.Column("first_on", sa.Date, nullable=False),
    sa.Column("last_on", sa.Date, nullable=False),
    sa.Column("counted_from", sa.Date),
    sa.Column("counted_until", sa.Date),
    sa.Column("currency", _word, nullable=False),
    sa.Column("terms", sa.JSON, nullable=False),
    sa.Column("quota", _money),
    sa.Column("credited", _money, nullable=False),
    sa.Column("corrected", _money, nullable=False),
    sa.Column("total", _money, nullable=False),
    sa.Column("closed_by", _word, nullable=False),
    sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
)


class CommissionStatementsRepository(Repository[CommissionStatement]):
    """Closed statements, to be added to."""

    table = commission_statements
    kind = "commission statement"

    def _aggregate(self, row: sa.RowMapping) -> CommissionStatement:
        return statement_of(row, lines_of(self._tx, row["id"], row["currency"]))

    def _row(self, aggregate: CommissionStatement) -> dict[str, Any]:
        content = aggregate.content
        terms, reckoning = content.terms, content.terms.reckoning
        counted = reckoning.counted
        return {
            "plan_id": terms.plan_id,
            "user_id": terms.user_id,
            "first_on": reckoning.period.first,
            "last_on": reckoning.period.last,
            "counted_from": None if counted is None else counted.first,
            "counted_until": None if counted is None else counted.last,
            "currency": terms.currency,
            "terms": terms_document(reckoning.terms),
            "quota": reckoning.quota,
            "credited": content.credited,
            "corrected": content.corrected,
            "total": content.total,
            "closed_by": aggregate.closed_by,
            "closed_at": aggregate.closed_at,
        }

    def _stored(self, aggregate: CommissionStatement, *, new: bool) -> None:
        if not new:
            return
        terms = aggregate.content.terms
        about = {
            "tenant_id": self._tx.tenant_id,
            "statement_id": aggregate.id,
            "plan_id": terms.plan_id,
            "user_id": terms.user_id,
        }
        for number, line in enumerate(aggregate.content.lines, 1):
            self._tx.write(_KEEP_LINE, {**about, "number": number, **_line(line)})


def statement_of(
    row: Mapping[str, Any] | sa.RowMapping, lines: Sequence[StatementLine]
) -> CommissionStatement:
    """The closed statement that a row of the table stands for, with these lines."""
    terms = StatementTerms(row["plan_id"], row["user_id"], row["currency"], reckoning_of(row))
    return CommissionStatement(
        id=row["id"],
        version=row["version"],
        content=Statement(terms, tuple(lines)),
        closed_by=row["closed_by"],
        closed_at=row["closed_at"],
    )


def reckoning_of(row: Mapping[str, Any] | sa.RowMapping) -> Reckoning:
    """By what the statement of a row was reckoned."""
    first, last, quota = row["counted_from"], row["counted_until"], row["quota"]
    return Reckoning(
        period=Period(row["first_on"], row["last_on"]),
        terms=terms_of(row["terms"]),
        quota=None if quota is None else rounded(quota, row["currency"]),
        counted=None if first is None else Period(first, last),
    )


def closed_reckonings(
    reading: Reading | UnitOfWork, plan_id: UUID, user_id: UUID
) -> Sequence[Reckoning]:
    """By what each closed period of somebody was reckoned, the earliest first."""
    about = {"tenant_id": reading.caller.tenant_id, "plan_id": plan_id, "user_id": user_id}
    return [reckoning_of(row) for row in reading.fetch_all(_CLOSED, about)]


def people_with_statements(reading: Reading | UnitOfWork, plan_id: UUID) -> frozenset[UUID]:
    """Who has a closed statement by a plan."""
    about = {"tenant_id": reading.caller.tenant_id, "plan_id": plan_id}
    return frozenset(row["user_id"] for row in reading.fetch_all(_PEOPLE, about))


def settled_credits(
    reading: Reading | UnitOfWork, plan_id: UUID, user_id: UUID, currency: str, since: date
) -> Mapping[Period, Mapping[Key, Credit]]:
    """What was credited so far for each closed period that begins `since` a day, corrections included."""
    about = {
        "tenant_id": reading.caller.tenant_id,
        "plan_id": plan_id,
        "user_id": user_id,
        "since": since,
    }
    found: dict[Period, dict[Key, Credit]] = {}
    for row in reading.fetch_all(_SETTLED, about):
        credit = _credit_of(row, currency)
        key = (credit.source, credit.source_id, credit.category)
        found.setdefault(Period(row["first_on"], row["last_on"]), {})[key] = credit
    return found


def lines_of(
    reading: Reading | UnitOfWork, statement_id: UUID, currency: str
) -> Sequence[StatementLine]:
    """The lines of a closed statement, in their order."""
    about = {"tenant_id": reading.caller.tenant_id, "statement_id": statement_id}
    return [
        StatementLine(
            kind=LineKind(row["kind"]),
            period=Period(row["first_on"], row["last_on"]),
            credit=_credit_of(row, currency),
            rate=row["rate"],
            amount=rounded(row["amount"], currency),
        )
        for row in reading.fetch_all(_LINES, about)
    ]


def _line(line: StatementLine) -> dict[str, Any]:
    credit = line.credit
    return {
        "kind": line.kind,
        "first_on": line.period.first,
        "last_on": line.period.last,
        "source": credit.source,
        "source_id": credit.source_id,
        "category": credit.category,
        "credited_on": credit.on,
        "credited": credit.amount,
        "rate": line.rate,
        "amount": line.amount,
    }


def _credit_of(row: Mapping[str, Any], currency: str) -> Credit:
    return Credit(
        source=Source(row["source"]),
        source_id=row["source_id"],
        category=row["category"],
        on=row["credited_on"],
        amount=rounded(Decimal(row["credited"]), currency),
    )


_KEEP_LINE = Sql(
    "INSERT INTO commission_lines (tenant_id, statement_id, number, plan_id, user_id, kind,"
    " first_on, last_on, source, source_id, category, credited_on, credited, rate, amount)"
    " VALUES (%(tenant_id)s, %(statement_id)s, %(number)s, %(plan_id)s, %(user_id)s, %(kind)s,"
    " %(first_on)s, %(last_on)s, %(source)s, %(source_id)s, %(category)s, %(credited_on)s,"
    " %(credited)s, %(rate)s, %(amount)s)"
)
_LINES = Sql(
    "SELECT kind, first_on, last_on, source, source_id, category, credited_on, credited, rate,"
    " amount FROM commission_lines WHERE tenant_id = %(tenant_id)s"
    " AND statement_id = %(statement_id)s ORDER BY number"
)
_CLOSED = Sql(
    "SELECT first_on, last_on, terms, quota, currency, counted_from, counted_until"
    " FROM commission_statements WHERE tenant_id = %(tenant_id)s AND plan_id = %(plan_id)s"
    " AND user_id = %(user_id)s ORDER BY first_on"
)
_PEOPLE = Sql(
    "SELECT DISTINCT user_id FROM commission_statements"
    " WHERE tenant_id = %(tenant_id)s AND plan_id = %(plan_id)s"
)
_SETTLED = Sql(
    "SELECT first_on, last_on, source, source_id, category, max(credited_on) AS credited_on,"
    " sum(credited) AS credited FROM commission_lines WHERE tenant_id = %(tenant_id)s"
    " AND plan_id = %(plan_id)s AND user_id = %(user_id)s AND first_on >= %(since)s"
    " GROUP BY first_on, last_on, source, source_id, category HAVING sum(credited) <> 0"
)
