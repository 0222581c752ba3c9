"""Which tickets are within a caller's reach: the one place that says so.

`own` are those assigned to the caller, and those without an assignee that are in a queue of one of
the caller's teams. `team` are those assigned to anybody in the caller's teams or below, and those in
a queue of one of these teams, whoever has them. What hangs on a ticket goes by its ticket.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.access.directory import load
from chassis.context import Reach
from chassis.storage.database import OpenSession
from chassis.storage.scope import Scope
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.tickets.tables import tickets


def condition(
    reading: Reading | UnitOfWork, scope: Scope | None = None
) -> sa.ColumnElement[bool] | None:
    """The condition on rows of `tickets`, or None when all are within reach."""
    scope = reading.scope if scope is None else scope
    owned = scope.condition(tickets.c.assignee_id)
    if owned is None:
        return None
    team_ids = _team_ids(reading, scope)
    if not team_ids:
        return owned
    of_teams = tickets.c.team_id == sa.func.any(
        sa.cast(sorted(team_ids), ARRAY(PgUUID(as_uuid=True)))
    )
    if scope.reach is not Reach.TEAM:
        of_teams = sa.and_(of_teams, tickets.c.assignee_id.is_(None))
    return sa.or_(owned, of_teams)


def narrow(
    reading: Reading | UnitOfWork, statement: sa.Select[Any], scope: Scope | None = None
) -> sa.Select[Any]:
    """The statement over `tickets`, with those out of reach left out."""
    narrowing = condition(reading, scope)
    return statement if narrowing is None else statement.where(narrowing)


def within(table: str, prefix: str) -> str:
    """The same condition as SQL on a table of tickets, for statements that are compiled once."""
    return (
        f"(%({prefix}_all)s OR {table}.assignee_id = ANY (%({prefix}_owners)s::uuid[])"
        f" OR ({table}.team_id = ANY (%({prefix}_teams)s::uuid[])"
        f" AND (%({prefix}_whole)s OR {table}.assignee_id IS NULL)))"
    )


def parameters(
    reading: Reading | UnitOfWork, prefix: str, scope: Scope | None = None
) -> dict[str, Any]:
    """What `within` of this prefix stands for."""
    scope = reading.scope if scope is None else scope
    return {
        f"{prefix}_all": scope.owners is None,
        f"{prefix}_owners": sorted(scope.owners or ()),
        f"{prefix}_teams": sorted(_team_ids(reading, scope)),
        f"{prefix}_whole": scope.reach is Reach.TEAM,
    }


def ids_within(reading: Reading | UnitOfWork) -> sa.Select[Any] | None:
    """The ids of tickets within reach, for lists of what hangs on them; None for all."""
    narrowing = condition(reading)
    if narrowing is None:
        return None
    return sa.select(tickets.c.id).where(tickets.c.tenant_id == reading.caller.tenant_id, narrowing)


def allows(reading: Reading | UnitOfWork, ticket: Mapping[str, Any] | sa.RowMapping) -> bool:
    """Whether a ticket, as its row, is within reach."""
    scope = reading.scope
    if scope.allows(ticket["assignee_id"]):
        return True
    if ticket["team_id"] is None or ticket["team_id"] not in _team_ids(reading, scope):
        return False
    return scope.reach is Reach.TEAM or ticket["assignee_id"] is None


def _team_ids(reading: Reading | UnitOfWork, scope: Scope) -> frozenset[UUID]:
    """The caller's teams; with reach `team`, those below as well."""
    caller = reading.caller
    if not scope.owners or not caller.team_ids or caller.tenant_id is None:
        return frozenset()
    if scope.reach is not Reach.TEAM:
        return caller.team_ids
    snapshot = load(OpenSession(reading.connection), caller.tenant_id, None)
    if snapshot is None:
        return caller.team_ids
    found, pending = set[UUID](), list(caller.team_ids)
    while pending:
        team = pending.pop()
        if team not in found:
            found.add(team)
            pending.extend(snapshot.children.get(team, ()))
    return frozenset(found)
