"""Whom a manager's step waits for: whoever leads the people of a team."""

from __future__ import annotations

from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork


def manager_of(tx: UnitOfWork) -> UUID | None:
    """Who leads the caller: the nearest manager of their teams, or above, who is not themselves."""
    about = {
        "tenant_id": tx.tenant_id,
        "team_ids": sorted(tx.caller.team_ids),
        "user_id": tx.caller.user_id,
    }
    row = tx.fetch_one(_NEAREST, about)
    return None if row is None else UUID(str(row["manager_id"]))


_NEAREST = Statement(
    """
    WITH RECURSIVE above AS (
        SELECT team_id, parent_team_id, manager_id, 1 AS steps FROM team_managers
        WHERE tenant_id = %(tenant_id)s AND team_id = ANY(%(team_ids)s)
        UNION ALL
        SELECT m.team_id, m.parent_team_id, m.manager_id, above.steps + 1
        FROM above JOIN team_managers m ON m.tenant_id = %(tenant_id)s
            AND m.team_id = above.parent_team_id
        WHERE above.steps < 50
    )
    SELECT manager_id FROM above WHERE manager_id IS NOT NULL AND manager_id <> %(user_id)s
    ORDER BY steps, team_id LIMIT 1
    """
)
