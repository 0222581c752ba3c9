"""Filters that show dates, times, numbers and money as the reader is used to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent
from jinja2 import pass_context
from jinja2.exceptions import TemplateRuntimeError
from jinja2.runtime import Context

LOCALE = "_locale"
TIME_ZONE = "_time_zone"
"""Under which names the context holds the reader's; a template cannot reach or change them."""

_LENGTHS = frozenset({"short", "medium", "long", "full"})


def locale_of(language: str) -> Locale:
    """How things are written in a language; as in English where nobody has said it."""
    try:
        return Locale.parse(language, sep="-")
    except (ValueError, LookupError):
        return Locale("en")


def zone_of(name: str) -> tzinfo:
    """The time zone of that name, else UTC."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ValueError, OSError, LookupError):
        return UTC


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        moment = value
    else:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            raise TemplateRuntimeError(f"{_shown(value)} is no RFC 3339 time") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _day(value: Any, zone: tzinfo) -> date:
    if isinstance(value, str) and len(value) == len("2026-01-31"):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise TemplateRuntimeError(f"{_shown(value)} is no ISO date") from None
    return _moment(value).astimezone(zone).date()


def _number(value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise TemplateRuntimeError(f"{_shown(value)} is no number") from None
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise TemplateRuntimeError(f"{_shown(value)} is no number to be written out")
    return number


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 50 else f"{text[:50]}…"


def _length(length: str) -> str:
    if length not in _LENGTHS:
        raise TemplateRuntimeError(f"a date or time is {', '.join(sorted(_LENGTHS))}")
    return length


@pass_context
def show_date(context: Context, value: Any, length: str = "medium") -> str:
    """A day: of an ISO date, or of a time as it is where the reader lives."""
    day = _day(value, context[TIME_ZONE])
    return format_date(day, _length(length), locale=context[LOCALE])


@pass_context
def show_datetime(context: Context, value: Any, length: str = "medium") -> str:
    """A moment, where the reader lives."""
    return format_datetime(
        _moment(value), _length(length), tzinfo=context[TIME_ZONE], locale=context[LOCALE]
    )


@pass_context
def show_time(context: Context, value: Any, length: str = "short") -> str:
    """The time of day of a moment, where the reader lives."""
    return format_time(
        _moment(value), _length(length), tzinfo=context[TIME_ZONE], locale=context[LOCALE]
    )


@pass_context
def show_duration(context: Context, seconds: Any) -> str:
    """Roughly how long so many seconds are: `3 days`."""
    length = min(int(_number(seconds)), 10**11)
    return format_timedelta(length, locale=context[LOCALE])


@pass_context
def show_money(context: Context, value: Any, currency: str = "") -> str:
    """An amount with its currency: of `{"amount": "1250.00", "currency": "TWD"}`, or a number."""
    if isinstance(value, dict):
        value, currency = value.get("amount"), currency or str(value.get("currency", ""))
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise TemplateRuntimeError("money needs a currency, an ISO 4217 code")
    return format_currency(_number(value), currency, locale=context[LOCALE])


@pass_context
def show_number(context: Context, value: Any) -> str:
    """A number with the signs between its digits that the reader is used to."""
    return format_decimal(_number(value), locale=context[LOCALE])


@pass_context
def show_percent(context: Context, value: Any) -> str:
    """A share of one: 0.25 as 25%."""
    return format_percent(_number(value), locale=context[LOCALE])


@pass_context
def show_list(
    context: Context, values: Any, style: Literal["standard", "or", "unit"] = "standard"
) -> str:
    """A list in words: `mails, calls and letters`. Other styles: `or`, `unit`."""
    if style not in ("standard", "or", "unit"):
        raise TemplateRuntimeError("a list is standard, or, unit")
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise TemplateRuntimeError(f"{_shown(values)} is no list")
    return format_list([str(value) for value in values], style, locale=context[LOCALE])


@pass_context
def in_language(context: Context, texts: Any) -> str:
    """The one of some texts by language that the reader understands best: `{"en": …}`."""
    if not isinstance(texts, dict):
        raise TemplateRuntimeError(f"{_shown(texts)} are no texts by language")
    for tag in context["_languages"]:
        if texts.get(tag):
            return str(texts[tag])
    return str(next((text for text in texts.values() if text), ""))


FORMATTING: Mapping[str, Callable[..., str]] = {
    "date": show_date,
    "datetime": show_datetime,
    "time": show_time,
    "duration": show_duration,
    "money": show_money,
    "number": show_number,
    "percent": show_percent,
    "in_words": show_list,
    "in_language": in_language,
}
