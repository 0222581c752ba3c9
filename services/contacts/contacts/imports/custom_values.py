"""Values of custom fields as people write them in tables, and how they are written there again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from contacts.custom_fields.domain import Definition, FieldType
from contacts.custom_fields.values import Unfit
from contacts.quality.calendar_date import normalise_date
from contacts.quality.currency import normalise_currency
from contacts.quality.problem import Problem, shown

_YES = frozenset({"true", "yes", "y", "1", "x", "✓", "是", "有", "對"})
_NO = frozenset({"false", "no", "n", "0", "否", "無", "沒有", "不是"})
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_MONEY = re.compile(r"(?P<before>[^\d+-]*)(?P<amount>[+-]?\d[\d,]*(?:\.\d+)?)(?P<after>[^\d]*)")
_BETWEEN = re.compile(r"[;；、\n]")


def value_of(definition: Definition, text: str, *, day_first: bool | None) -> Any:
    """What a cell says, as the API would have it; raises `Unfit`. Limits are checked elsewhere."""
    if definition.type is FieldType.DATE:
        return _date(text, day_first=day_first)
    read = _READERS.get(definition.type)
    return text.strip() if read is None else read(definition, text.strip())


def text_of(value: Any) -> str:
    """A value as a cell that `value_of` reads."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return f"{value['amount']} {value['currency']}"
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "" if value is None else str(value)


def _date(text: str, *, day_first: bool | None) -> str:
    found = normalise_date(text, day_first=day_first)
    if isinstance(found, Problem):
        raise Unfit(found.code, found.message)
    return found.isoformat() if isinstance(found, date) else ""


def _plain_number(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).replace(" ", "")
    return plain.replace(",", "") if _GROUPED.fullmatch(plain) else plain


def _number(_definition: Definition, text: str) -> str:
    return _plain_number(text)


def _money(_definition: Definition, text: str) -> dict[str, str]:
    match = _MONEY.fullmatch(unicodedata.normalize("NFKC", text))
    if match is None:
        raise Unfit("not_money", f"is “{shown(text)}”; write it like 1250.00 TWD")
    currency = normalise_currency((match["before"] + match["after"]).strip())
    if isinstance(currency, Problem):
        raise Unfit(currency.code, currency.message)
    return {"amount": _plain_number(match["amount"]), "currency": currency}


def _boolean(_definition: Definition, text: str) -> bool:
    word = text.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Unfit("not_a_boolean", f"is “{shown(text)}”; write true or false")


def _choice(definition: Definition, text: str) -> str:
    word = text.casefold()
    for choice in definition.choices:
        if word == choice.key or word in (label.casefold() for label in choice.label.values()):
            return choice.key
    return text


def _choices(definition: Definition, text: str) -> list[str]:
    words = _BETWEEN.split(text)
    words = text.split(",") if len(words) == 1 else words
    return [_choice(definition, word.strip()) for word in words if word.strip()]


_READERS: Mapping[FieldType, Callable[[Definition, str], Any]] = {
    FieldType.NUMBER: _number,
    FieldType.MONEY: _money,
    FieldType.BOOLEAN: _boolean,
    FieldType.CHOICE: _choice,
    FieldType.MULTI_CHOICE: _choices,
}
