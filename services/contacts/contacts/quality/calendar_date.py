"""Dates as people and exports write them: ISO, compact, Chinese, the Republic of China's years, with month names."""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from contacts.quality.problem import Problem, shown

_MAX_DATE = 60
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{2}:\d{2}.*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_FIRST = re.compile(
    r"(\d{4})\s*[./年]\s*(\d{1,2})\s*[./月]\s*(\d{1,2})\s*日?(?:\s+\d{1,2}:\d{2}.*)?"
)
_REPUBLIC = re.compile(
    r"(?:民國|民国|ROC)\s*(\d{1,3})\s*[./年-]\s*(\d{1,2})\s*[./月-]\s*(\d{1,2})\s*日?",
    re.IGNORECASE,
)
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4})(?:\s+\d{1,2}:\d{2}.*)?")
_DAY_NAMED_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]{3,9})\.?,?[\s-]+(\d{4})", re.IGNORECASE
)
_NAMED_MONTH_DAY = re.compile(
    r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", re.IGNORECASE
)
_WITHOUT_YEAR = re.compile(r"--(\d{2})-?(\d{2})|(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_MONTHS = (
    "january february march april may june july august september october november december"
).split()
_REPUBLIC_BEGAN = 1911
_LAST_MONTH = 12


def _month_named(name: str) -> int:
    found = [i for i, month in enumerate(_MONTHS, 1) if month.startswith(name.lower())]
    return found[0] if len(found) == 1 else 0


def _parts(text: str, *, day_first: bool | None) -> tuple[int, int, int] | Problem | None:
    """Year, month and day; a problem where the order is not certain; None where it is no date."""
    if match := _ISO.fullmatch(text) or _COMPACT.fullmatch(text) or _YEAR_FIRST.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _REPUBLIC.fullmatch(text):
        return int(match[1]) + _REPUBLIC_BEGAN, int(match[2]), int(match[3])
    if match := _YEAR_LAST.fullmatch(text):
        numbers = int(match[1]), int(match[2]), int(match[3])
        return _day_and_month(*numbers, text, day_first=day_first)
    if match := _DAY_NAMED_MONTH.fullmatch(text):
        return int(match[3]), _month_named(match[2]), int(match[1])
    if match := _NAMED_MONTH_DAY.fullmatch(text):
        return int(match[3]), _month_named(match[1]), int(match[2])
    if _WITHOUT_YEAR.fullmatch(text):
        return Problem("date_without_year", f"“{shown(text)}” has no year")
    return None


def _day_and_month(
    first: int, second: int, year: int, text: str, *, day_first: bool | None
) -> tuple[int, int, int] | Problem:
    if first > _LAST_MONTH or second > _LAST_MONTH:
        return (year, second, first) if first > _LAST_MONTH else (year, first, second)
    if day_first is None and first != second:
        return Problem(
            "date_ambiguous", f"“{shown(text)}” may mean two days; write it as year-month-day"
        )
    return (year, second, first) if day_first else (year, first, second)


def normalise_date(raw: str, *, day_first: bool | None = None) -> date | Problem | None:
    """The day; empty is None. `day_first` decides 3/4/1990 where the digits do not (None: it is a problem)."""
    if len(raw) > _MAX_DATE:
        return Problem("date_unreadable", f"“{shown(raw)}” is too long for a date")
    return _date(raw, day_first=day_first)


@lru_cache(maxsize=16_384)
def _date(raw: str, *, day_first: bool | None) -> date | Problem | None:
    text = (raw if raw.isascii() else unicodedata.normalize("NFKC", raw)).strip()
    if not text:
        return None
    parts = _parts(text, day_first=day_first)
    if isinstance(parts, Problem):
        return parts
    if parts is None:
        return Problem(
            "date_unreadable", f"“{shown(text)}” is not a date; write it as year-month-day"
        )
    try:
        return date(*parts)
    except ValueError:
        return Problem("date_impossible", f"“{shown(text)}” is no day of the calendar")
