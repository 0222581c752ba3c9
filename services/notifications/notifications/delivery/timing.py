"""When a message may go out: at its local time, and not in quiet hours (NO-5)."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from notifications.messages.domain import Schedule
from notifications.policies.domain import Rules, next_local, zone_of


def not_before(
    schedule: Schedule, rules: Rules, time_zone: str, created_at: datetime
) -> datetime | None:
    """The moment that a message has to wait for by its own schedule."""
    if schedule.local_time is None:
        return None
    begin = max(schedule.send_at or created_at, created_at)
    return local_moment(begin, schedule.local_time, time_zone, rules)


def local_moment(begin: datetime, at: time, time_zone: str, rules: Rules) -> datetime:
    """The first moment from `begin` on at which the recipient's clock shows `at`.

    At the very moment counts, too: a message made at nine for nine is not a day late.
    """
    zone = zone_of(time_zone, rules.time_zone)
    return next_local(begin - timedelta(microseconds=1), at, zone)


def quiet_until(rules: Rules, time_zone: str, now: datetime, *, promotional: bool) -> datetime:
    """When quiet hours that hold now are over; `now` when none do."""
    if rules.quiet_hours is None or not rules.bind(promotional=promotional):
        return now
    return rules.quiet_hours.over_at(now, zone_of(time_zone, rules.time_zone))
