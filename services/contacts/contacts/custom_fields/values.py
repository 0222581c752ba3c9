"""What values of each type look like, and how they are brought into normal form.

A value is JSON as the API has it: numbers and amounts are decimal strings, so that no digit is
lost on the way; dates are ISO; choices are the keys of choices; references are identifiers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pycountry

from contacts.custom_fields.domain import Definition, FieldType
from contacts.custom_fields.pattern import LONGEST_TEXT as LONGEST_WITH_PATTERN
from contacts.custom_fields.pattern import compiled

LONGEST_TEXT = 10_000
LONGEST_LINK = 2_000
MOST_CHOSEN = 100

_DECIMAL = re.compile(r"([+-]?)0*(\d{1,20})(?:\.(\d{1,10}))?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Unfit(ValueError):
    """A value that does not fit its field; the message goes on from the field's name."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def is_absent(given: object) -> bool:
    """Whether this says that there is no value: null, an empty text, an empty list."""
    return given is None or given in ("", [])


def fitted(definition: Definition, given: Any, before: Any = None) -> Any:
    """The value in normal form; raises `Unfit`.

    `before` is what the record held until now: a choice that was archived since may stay.
    """
    return _RULES[definition.type](definition, given, before)


def decimal_text(given: object, *, keep_scale: bool = False) -> str:
    """A decimal string in plain notation; raises `Unfit`. Only `keep_scale` leaves zeros at the end."""
    if not isinstance(given, str):
        raise Unfit("not_a_decimal", 'has to be a decimal number as text, like "12.5"')
    match = _DECIMAL.fullmatch(given)
    if match is None:
        wanted = "has to be a decimal number with at most 20 digits before the point and 10 after"
        raise Unfit("not_a_decimal", wanted)
    sign, whole, fraction = match[1], match[2], match[3] or ""
    fraction = fraction if keep_scale else fraction.rstrip("0")
    text = f"{whole}.{fraction}" if fraction else whole
    return f"-{text}" if sign == "-" and text.strip("0.") else text


def money_of(given: object) -> dict[str, str]:
    """An amount and its currency; raises `Unfit`."""
    if not isinstance(given, dict) or given.keys() != {"amount", "currency"}:
        raise Unfit("not_money", 'has to be like {"amount": "1250.00", "currency": "TWD"}')
    amount = decimal_text(given["amount"], keep_scale=True)
    currency = given["currency"]
    if not isinstance(currency, str) or currency not in currencies():
        raise Unfit("not_a_currency", "needs the ISO 4217 code of a currency, like TWD")
    return {"amount": amount, "currency": currency}


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """The codes of ISO 4217."""
    return frozenset(currency.alpha_3 for currency in pycountry.currencies)


def iso_date(given: object) -> str:
    """A calendar date; raises `Unfit`."""
    if isinstance(given, str) and _DATE.fullmatch(given):
        try:
            return date.fromisoformat(given).isoformat()
        except ValueError:
            raise Unfit("not_a_date", f"is {given}, which no calendar has") from None
    raise Unfit("not_a_date", "has to be a date like 2026-01-31")


def _text(definition: Definition, given: Any, _before: Any) -> str:
    if not isinstance(given, str):
        raise Unfit("not_text", "has to be text")
    text = unicodedata.normalize("NFC", given).strip()
    limits = definition.limits
    longest = LONGEST_WITH_PATTERN if limits.pattern else LONGEST_TEXT
    if limits.max_length is not None:
        longest = min(longest, limits.max_length)
    if len(text) > longest:
        raise Unfit("too_long", f"has {len(text)} characters, at most {longest}")
    if len(text) < (limits.min_length or 1):
        raise Unfit("too_short", f"has {len(text)} characters, at least {limits.min_length or 1}")
    if any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in text):
        raise Unfit("unprintable", "contains a control character")
    if limits.pattern is not None and not compiled(limits.pattern).matches(text):
        raise Unfit("pattern_mismatch", f"does not match the pattern {limits.pattern}")
    return text


def _number(definition: Definition, given: Any, _before: Any) -> str:
    text = decimal_text(given)
    _require_within(definition, text, Decimal)
    return text


def _money(definition: Definition, given: Any, _before: Any) -> dict[str, str]:
    money = money_of(given)
    _require_within(definition, money["amount"], Decimal)
    return money


def _date(definition: Definition, given: Any, _before: Any) -> str:
    text = iso_date(given)
    _require_within(definition, text, str)
    return text


def _require_within(definition: Definition, text: str, order: Callable[[str], Any]) -> None:
    limits = definition.limits
    if limits.minimum is not None and order(text) < order(limits.minimum):
        raise Unfit("too_small", f"is {text}, at least {limits.minimum}")
    if limits.maximum is not None and order(text) > order(limits.maximum):
        raise Unfit("too_large", f"is {text}, at most {limits.maximum}")


def _choice(definition: Definition, given: Any, before: Any) -> str:
    choice = definition.choice(given) if isinstance(given, str) else None
    if choice is None or (choice.archived and given != before):
        known = ", ".join(choice.key for choice in definition.choices if not choice.archived)
        raise Unfit("not_a_choice", f"has to be one of {known}")
    return choice.key


def _choices(definition: Definition, given: Any, before: Any) -> list[str]:
    if not isinstance(given, list) or len(given) > MOST_CHOSEN:
        raise Unfit("not_choices", f"has to be an array of at most {MOST_CHOSEN} choices")
    held = before if isinstance(before, list) else []
    keys = [_choice(definition, one, one if one in held else None) for one in given]
    return list(dict.fromkeys(keys))


def _boolean(_definition: Definition, given: Any, _before: Any) -> bool:
    if not isinstance(given, bool):
        raise Unfit("not_a_boolean", "has to be true or false")
    return given


def _link(_definition: Definition, given: Any, _before: Any) -> str:
    text = given.strip() if isinstance(given, str) else ""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or len(text) > LONGEST_LINK or any(c.isspace() or c < " " for c in text):
        wanted = f"has to be an http or https address of at most {LONGEST_LINK} characters"
        raise Unfit("not_a_link", wanted)
    return text


def _reference(definition: Definition, given: Any, _before: Any) -> str:
    try:
        return str(UUID(given))
    except (ValueError, TypeError, AttributeError):
        raise Unfit("not_an_id", f"has to be the id of a {definition.reference_to}") from None


_RULES: Mapping[FieldType, Callable[[Definition, Any, Any], Any]] = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.MONEY: _money,
    FieldType.DATE: _date,
    FieldType.CHOICE: _choice,
    FieldType.MULTI_CHOICE: _choices,
    FieldType.BOOLEAN: _boolean,
    FieldType.LINK: _link,
    FieldType.REFERENCE: _reference,
}


def merged(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Values after a change that mentions some of them (RFC 7396): null takes one away."""
    result = dict(before)
    for key, value in given.items():
        old = result.get(key)
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(old, dict):
            result[key] = merged(old, value)
        else:
            result[key] = value
    return result
