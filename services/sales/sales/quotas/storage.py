"""How quotas are kept: a row each, one for each holder, period and measure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import Money
from chassis.money import rounded
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.exchange_rates.domain import Valued
from sales.periods.domain import Period
from sales.quotas.domain import Measure, Quota, QuotaHolder, Target

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

quotas = sa.Table(
    "quotas",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("user_id", _uuid),
    sa.Column("team_id", _uuid),
    sa.Column("first_on", sa.Date, nullable=False),
    sa.Column("last_on", sa.Date, nullable=False),
    sa.Column("measure", _word, nullable=False),
    sa.Column("amount", sa.Numeric(20, 4)),
    sa.Column("currency", _word),
    sa.Column("base_amount", sa.Numeric(20, 4)),
    sa.Column("base_currency", _word),
    sa.Column("rate", sa.Numeric(20, 10)),
    sa.Column("valued_on", sa.Date),
    sa.Column("deals", sa.Integer),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)


class QuotasRepository(Repository[Quota]):
    """Quotas for a change; whose they are is checked by who changes them."""

    table = quotas
    kind = "quota"

    def _aggregate(self, row: sa.RowMapping) -> Quota:
        return quota_of(row)

    def _row(self, aggregate: Quota) -> dict[str, Any]:
        valued = aggregate.target.amount
        return {
            "user_id": aggregate.holder.user_id,
            "team_id": aggregate.holder.team_id,
            "first_on": aggregate.period.first,
            "last_on": aggregate.period.last,
            "measure": aggregate.measure,
            "amount": None if valued is None else valued.given.amount,
            "currency": None if valued is None else valued.given.currency,
            "base_amount": None if valued is None else valued.base.amount,
            "base_currency": None if valued is None else valued.base.currency,
            "rate": None if valued is None else valued.rate,
            "valued_on": None if valued is None else valued.on,
            "deals": aggregate.target.deals,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }


def quota_of(row: Mapping[str, Any] | sa.RowMapping) -> Quota:
    """The quota that a row of the table stands for."""
    valued = None
    if row["amount"] is not None:
        valued = Valued(
            given=Money(rounded(row["amount"], row["currency"]), row["currency"]),
            base=Money(rounded(row["base_amount"], row["base_currency"]), row["base_currency"]),
            rate=row["rate"],
            on=row["valued_on"],
        )
    return Quota(
        id=row["id"],
        version=row["version"],
        holder=QuotaHolder(row["user_id"], row["team_id"]),
        period=Period(row["first_on"], row["last_on"]),
        measure=Measure(row["measure"]),
        target=Target(valued, row["deals"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def target_in_base(
    reading: Reading | UnitOfWork, user_id: UUID, period: Period, measure: Measure
) -> Decimal | None:
    """A person's target in money for exactly a period, in the base currency; None without one."""
    about = {
        "tenant_id": reading.caller.tenant_id,
        "user_id": user_id,
        "first_on": period.first,
        "last_on": period.last,
        "measure": measure,
    }
    row = reading.fetch_one(_TARGET, about)
    return None if row is None else rounded(row["base_amount"], row["base_currency"])


_TARGET = Statement(
    "SELECT base_amount, base_currency FROM quotas WHERE tenant_id = %(tenant_id)s"
    " AND user_id = %(user_id)s AND first_on = %(first_on)s AND last_on = %(last_on)s"
    " AND measure = %(measure)s AND base_amount IS NOT NULL"
)
