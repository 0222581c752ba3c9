"""Who is told of what nobody in a team takes care of: whoever leads it."""

from __future__ import annotations

from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork


def leader_of(tx: UnitOfWork, team_id: UUID) -> UUID | None:
    """Who leads a team: its manager, or the nearest above it, who may sign in."""
    row = tx.fetch_one(_NEAREST, {"tenant_id": tx.tenant_id, "team_id": team_id})
    return None if row is None else UUID(str(row["manager_id"]))


_NEAREST = Statement(
    """
    WITH RECURSIVE above AS (
        SELECT team_id, parent_team_id, manager_id, 1 AS steps FROM team_managers
        WHERE tenant_id = %(tenant_id)s AND team_id = %(team_id)s
        UNION ALL
        SELECT m.team_id, m.parent_team_id, m.manager_id, above.steps + 1
        FROM above JOIN team_managers m ON m.tenant_id = %(tenant_id)s
            AND m.team_id = above.parent_team_id
        WHERE above.steps < 50
    )
    SELECT manager_id FROM above WHERE manager_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM colleagues c WHERE c.tenant_id = %(tenant_id)s
            AND c.user_id = above.manager_id AND c.status <> 'active'
    )
    ORDER BY steps LIMIT 1
    """
)
