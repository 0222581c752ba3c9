"""Filters of lists over the keys that people and companies can be found by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from chassis.storage.listing import FilterField, Operator, read_text


def key_filter(
    record: sa.Table, owner: sa.Column[Any], kind: str, normal: Callable[[str], str]
) -> FilterField:
    """Those of `record` that have a key of this kind in its normal form.

    `owner` is the column of the table of keys that names the record. The comparison is plain
    equality, so that the index serves under row-level security.
    """
    keys = owner.table.c

    def condition(operator: Operator, value: Any) -> sa.ColumnElement[bool]:
        wanted = [normal(each) for each in (value if operator == "in" else [value])]
        found = sa.select(owner).where(
            keys.tenant_id == record.c.tenant_id, keys.kind == kind, keys.key.in_(wanted)
        )
        return record.c.id.in_(found)

    return FilterField(read_text, condition, ("eq", "in"), {"type": "string"})


def handle_filter(record: sa.Table, owner: sa.Column[Any]) -> FilterField:
    """Those of `record` that have a handle, written `network:handle`, as in `line:ming`."""
    schema = {"type": "string", "pattern": "^[^:]+:.+$", "examples": ["line:ming"]}
    return replace(key_filter(record, owner, "handle", str), read=_read_handle, schema=schema)


def _read_handle(text: str) -> str:
    network, _, handle = text.partition(":")
    if not network or not handle:
        raise ValueError("has to be a network and a handle, as in line:ming")
    return f"{network.lower()}:{handle}"
