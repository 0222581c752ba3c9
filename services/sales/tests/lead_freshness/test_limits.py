"""How old makes how fresh, for any limits and ages (SA-4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sales.lead_facts.domain import Freshness
from sales.lead_freshness.domain import FreshnessLimits

SINCE = datetime(2026, 1, 5, 9, tzinfo=UTC)
ORDER = list(Freshness)
LIMITS = st.lists(st.integers(1, 5_000), min_size=3, max_size=3, unique=True).map(
    lambda hours: FreshnessLimits(*sorted(hours))
)


@given(LIMITS, st.lists(st.integers(0, 6_000), min_size=2, max_size=2))
def test_who_waits_longer_is_never_fresher(limits: FreshnessLimits, hours: list[int]) -> None:
    earlier, later = (
        limits.freshness(SINCE, SINCE + timedelta(hours=one)) for one in sorted(hours)
    )
    assert ORDER.index(earlier) <= ORDER.index(later)


@given(LIMITS)
def test_each_change_comes_when_it_was_told_to(limits: FreshnessLimits) -> None:
    now, seen = SINCE, [limits.freshness(SINCE, SINCE)]
    while (following := limits.next_change(SINCE, now)) is not None:
        assert limits.freshness(SINCE, following - timedelta(microseconds=1)) is seen[-1]
        seen.append(limits.freshness(SINCE, following))
        now = following
    assert seen == ORDER
    assert now == limits.stale_at(SINCE)
