"""Reads time rules, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter, boolean_filter
from chassis.storage.unit_of_work import Reading
from desk.time_rules.models import shown
from desk.time_rules.storage import rule_of, time_rules

_columns = time_rules.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

TIME_RULES = ListSpec(
    key=_columns.id,
    sorts={"position": _columns.position, "created_at": _columns.created_at},
    default_sort="position",
    filters={
        "active": boolean_filter(_columns.active),
        "archived": archived_filter(_columns.archived_at),
    },
)


def get_time_rule(reading: Reading, time_rule_id: UUID) -> dict[str, Any]:
    """The time rule as the API shows one. Raises `NotFound`."""
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == time_rule_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("time rule", time_rule_id)
    return shown(rule_of(row))


def list_time_rules(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of time rules; archived ones only when they are asked for."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(reading.connection, base, lambda row: shown(rule_of(dict(row._mapping))))
