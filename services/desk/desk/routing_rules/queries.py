"""Reads routing rules, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter, uuid_filter
from chassis.storage.unit_of_work import Reading
from desk.routing_rules.models import shown
from desk.routing_rules.storage import routing_rules, rule_of

_columns = routing_rules.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

ROUTING_RULES = ListSpec(
    key=_columns.id,
    sorts={"position": _columns.position, "created_at": _columns.created_at},
    default_sort="position",
    filters={
        "queue_id": uuid_filter(_columns.queue_id),
        "archived": archived_filter(_columns.archived_at),
    },
)


def get_routing_rule(reading: Reading, routing_rule_id: UUID) -> dict[str, Any]:
    """The rule as the API shows one. Raises `NotFound`."""
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == routing_rule_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("routing rule", routing_rule_id)
    return shown(rule_of(row))


def list_routing_rules(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of rules; archived ones only when they are asked for."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(reading.connection, base, lambda row: shown(rule_of(dict(row._mapping))))
