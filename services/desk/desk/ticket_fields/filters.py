"""Filters of tickets by fields that the tenant has defined: `custom.colour[in]=red,blue`.

The values of all tickets are in a table of their own as text, since that is what an index serves
under row-level security; so numbers are compared for equality alone, and dates and texts by their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from chassis.http.query_string import refuse
from chassis.storage.listing import (
    MAX_IN,
    OpenFilter,
    column_condition,
    read_text,
)
from chassis.storage.unit_of_work import Reading
from desk.ticket_fields.domain import FieldKind, TicketField
from desk.ticket_fields.storage import fields_by_key
from desk.tickets.tables import ticket_values, tickets

PREFIX: Final = "custom."
_EXACT = frozenset(("eq", "in"))
_ORDERED = frozenset(("eq", "in", "gt", "gte", "lt", "lte"))
_OPERATORS = {
    FieldKind.TEXT: _EXACT,
    FieldKind.NUMBER: _EXACT,
    FieldKind.BOOLEAN: _EXACT,
    FieldKind.CHOICE: _EXACT,
    FieldKind.DATE: _ORDERED,
}


def conditions_of(
    reading: Reading, filters: tuple[OpenFilter, ...]
) -> list[sa.ColumnElement[bool]]:
    """What the filters ask of tickets. Raises a 400 problem that names the parameter."""
    if not filters:
        return []
    fields = fields_by_key(reading)
    return [_condition(reading, fields, one) for one in filters]


def _condition(
    reading: Reading, fields: Mapping[str, TicketField], given: OpenFilter
) -> sa.ColumnElement[bool]:
    key = given.name.removeprefix(PREFIX)
    field = fields.get(key)
    if field is None:
        raise refuse(given.name, "unknown_parameter", "tickets have no such field")
    if given.operator not in _OPERATORS[field.kind]:
        raise refuse(given.name, "unknown_parameter", f"a {field.kind} is not compared so")
    columns = ticket_values.c
    found = sa.select(columns.ticket_id).where(
        columns.tenant_id == reading.caller.tenant_id,
        columns.key == key,
        column_condition(columns.value)(given.operator, _value(field, given)),
    )
    return tickets.c.id.in_(found)


def _value(field: TicketField, given: OpenFilter) -> Any:
    texts = given.text.split(",") if given.operator == "in" else [given.text]
    if len(texts) > MAX_IN:
        raise refuse(given.name, "parameter_invalid", f"has to have at most {MAX_IN}")
    try:
        values = [field.read_text(read_text(text)) for text in texts]
    except ValueError as error:
        raise refuse(given.name, "parameter_invalid", str(error)) from None
    return values if given.operator == "in" else values[0]
