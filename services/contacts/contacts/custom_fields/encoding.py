"""Writes values as text that sorts as the values do.

Under row-level security PostgreSQL uses an index only for leakproof operators. Those of text are,
those of `numeric` and `jsonb` are not; so filters compare text, byte by byte (collation "C").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from contacts.custom_fields.domain import FieldType

LONGEST_INDEXED = 400
"""How many characters of a text count in filters; an index entry has room for no more."""

_MOST_DIGITS = 500
_COMPLEMENT = str.maketrans("0123456789", "9876543210")


def sortable_number(number: Decimal) -> str:
    """Text that sorts among others of its kind as the numbers do; equal numbers have one text.

    The sign comes first (`-`, `0`, `1`), then the exponent, then the digits. Of negative numbers
    everything is complemented, and ended by a character that sorts after all digits, since of two
    of them the longer one is the smaller. Raises ValueError beyond 500 digits.
    """
    sign, parts, exponent = number.as_tuple()
    digits = "".join(map(str, parts)).lstrip("0")
    if not digits:
        return "0"
    if not isinstance(exponent, int) or abs(magnitude := len(digits) + exponent) > _MOST_DIGITS:
        raise ValueError(f"{number} is out of range")
    text = f"{magnitude + _MOST_DIGITS:04d}{digits.rstrip('0')}"
    return f"-{text.translate(_COMPLEMENT)}~" if sign else f"1{text}"


def sortable_text(text: str) -> str:
    """The text as far as it counts; one that is longer differs from all that are not."""
    return text if len(text) <= LONGEST_INDEXED else text[:LONGEST_INDEXED] + "\U0010fffe"


def sortable_money(amount: Decimal, currency: str) -> str:
    """Amounts of one currency lie side by side; between currencies there is no order."""
    return currency + sortable_number(amount)


def _money(value: Any) -> tuple[str, ...]:
    return (sortable_money(Decimal(value["amount"]), value["currency"]),)


_TEXTS: Mapping[FieldType, Callable[[Any], tuple[str, ...]]] = {
    FieldType.TEXT: lambda value: (sortable_text(value),),
    FieldType.LINK: lambda value: (sortable_text(value),),
    FieldType.NUMBER: lambda value: (sortable_number(Decimal(value)),),
    FieldType.MONEY: _money,
    FieldType.BOOLEAN: lambda value: ("true" if value else "false",),
    FieldType.MULTI_CHOICE: tuple,
}


def index_texts(kind: FieldType, value: Any) -> tuple[str, ...]:
    """By what a value is found; several when it has several parts, in which order does not matter."""
    convert = _TEXTS.get(kind)
    return (value,) if convert is None else convert(value)
