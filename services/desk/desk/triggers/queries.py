"""Reads triggers and their firings, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.conditions.evaluation import Value
from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    archived_filter,
    boolean_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.scope import Scope
from chassis.storage.unit_of_work import Reading
from desk.ticket_actions.effects import Worded, does_anything, effects_of
from desk.ticket_actions.seeing import values_seen
from desk.ticket_actions.wordings import wording_for
from desk.ticket_vocabulary import MEANINGS
from desk.tickets import reach
from desk.tickets.domain import Ticket
from desk.tickets.storage import within_reach
from desk.tickets.tables import tickets
from desk.triggers.domain import Trigger
from desk.triggers.models import shown
from desk.triggers.storage import trigger_firings, trigger_of, triggers
from desk.triggers.vocabulary import (
    EVENT_MEANINGS,
    TRIGGER_VARIABLES,
    Happened,
    trigger_condition,
)

TICKETS_READ = "desk.tickets.read"
_columns = triggers.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_firings = trigger_firings.c
_all_firings = sa.select(
    *(column for column in _firings if column.name not in ("tenant_id", "fact_id"))
)

TRIGGERS = ListSpec(
    key=_columns.id,
    sorts={"position": _columns.position, "created_at": _columns.created_at},
    default_sort="position",
    filters={
        "active": boolean_filter(_columns.active),
        "archived": archived_filter(_columns.archived_at),
    },
)
FIRINGS = ListSpec(
    key=_firings.id,
    sorts={"at": _firings.at},
    default_sort="-at",
    filters={
        "trigger_id": uuid_filter(_firings.trigger_id),
        "ticket_id": uuid_filter(_firings.ticket_id),
        "at": time_filter(_firings.at),
    },
)


def get_trigger(reading: Reading, trigger_id: UUID) -> dict[str, Any]:
    """The trigger as the API shows one. Raises `NotFound`."""
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == trigger_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("trigger", trigger_id)
    return shown(trigger_of(row))


def list_triggers(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of triggers; archived ones only when they are asked for."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(
        reading.connection, base, lambda row: shown(trigger_of(dict(row._mapping)))
    )


def list_firings(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of what fired, about the tickets that the caller reaches."""
    tenant_id = reading.caller.tenant_id
    base = _all_firings.where(_firings.tenant_id == tenant_id)
    narrowing = reach.condition(reading, Scope.under(reading.caller, TICKETS_READ))
    if narrowing is not None:
        seen = sa.select(tickets.c.id).where(tickets.c.tenant_id == tenant_id, narrowing)
        base = base.where(_firings.ticket_id.in_(seen))
    return listing.fetch(reading.connection, base, lambda row: dict(row._mapping))


def vocabulary() -> dict[str, Any]:
    """What conditions of triggers can ask."""
    meanings = {**MEANINGS, **EVENT_MEANINGS}
    return {
        "variables": [
            {"name": name, "kind": kind, "meaning": meanings[name]}
            for name, kind in TRIGGER_VARIABLES.items()
        ]
    }


def simulate_triggers(reading: Reading, happened: Happened) -> dict[str, Any]:
    """Which triggers would fire about a ticket as it is, each by itself. Raises `NotFound`."""
    scope = Scope.under(reading.caller, TICKETS_READ)
    ticket = within_reach(replace(reading, scope=scope), happened.ticket_id)
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.archived_at.is_(None)
    ).order_by(_columns.position, _columns.id)
    found = [trigger_of(row) for row in reading.connection.execute(statement).mappings()]
    conditions = [one.definition.condition for one in found]
    values = {**values_seen(reading, ticket, conditions), **happened.values}
    worded = wording_for(reading, ticket)
    return {"triggers": [_simulated(one, ticket, happened, values, worded) for one in found]}


def _simulated(
    trigger: Trigger,
    ticket: Ticket,
    happened: Happened,
    values: Mapping[str, Value],
    worded: Worded,
) -> dict[str, Any]:
    reason, detail = _why_not(trigger, ticket, happened, values)
    actions = trigger.definition.actions
    return {
        "trigger_id": trigger.id,
        "name": trigger.definition.name,
        "position": trigger.definition.position,
        "fires": not reason,
        "reason": reason,
        "detail": detail,
        "effects": [] if reason else effects_of(ticket, actions, worded, None),
    }


def _why_not(
    trigger: Trigger, ticket: Ticket, happened: Happened, values: Mapping[str, Value]
) -> tuple[str, str]:
    definition = trigger.definition
    if not trigger.active:
        return "paused", ""
    if happened.event not in definition.events:
        return "other_event", ""
    if definition.condition:
        verdict = trigger_condition(definition.condition).judge(values)
        if verdict.problem is not None:
            return "condition_unanswered", verdict.problem
        if not verdict.holds:
            return "condition", ""
    return ("", "") if does_anything(ticket, definition.actions) else ("nothing_to_do", "")
