"""How macros are kept: one row each, and beside it how often each was used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from desk.macros import reach
from desk.macros.domain import Macro, MacroDefinition, Sharing
from desk.macros.tables import macros
from desk.ticket_actions.documents import actions_of, documents_of

_TIMES = ("created_at", "updated_at", "archived_at")


class MacrosRepository(Repository[Macro]):
    """Macros for a change, as far as the caller may change them."""

    table = macros
    kind = "macro"
    owner: ClassVar[str | None] = "owner_id"

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"macros": 0}
        return int(row["macros"])

    def count_use(self, macro_id: UUID) -> None:
        """Count a use of it; whoever else uses it at the same time waits until the commit."""
        about = {"tenant_id": self._tx.tenant_id, "macro_id": macro_id}
        self._tx.write(_USED, {**about, "now": self._tx.clock.now()})

    def _within_reach(
        self,
        aggregate_ids: list[UUID],
        owner: sa.Column[Any],  # noqa: ARG002 - more than an owner counts
    ) -> Sequence[sa.RowMapping]:
        statement = (
            sa.select(self.table)
            .where(self.table.c.tenant_id == self._tx.tenant_id, self.table.c.id.in_(aggregate_ids))
            .order_by(self.table.c.id)
            .with_for_update()
        )
        statement = statement.where(reach.changeable(self._tx))
        return self._tx.connection.execute(statement).mappings().all()

    def _aggregate(self, row: sa.RowMapping) -> Macro:
        return macro_of(row)

    def _row(self, aggregate: Macro) -> dict[str, Any]:
        definition = aggregate.definition
        return {
            "name": dict(definition.name),
            "actions": documents_of(definition.actions),
            "sharing": definition.sharing,
            "team_id": definition.team_id,
            "owner_id": aggregate.owner_id,
            **{name: getattr(aggregate, name) for name in _TIMES},
        }


def macro_of(row: Mapping[str, Any] | sa.RowMapping) -> Macro:
    """The macro that a row of the table stands for."""
    return Macro(
        id=row["id"],
        version=row["version"],
        definition=MacroDefinition(
            name=row["name"],
            actions=actions_of(row["actions"]),
            sharing=Sharing(row["sharing"]),
            team_id=row["team_id"],
        ),
        owner_id=row["owner_id"],
        **{name: row[name] for name in _TIMES},
    )


_COUNT = Statement("SELECT count(*) AS macros FROM macros WHERE tenant_id = %(tenant_id)s")
_USED = Statement(
    "INSERT INTO macro_uses (tenant_id, macro_id, uses, last_used_at)"
    " VALUES (%(tenant_id)s, %(macro_id)s, 1, %(now)s)"
    " ON CONFLICT (tenant_id, macro_id) DO UPDATE SET uses = macro_uses.uses + 1,"
    " last_used_at = greatest(macro_uses.last_used_at, excluded.last_used_at)"
)
