"""Reads agents with what they have on their hands, straight to the response."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    FilterField,
    Listing,
    ListSpec,
    Operator,
    archived_filter,
    choice_filter,
    read_uuid,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.agents.domain import AgentStatus
from desk.agents.storage import agents

_columns = agents.c
_uuid = _columns.id.type
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))


def _serves(_operator: Operator, queue_id: Any) -> sa.ColumnElement[bool]:
    return sa.literal(queue_id, _uuid) == sa.any_(_columns.queue_ids)


AGENTS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at, "id": _columns.id},
    default_sort="created_at",
    filters={
        "status": choice_filter(_columns.status, *AgentStatus),
        "queue_id": FilterField(read_uuid, _serves, ("eq",), {"type": "string", "format": "uuid"}),
        "archived": archived_filter(_columns.archived_at),
    },
)


def get_agent(reading: Reading | UnitOfWork, agent_id: UUID) -> dict[str, Any]:
    """An agent as the API shows one. Raises `NotFound`."""
    statement = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == agent_id
    )
    narrowed = reading.scope.narrow(statement, _columns.id)
    row = reading.connection.execute(narrowed).first()
    if row is None:
        raise NotFound.of("agent", agent_id)
    agent = dict(row._mapping)
    return {**agent, **_workload(workloads(reading, [agent_id]), agent_id)}


def list_agents(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of agents within reach; archived ones only when they are asked for."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    page = listing.fetch(reading.connection, reading.scope.narrow(base, _columns.id))
    loads = workloads(reading, [agent["id"] for agent in page["items"]])
    for agent in page["items"]:
        agent.update(_workload(loads, agent["id"]))
    return page


def workloads(
    reading: Reading | UnitOfWork, agent_ids: Collection[UUID]
) -> Mapping[UUID, Mapping[str, int]]:
    """How many open tickets each has, and how many that wait; who has none is missing."""
    if not agent_ids:
        return {}
    about = {"tenant_id": reading.caller.tenant_id, "agent_ids": list(agent_ids)}
    return {row["assignee_id"]: row for row in reading.fetch_all(WORKLOADS, about)}


def _workload(loads: Mapping[UUID, Mapping[str, int]], agent_id: UUID) -> dict[str, int]:
    load = loads.get(agent_id, {})
    return {
        "open_tickets": load.get("open_tickets", 0),
        "waiting_tickets": load.get("waiting_tickets", 0),
    }


WORKLOADS = Statement(
    "SELECT assignee_id, count(*) FILTER (WHERE status IN ('new', 'open')) AS open_tickets,"
    " count(*) FILTER (WHERE status NOT IN ('new', 'open')) AS waiting_tickets"
    " FROM tickets WHERE tenant_id = %(tenant_id)s AND assignee_id = ANY(%(agent_ids)s)"
    " AND status IN ('new', 'open', 'waiting_for_customer', 'waiting_for_third_party', 'on_hold')"
    " GROUP BY assignee_id"
)
