"""How opportunities are kept: one row each, and one for every time that one entered a stage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import Money
from chassis.money import rounded
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from sales.exchange_rates.domain import Valued
from sales.opportunities.domain import (
    Competitor,
    Entry,
    Loss,
    Opportunity,
    OpportunityDetails,
    OpportunityState,
)
from sales.pipelines.domain import ForecastCategory

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

opportunities = sa.Table(
    "opportunities",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("pipeline_id", _uuid, nullable=False),
    sa.Column("definition", sa.Integer, nullable=False),
    sa.Column("stage", _word, nullable=False),
    sa.Column("probability", sa.SmallInteger, nullable=False),
    sa.Column("stage_forecast_category", _word, nullable=False),
    sa.Column("state", _word, nullable=False),
    sa.Column("name", _word, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("company_id", _uuid),
    sa.Column("owner_id", _uuid),
    sa.Column("amount", sa.Numeric(20, 4)),
    sa.Column("currency", _word),
    sa.Column("base_amount", sa.Numeric(20, 4)),
    sa.Column("base_currency", _word),
    sa.Column("rate", sa.Numeric(20, 10)),
    sa.Column("valued_on", sa.Date),
    sa.Column("expected_close_on", sa.Date),
    sa.Column("source", _word, nullable=False),
    sa.Column("channel", _word, nullable=False),
    sa.Column("branch", _word, nullable=False),
    sa.Column("industry", _word, nullable=False),
    sa.Column("product_ids", ARRAY(_uuid), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("next_step", sa.Text, nullable=False),
    sa.Column("competitors", sa.JSON, nullable=False),
    sa.Column("forecast_category", _word),
    sa.Column("loss_reason", _word),
    sa.Column("loss_note", sa.Text),
    sa.Column("lost_to", sa.Text),
    sa.Column("entry", sa.Integer, nullable=False),
    sa.Column("entered_at", _time, nullable=False),
    sa.Column("overdue_since", _time),
    sa.Column("opened_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("closed_at", _time),
    sa.Column("lead_id", _uuid),
)
_CATEGORY = "stage_forecast_category"
_PLAIN = ("pipeline_id", "definition", "stage", "probability", "lead_id")
_TIMES = ("overdue_since", "opened_at", "updated_at", "closed_at")
_DETAILS = (
    "name",
    "person_id",
    "company_id",
    "owner_id",
    "expected_close_on",
    "source",
    "channel",
    "branch",
    "industry",
    "description",
    "next_step",
)


class OpportunitiesRepository(Repository[Opportunity]):
    """Opportunities for a change."""

    table = opportunities
    kind = "opportunity"
    owner: ClassVar[str | None] = "owner_id"

    def note_entry(self, opportunity: Opportunity, left_at: datetime | None) -> None:
        """Have the entry into the stage kept that it is in now, and when it left the one before."""
        about = {"tenant_id": self._tx.tenant_id, "opportunity_id": opportunity.id}
        if left_at is not None:
            number = opportunity.entry.number - 1
            self._tx.write(_LEFT, {**about, "number": number, "left_at": left_at})
        entered = {
            "number": opportunity.entry.number,
            "stage": opportunity.stage,
            "definition": opportunity.definition,
            "entered_at": opportunity.entry.at,
            "entered_by": self._tx.caller.actor,
        }
        # The row it refers to comes first.
        self._tx.flush()
        self._tx.write(_ENTERED, {**about, **entered})

    def place_of_sale(self, opportunity_id: UUID) -> tuple[str, str]:
        """The channel and branch of an opportunity, whosever it is; empty where nobody said."""
        about = {"tenant_id": self._tx.tenant_id, "id": opportunity_id}
        row = self._tx.fetch_one(_PLACE_OF_SALE, about)
        return ("", "") if row is None else (row["channel"], row["branch"])

    def _aggregate(self, row: sa.RowMapping) -> Opportunity:
        return opportunity_of(row)

    def _row(self, aggregate: Opportunity) -> dict[str, Any]:
        details, valued, loss = aggregate.details, aggregate.valued, aggregate.loss
        return {
            **{name: getattr(aggregate, name) for name in (*_PLAIN, *_TIMES, "state", _CATEGORY)},
            **{name: getattr(details, name) for name in _DETAILS},
            "forecast_category": details.forecast_category,
            "competitors": [{"name": one.name, "note": one.note} for one in details.competitors],
            "product_ids": list(details.product_ids),
            "amount": None if details.amount is None else details.amount.amount,
            "currency": None if details.amount is None else details.amount.currency,
            "base_amount": None if valued is None else valued.base.amount,
            "base_currency": None if valued is None else valued.base.currency,
            "rate": None if valued is None else valued.rate,
            "valued_on": None if valued is None else valued.on,
            "loss_reason": None if loss is None else loss.reason,
            "loss_note": None if loss is None else loss.note,
            "lost_to": None if loss is None else loss.competitor,
            "entry": aggregate.entry.number,
            "entered_at": aggregate.entry.at,
        }


def opportunity_of(row: Mapping[str, Any] | sa.RowMapping) -> Opportunity:
    """The opportunity that a row of the table stands for."""
    amount = _money(row["amount"], row["currency"])
    base = _money(row["base_amount"], row["base_currency"])
    competitors = tuple(Competitor(**one) for one in row["competitors"])
    reason, category = row["loss_reason"], row["forecast_category"]
    return Opportunity(
        id=row["id"],
        version=row["version"],
        **{name: row[name] for name in (*_PLAIN, *_TIMES)},
        stage_forecast_category=ForecastCategory(row[_CATEGORY]),
        state=OpportunityState(row["state"]),
        details=OpportunityDetails(
            **{name: row[name] for name in _DETAILS},
            amount=amount,
            competitors=competitors,
            product_ids=tuple(row["product_ids"]),
            forecast_category=None if category is None else ForecastCategory(category),
        ),
        valued=(
            None
            if amount is None or base is None
            else Valued(amount, base, row["rate"], row["valued_on"])
        ),
        entry=Entry(row["entry"], row["entered_at"]),
        loss=None if reason is None else Loss(reason, row["loss_note"], row["lost_to"]),
    )


def _money(amount: Any, currency: str | None) -> Money | None:
    return None if currency is None else Money(rounded(amount, currency), currency)


_PLACE_OF_SALE = Statement(
    "SELECT channel, branch FROM opportunities WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
_ENTERED = Statement(
    "INSERT INTO opportunity_entries"
    " (tenant_id, opportunity_id, number, stage, definition, entered_at, entered_by)"
    " VALUES (%(tenant_id)s, %(opportunity_id)s, %(number)s, %(stage)s, %(definition)s,"
    " %(entered_at)s, %(entered_by)s)"
)
_LEFT = Statement(
    "UPDATE opportunity_entries SET left_at = %(left_at)s WHERE tenant_id = %(tenant_id)s"
    " AND opportunity_id = %(opportunity_id)s AND number = %(number)s"
)
