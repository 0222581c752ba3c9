"""When points expire by each policy: days of the member's zone, whatever its clocks do (LO-4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.expiry.domain import expiry_of, idle_from, last_day, months_after
from loyalty.programs.domain import ExpiryEnd, ExpiryKind, ExpiryPolicy

TAIPEI, BERLIN, BEIRUT = ZoneInfo("Asia/Taipei"), ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Beirut")
ZONES = st.sampled_from([TAIPEI, BERLIN, BEIRUT, ZoneInfo("Pacific/Apia"), ZoneInfo("UTC")])
TIMES = st.integers(0, 15 * 365 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def after(months: int, end: ExpiryEnd = ExpiryEnd.DAY) -> ExpiryPolicy:
    """So many months after they were earned."""
    return ExpiryPolicy(ExpiryKind.AFTER_MONTHS, months, end)


@pytest.mark.parametrize(
    ("policy", "earned", "zone", "last"),
    [
        (after(1), "2031-01-31T20:00+08:00", TAIPEI, "2031-02-28"),
        (after(12), "2032-02-29T12:00+08:00", TAIPEI, "2033-02-28"),
        (after(48), "2032-02-29T12:00+08:00", TAIPEI, "2036-02-29"),
        (after(1, ExpiryEnd.MONTH), "2031-01-05T12:00+08:00", TAIPEI, "2031-02-28"),
        (after(12, ExpiryEnd.YEAR), "2031-01-05T12:00+08:00", TAIPEI, "2032-12-31"),
        # In Taipei it is February already, in Berlin still January.
        (after(1), "2031-01-31T20:00+00:00", TAIPEI, "2031-03-01"),
        (after(1), "2031-01-31T20:00+00:00", BERLIN, "2031-02-28"),
        (ExpiryPolicy(ExpiryKind.ON_DAY), "2031-05-05T12:00+08:00", TAIPEI, "2031-12-31"),
        (
            ExpiryPolicy(ExpiryKind.ON_DAY, months=12, month=2, day=29),
            "2031-05-05T12:00+08:00",
            TAIPEI,
            "2033-02-28",
        ),
    ],
)
def test_points_last_up_to_the_end_of_a_day(
    policy: ExpiryPolicy, earned: str, zone: ZoneInfo, last: str
) -> None:
    expires_at = expiry_of(policy, datetime.fromisoformat(earned), zone)
    assert expires_at is not None
    assert last_day(expires_at, zone).isoformat() == last


def test_a_day_ends_once_also_where_clocks_are_put_forward_at_midnight() -> None:
    expires_at = expiry_of(after(1), datetime(2025, 2, 28, 12, tzinfo=UTC), BEIRUT)
    assert expires_at == datetime(2025, 3, 28, 22, tzinfo=UTC)
    before = expiry_of(after(1), datetime(2025, 3, 1, 12, tzinfo=UTC), BEIRUT)
    assert before is not None
    assert last_day(before, BEIRUT) == date(2025, 4, 1)


def test_points_without_a_time_of_their_own_have_none() -> None:
    now = datetime(2031, 1, 1, tzinfo=UTC)
    idle = ExpiryPolicy(ExpiryKind.INACTIVITY, months=6)
    assert expiry_of(ExpiryPolicy(), now, TAIPEI) is None
    assert expiry_of(idle, now, TAIPEI) is None
    assert idle_from(ExpiryPolicy(), now, TAIPEI) is None
    assert idle_from(idle, now, TAIPEI) == datetime(2031, 7, 1, 16, tzinfo=UTC)


@given(
    kind=st.sampled_from([ExpiryKind.AFTER_MONTHS, ExpiryKind.ON_DAY]),
    months=st.integers(1, 40),
    end=st.sampled_from(ExpiryEnd),
    earned=TIMES,
    zone=ZONES,
)
def test_points_always_last_their_months_and_whole_days(
    kind: ExpiryKind, months: int, end: ExpiryEnd, earned: datetime, zone: ZoneInfo
) -> None:
    expires_at = expiry_of(ExpiryPolicy(kind, months, end), earned, zone)
    assert expires_at is not None
    last = last_day(expires_at, zone)
    assert last >= months_after(earned.astimezone(zone).date(), months)
    assert expires_at.astimezone(zone).date() > last
    assert (expires_at - timedelta(seconds=1)).astimezone(zone).date() == last
