"""Reads statements, open and closed, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import Conflict, NotFound
from chassis.http.money import amount_out
from chassis.money import rounded
from chassis.storage.listing import Listing, ListSpec, date_filter, uuid_filter
from chassis.storage.unit_of_work import Reading
from sales.commission_plans.queries import plan_within_reach
from sales.commission_statements.drafting import draft
from sales.commission_statements.models import draft_shown, shown
from sales.commission_statements.storage import (
    closed_reckonings,
    commission_statements,
    lines_of,
    statement_of,
)
from sales.periods.domain import Period
from sales.periods.models import period_out

_columns = commission_statements.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_PLAIN = ("id", "version", "plan_id", "user_id", "closed_at", "closed_by")
_AMOUNTS = ("credited", "corrected", "total")

STATEMENTS = ListSpec(
    key=_columns.id,
    sorts={"closed_at": _columns.closed_at},
    default_sort="-closed_at",
    filters={
        "plan_id": uuid_filter(_columns.plan_id),
        "user_id": uuid_filter(_columns.user_id),
        "first_on": date_filter(_columns.first_on),
        "last_on": date_filter(_columns.last_on),
    },
)


def list_statements(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of closed statements, without their lines."""
    return listing.fetch(
        reading.connection, _within_reach(reading), lambda row: _summary(dict(row._mapping))
    )


def get_statement(reading: Reading, statement_id: UUID) -> dict[str, Any]:
    """The closed statement as the API shows one. Raises `NotFound`."""
    statement = _within_reach(reading).where(_columns.id == statement_id)
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("commission statement", statement_id)
    return shown(statement_of(row, lines_of(reading, statement_id, row["currency"])))


def get_draft(reading: Reading, plan_id: UUID, user_id: UUID, period: Period) -> dict[str, Any]:
    """The statement as it would be closed now.

    Raises `NotFound`, `Invalid`, `Conflict` when it is closed or an exchange rate is missing.
    """
    if not reading.scope.allows(user_id):
        raise NotFound.of("user", user_id)
    plan = plan_within_reach(reading, plan_id)
    if any(one.period == period for one in closed_reckonings(reading, plan_id, user_id)):
        message = f"The statement for {period.name} is closed: read it among those."
        raise Conflict(message, code="statement_closed")
    return draft_shown(draft(reading, plan, user_id, period))


def _within_reach(reading: Reading) -> sa.Select[Any]:
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    return reading.scope.narrow(mine, _columns.user_id)


def _summary(row: Mapping[str, Any]) -> dict[str, Any]:
    currency = row["currency"]
    return {
        **{name: row[name] for name in _PLAIN},
        **period_out(Period(row["first_on"], row["last_on"])),
        **{name: amount_out(rounded(row[name], currency), currency) for name in _AMOUNTS},
    }
