"""Reads rules, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from google.protobuf.descriptor import Descriptor

from chassis.context import Caller
from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    boolean_filter,
    choice_filter,
    text_filter,
)
from chassis.storage.unit_of_work import Reading
from notifications.feed.rights import readable
from notifications.feed.storage import fact_positions, feed_facts
from notifications.rules.checking import ABOUT_MESSAGES
from notifications.rules.domain import RuleDefinition
from notifications.rules.fields import ENVELOPE, FieldKind, fields_of
from notifications.rules.storage import choice_of, definition_of, rules
from notifications.templates.channels import Channel

_columns = rules.c
_LOOKED_AT = 20_000
_shown = tuple(column for column in _columns if column.name != "tenant_id")

RULES = ListSpec(
    key=_columns.id,
    sorts={"name": _columns.name, "created_at": _columns.created_at},
    default_sort="name",
    filters={
        "fact_type": text_filter(_columns.fact_type),
        "template": text_filter(_columns.template),
        "channel": choice_filter(_columns.channel, *Channel),
        "enabled": boolean_filter(_columns.enabled),
    },
)


def list_rules(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of rules."""
    statement = sa.select(*_shown).where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(reading.connection, statement, lambda row: _present(row._mapping))


def get_rule(reading: Reading, rule_id: UUID) -> dict[str, Any]:
    """The rule. Raises `NotFound`."""
    return _present(_found(reading, rule_id))


def definition(reading: Reading, rule_id: UUID) -> RuleDefinition:
    """What the rule says. Raises `NotFound`."""
    return definition_of(_found(reading, rule_id))


def recent_facts(reading: Reading, fact_type: str, count: int) -> list[Mapping[str, Any]]:
    """The facts of a type that were stored last, the latest first.

    Among the tenant's last twenty thousand: further back nobody looks for the sake of a trial.
    """
    facts = feed_facts.c
    latest = (
        sa.select(fact_positions.c.position)
        .where(fact_positions.c.tenant_id == reading.caller.tenant_id)
        .scalar_subquery()
    )
    statement = (
        sa.select(facts.id, facts.aggregate_id, facts.actor, facts.occurred_at, facts.data)
        .where(
            facts.tenant_id == reading.caller.tenant_id,
            facts.position > latest - _LOOKED_AT,
            facts.type == fact_type,
        )
        .order_by(facts.position.desc())
        .limit(count)
    )
    return [dict(row) for row in reading.connection.execute(statement).mappings()]


def facts_for_rules(caller: Caller) -> dict[str, Any]:
    """The types of facts that the caller's rules can wait for, with their fields."""
    items = [
        {
            "type": kind.name,
            "fields": [
                *_fields(fields_of(cast("Descriptor", kind.message.DESCRIPTOR))),
                *_fields(ENVELOPE.items()),
            ],
        }
        for kind in readable(caller)
        if not kind.name.startswith(ABOUT_MESSAGES)
    ]
    return {"items": items}


def _fields(found: Any) -> list[dict[str, Any]]:
    return [_field(path, kind) for path, kind in found]


def _field(path: str, kind: FieldKind) -> dict[str, Any]:
    return {"path": path, "type": kind.type, "list": kind.is_list, "words": kind.words}


def _present(row: sa.RowMapping) -> dict[str, Any]:
    return {**row, "recipient": choice_of(row["recipient"])}


def _found(reading: Reading, rule_id: UUID) -> sa.RowMapping:
    statement = sa.select(*_shown).where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == rule_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("rule", rule_id)
    return row
