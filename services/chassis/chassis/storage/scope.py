"""How far the caller sees: the one place where rows are narrowed to own, team or all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.context import Caller, Reach


@dataclass(frozen=True, slots=True)
class Scope:
    """The owners whose records one request may see and change; None is everybody's.

    `reach` is what the owners come from: who is alone in their team has the same owners either way.
    """

    owners: frozenset[UUID] | None
    reach: Reach = Reach.OWN

    @classmethod
    def of(cls, caller: Caller, reach: Reach) -> Scope:
        """What `reach` means for this caller.

        A caller that is no user owns nothing and is in no team: only `ALL` shows it anything.
        """
        if reach is Reach.ALL:
            return EVERYTHING
        own = frozenset() if caller.user_id is None else frozenset((caller.user_id,))
        return cls(own if reach is Reach.OWN else own | caller.members, reach)

    @classmethod
    def under(cls, caller: Caller, permission: str) -> Scope:
        """What the caller sees under another permission than the one at hand; nothing without it."""
        reach = caller.reach(permission)
        return NOTHING if reach is None else cls.of(caller, reach)

    def allows(self, owner_id: UUID | None) -> bool:
        """Whether a record of this owner is within reach."""
        return self.owners is None or (owner_id is not None and owner_id in self.owners)

    def condition(self, owner: sa.ColumnElement[Any]) -> sa.ColumnElement[bool] | None:
        """The condition on the owner column, or None when there is nothing to narrow."""
        if self.owners is None:
            return None
        if len(self.owners) == 1:
            return owner == next(iter(self.owners))
        ids = sa.cast(sorted(self.owners), ARRAY(PgUUID(as_uuid=True)))
        return owner == sa.func.any(ids)

    def narrow(self, statement: sa.Select[Any], owner: sa.ColumnElement[Any]) -> sa.Select[Any]:
        """The statement, with rows out of reach left out."""
        condition = self.condition(owner)
        return statement if condition is None else statement.where(condition)


EVERYTHING = Scope(None, Reach.ALL)
NOTHING = Scope(frozenset())
