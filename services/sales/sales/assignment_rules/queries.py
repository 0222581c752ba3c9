"""Reads assignment rules, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter, choice_filter
from chassis.storage.unit_of_work import Reading
from sales.assignment_rules.domain import Method
from sales.assignment_rules.models import shown
from sales.assignment_rules.storage import assignment_rules, rule_of

_columns = assignment_rules.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

ASSIGNMENT_RULES = ListSpec(
    key=_columns.id,
    sorts={"position": _columns.position, "created_at": _columns.created_at},
    default_sort="position",
    filters={
        "method": choice_filter(_columns.method, *Method),
        "archived": archived_filter(_columns.archived_at),
    },
)


def get_assignment_rule(reading: Reading, assignment_rule_id: UUID) -> dict[str, Any]:
    """The rule as the API shows one. Raises `NotFound`."""
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == assignment_rule_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("assignment rule", assignment_rule_id)
    return shown(rule_of(row))


def list_assignment_rules(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of rules; archived ones only when they are asked for."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(reading.connection, base, lambda row: shown(rule_of(dict(row._mapping))))
