"""Reads approval rules, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.http.money import decimal_out
from chassis.storage.listing import Listing, ListSpec
from chassis.storage.unit_of_work import Reading
from sales.quote_approvals.storage import quote_approval_rules

_columns = quote_approval_rules.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))

APPROVAL_RULES = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="created_at",
    filters={},
)


def get_approval_rule(reading: Reading, approval_rule_id: UUID) -> dict[str, Any]:
    """The rule as the API shows one. Raises `NotFound`."""
    statement = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == approval_rule_id
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("approval rule", approval_rule_id)
    return _present(row._mapping)


def list_approval_rules(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of rules."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(reading.connection, base, lambda row: _present(row._mapping))


def _present(row: Mapping[Any, Any]) -> dict[str, Any]:
    shown = {column.name: row[column] for column in _shown.selected_columns}
    return {**shown, "over_percent": decimal_out(shown["over_percent"])}
