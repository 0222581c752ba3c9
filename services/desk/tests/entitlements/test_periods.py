"""In which period a day counts, worked out by hand (DE-8)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from desk.assets.domain import Owner
from desk.entitlements.domain import (
    Allowance,
    AllowanceKind,
    Entitlement,
    EntitlementTerms,
    Period,
)
from desk.tenant_days.domain import months_after

FIRST = date(2026, 1, 31)


def contract(period: Period) -> Entitlement:
    """A contract of three years whose second term has begun."""
    allowance = Allowance(AllowanceKind.TICKETS, 1, period)
    now = datetime(2026, 1, 31, tzinfo=UTC)
    return Entitlement(
        id=UUID(int=1),
        owner=Owner(UUID(int=2)),
        terms=EntitlementTerms("Care", FIRST, date(2029, 1, 30), allowance=allowance),
        term_starts_on=date(2027, 1, 31),
        created_at=now,
        updated_at=now,
    )


@pytest.mark.parametrize(
    ("period", "day", "begins"),
    [
        (Period.MONTH, "2026-01-31", "2026-01-31"),
        (Period.MONTH, "2026-02-27", "2026-01-31"),
        (Period.MONTH, "2026-02-28", "2026-02-28"),
        (Period.MONTH, "2026-03-30", "2026-02-28"),
        (Period.MONTH, "2026-03-31", "2026-03-31"),
        (Period.YEAR, "2027-01-30", "2026-01-31"),
        (Period.YEAR, "2027-01-31", "2027-01-31"),
        (Period.YEAR, "2028-12-31", "2028-01-31"),
        (Period.TERM, "2027-01-30", "2026-01-31"),
        (Period.TERM, "2027-01-31", "2027-01-31"),
        (Period.TERM, "2029-01-30", "2027-01-31"),
    ],
)
def test_a_day_counts_in_its_period(period: Period, day: str, begins: str) -> None:
    assert contract(period).period_of(date.fromisoformat(day)) == date.fromisoformat(begins)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("9999-12-01", 1, "9999-12-31"),
    ],
)
def test_months_are_kept_to_the_calendar(day: str, months: int, then: str) -> None:
    assert months_after(date.fromisoformat(day), months) == date.fromisoformat(then)
