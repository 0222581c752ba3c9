"""When points expire, by the program's policy, and when members are told beforehand."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from loyalty.programs.domain import ExpiryEnd, ExpiryKind, ExpiryPolicy


def expiry_of(policy: ExpiryPolicy, earned_at: datetime, zone: ZoneInfo) -> datetime | None:
    """The first instant at which points that are earned now have expired.

    It begins a day of the member's zone. None where points have no time of their own.
    """
    earned_on = earned_at.astimezone(zone).date()
    if policy.kind is ExpiryKind.AFTER_MONTHS:
        return end_of(_end(months_after(earned_on, policy.months), policy.at_end_of), zone)
    if policy.kind is ExpiryKind.ON_DAY:
        earliest = months_after(earned_on, policy.months)
        on = _day_in(earliest.year, policy.month, policy.day)
        if on < earliest:
            on = _day_in(earliest.year + 1, policy.month, policy.day)
        return end_of(on, zone)
    return None


def idle_from(policy: ExpiryPolicy, active_at: datetime, zone: ZoneInfo) -> datetime | None:
    """When points expire if the member does nothing after this; None unless the policy says so."""
    if policy.kind is not ExpiryKind.INACTIVITY:
        return None
    return end_of(months_after(active_at.astimezone(zone).date(), policy.months), zone)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant after a day of a zone, in UTC; also where clocks are put forward at midnight."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def last_day(expires_at: datetime, zone: ZoneInfo) -> date:
    """The last day of a zone on any part of which points can be spent that have expired then."""
    return (expires_at - timedelta(microseconds=1)).astimezone(zone).date()


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where it has fewer days."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def first_notice(policy: ExpiryPolicy, expires_at: datetime) -> datetime:
    """When a member is first told, or the points expire where nobody is told."""
    return expires_at - timedelta(days=max(policy.notice_days, default=0))


def _end(day: date, end: ExpiryEnd) -> date:
    if end is ExpiryEnd.MONTH:
        return day.replace(day=monthrange(day.year, day.month)[1])
    if end is ExpiryEnd.YEAR:
        return date(day.year, 12, 31)
    return day


def _day_in(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))
