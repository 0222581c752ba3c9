"""Periods as the REST face takes and shows them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

from chassis.domain import Invalid
from sales.periods.domain import Period


def _is_period(text: str) -> str:
    try:
        return Period.parse(text).name
    except Invalid as error:
        raise ValueError(error.violations[0].message) from None


PeriodName = Annotated[str, Field(min_length=4, max_length=22), AfterValidator(_is_period)]
"""A year, quarter or month as "2026", "2026-Q2" or "2026-03", or "2026-04-01..2027-03-31"."""


class InPeriod(BaseModel):
    """Of which period something is: its name, and its days, those of UTC."""

    period: str
    first_on: date
    last_on: date


def period_out(period: Period) -> dict[str, Any]:
    """A period as the API shows one."""
    return {"period": period.name, "first_on": period.first, "last_on": period.last}
