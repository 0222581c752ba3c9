"""How long ago something was, in calendar months."""

from __future__ import annotations

import calendar
from datetime import datetime


def months_before(at: datetime, months: int) -> datetime:
    """The same day and time so many months before, or the last day of a month that is too short."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return at.replace(year=year, month=month + 1, day=min(at.day, last))
