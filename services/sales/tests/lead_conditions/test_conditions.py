"""What holds of a lead: texts without regard to case, numbers, what is there and what is not (SA-2)."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from sales.lead_conditions.domain import Comparison, LeadCondition, LeadField
from sales.lead_facts.domain import Origin
from sales.leads.domain import Lead, LeadDetails, LeadState

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
LEAD = Lead(
    id=UUID(int=1),
    state=LeadState.OPEN,
    details=LeadDetails(
        email="ada@engines.example",
        job_title="Managing Director",
        country="TW",
        postal_code="106",
        company_size=250,
        owner_id=UUID(int=7),
    ),
    origin=Origin(source="Fair", campaign="spring"),
    touches=1,
    first_touch_at=NOW,
    last_touch_at=NOW,
    fresh_since=NOW,
    captured_at=NOW,
    updated_at=NOW,
    score=-5,
    recycled=2,
)


@pytest.mark.parametrize(
    ("field", "comparison", "value", "holds"),
    [
        ("source", "is", ("web", "fair"), True),
        ("source", "is", ("web",), False),
        ("source", "is_not", ("web", "shop"), True),
        ("source", "is_not", ("web", "FAIR"), False),
        ("landing_page", "is_not", ("/espresso",), True),
        ("postal_code", "starts_with", ("10", "11"), True),
        ("postal_code", "starts_with", ("2",), False),
        ("job_title", "contains", ("director",), True),
        ("job_title", "contains", ("intern",), False),
        ("owner_id", "is", (str(UUID(int=7)),), True),
        ("qualification", "is", ("pending",), True),
        ("phone", "absent", None, True),
        ("phone", "present", None, False),
        ("email", "present", None, True),
        ("company_size", "at_least", 250, True),
        ("company_size", "at_least", 251, False),
        ("company_size", "at_most", 250, True),
        ("score", "at_most", 0, True),
        ("recycled", "at_least", 3, False),
    ],
)
def test_a_condition_holds_or_not(
    field: str, comparison: str, value: tuple[str, ...] | int | None, *, holds: bool
) -> None:
    condition = LeadCondition(
        LeadField(field),
        Comparison(comparison),
        values=value if isinstance(value, tuple) else (),
        number=value if isinstance(value, int) else None,
    )
    assert condition.holds(LEAD) is holds


def test_a_size_that_nobody_knows_is_neither_large_nor_small() -> None:
    unknown = Lead(**{**vars(LEAD), "details": LeadDetails(email="a@b.example"), "recorded": []})
    for comparison in (Comparison.AT_LEAST, Comparison.AT_MOST):
        assert not LeadCondition(LeadField.COMPANY_SIZE, comparison, number=0).holds(unknown)
