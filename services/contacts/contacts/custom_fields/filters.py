"""Filters by custom fields: `custom.<key>`, `custom.<key>[gte]`, `custom.<key>[in]`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from chassis.http.query_string import refuse
from chassis.storage.listing import MAX_IN, OpenFilter, Operator, column_condition
from chassis.storage.unit_of_work import Reading
from contacts.custom_fields.domain import Definition, FieldType, RecordKind
from contacts.custom_fields.encoding import (
    LONGEST_INDEXED,
    sortable_money,
    sortable_number,
    sortable_text,
)
from contacts.custom_fields.known_fields import KnownField, find_fields
from contacts.custom_fields.plain_text import value_of_text
from contacts.custom_fields.storage import VALUES
from contacts.custom_fields.values import Unfit, decimal_text, iso_date, money_of

PREFIX = "custom."

_CHOSEN: tuple[Operator, ...] = ("eq", "ne", "in")
_ORDERED: tuple[Operator, ...] = (*_CHOSEN, "gt", "gte", "lt", "lte")
_OPERATORS: Mapping[FieldType, tuple[Operator, ...]] = {
    FieldType.TEXT: (*_CHOSEN, "prefix"),
    FieldType.LINK: (*_CHOSEN, "prefix"),
    FieldType.NUMBER: _ORDERED,
    FieldType.MONEY: _ORDERED,
    FieldType.DATE: _ORDERED,
}


class _Operand(NamedTuple):
    """What a filter compares with: text as values are stored, and where its likes begin and end.

    The other end of a range is said too, also where the field alone would be enough: of one column
    with the values of all fields the planner then guesses better how many there are.
    """

    text: str
    least: str = ""
    beyond: str = ""


def narrowed(
    reading: Reading,
    kind: RecordKind,
    statement: sa.Select[Any],
    record_id: sa.ColumnElement[UUID],
    filters: tuple[OpenFilter, ...],
) -> sa.Select[Any]:
    """The statement with just those records that the filters let through.

    Raises a 400 problem for a field that is not defined, and for an operator or a value that does
    not go with its type.
    """
    if not filters:
        return statement
    keys = [each.name.removeprefix(PREFIX) for each in filters]
    fields = find_fields(reading, kind, keys)
    for key, each in zip(keys, filters, strict=True):
        known = fields.get(key)
        if known is None:
            raise refuse(each.name, "unknown_parameter", f"there is no custom field {key[:60]!r}")
        found = _matching(reading, kind, known, each)
        is_among = record_id.in_(found)
        statement = statement.where(~is_among if each.operator == "ne" else is_among)
    return statement


def _matching(
    reading: Reading, kind: RecordKind, known: KnownField, asked: OpenFilter
) -> sa.Select[Any]:
    """The records whose value is as asked; for `ne`, those that are to be left out."""
    operators = _OPERATORS.get(known.definition.type, _CHOSEN)
    name = asked.name if asked.operator == "eq" else f"{asked.name}[{asked.operator}]"
    if asked.operator not in operators:
        allowed = ", ".join(operators)
        raise refuse(name, "unknown_parameter", f"the operator has to be one of {allowed}")
    try:
        condition = _condition(VALUES[kind].c.value, known.definition, asked)
    except Unfit as error:
        raise refuse(name, "parameter_invalid", error.message) from None
    values = VALUES[kind].c
    return sa.select(values.record_id).where(
        values.tenant_id == reading.caller.tenant_id, values.field_id == known.id, condition
    )


def _condition(
    value: sa.ColumnElement[str], definition: Definition, asked: OpenFilter
) -> sa.ColumnElement[bool]:
    compare = column_condition(value)
    if asked.operator == "in":
        words = asked.text.split(",")
        if len(words) > MAX_IN:
            raise Unfit("parameter_invalid", f"takes at most {MAX_IN} values")
        return compare("in", [_operand(definition, word).text for word in words])
    operand = _operand(definition, asked.text)
    if asked.operator in ("gt", "gte"):
        return sa.and_(compare(asked.operator, operand.text), value < operand.beyond)
    if asked.operator in ("lt", "lte"):
        return sa.and_(value >= operand.least, compare(asked.operator, operand.text))
    return compare("eq" if asked.operator == "ne" else asked.operator, operand.text)


def _operand(definition: Definition, text: str) -> _Operand:
    """Raises `Unfit`. Limits do not matter here: values may be older than they are."""
    match definition.type:
        case FieldType.NUMBER:
            return _Operand(sortable_number(Decimal(decimal_text(text))), "-", "2")
        case FieldType.MONEY:
            money = money_of(value_of_text(definition, text))
            amount = sortable_money(Decimal(money["amount"]), money["currency"])
            return _Operand(amount, money["currency"], money["currency"] + "2")
        case FieldType.DATE:
            return _Operand(iso_date(text), "0", ":")
        case FieldType.BOOLEAN:
            return _Operand("true" if value_of_text(definition, text) else "false")
        case FieldType.CHOICE | FieldType.MULTI_CHOICE:
            if definition.choice(text) is None:
                known = ", ".join(choice.key for choice in definition.choices)
                raise Unfit("parameter_invalid", f"has to be one of {known}")
        case FieldType.REFERENCE:
            return _Operand(_identifier(text))
    if len(text) > LONGEST_INDEXED:
        raise Unfit("parameter_invalid", f"has to be text of at most {LONGEST_INDEXED} characters")
    return _Operand(sortable_text(text))


def _identifier(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise Unfit("parameter_invalid", "has to be a UUID") from None
