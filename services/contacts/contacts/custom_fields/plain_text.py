"""Values in cells of a table and in query parameters: from plain text, and to it."""

from __future__ import annotations

from typing import Any

from contacts.custom_fields.domain import Definition, FieldType
from contacts.custom_fields.values import Unfit

SEPARATOR = ";"
"""Between the choices of a multi-choice field."""


def value_of_text(definition: Definition, text: str) -> Any:
    """What a text says, to be handed to `fitted`: money is like `1250.00 TWD`. Raises `Unfit`."""
    match definition.type:
        case FieldType.BOOLEAN:
            if text.lower() not in ("true", "false"):
                raise Unfit("not_a_boolean", "has to be true or false")
            return text.lower() == "true"
        case FieldType.MONEY:
            amount, _, currency = text.strip().partition(" ")
            if not currency:
                raise Unfit("not_money", "has to be an amount and a currency, like 1250.00 TWD")
            return {"amount": amount, "currency": currency.strip()}
        case FieldType.MULTI_CHOICE:
            return [part.strip() for part in text.split(SEPARATOR) if part.strip()]
    return text


def text_of_value(definition: Definition, value: Any) -> str:
    """The text that `value_of_text` reads back; nothing for no value."""
    if value is None:
        return ""
    match definition.type:
        case FieldType.BOOLEAN:
            return "true" if value else "false"
        case FieldType.MONEY:
            return f"{value['amount']} {value['currency']}"
        case FieldType.MULTI_CHOICE:
            return f"{SEPARATOR} ".join(value)
    return str(value)
