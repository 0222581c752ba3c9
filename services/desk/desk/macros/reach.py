"""Whose macros one sees, and which one may change: the one place that says so.

One sees what is shared, one's teams' and one's own; with reach `all` everybody's. One changes one's
own personal ones; with reach `team` those of one's teams as well, and with `all` every one.
"""

from __future__ import annotations

import sqlalchemy as sa

from chassis.context import Caller, Reach
from chassis.domain import Forbidden
from chassis.storage.scope import Scope
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.macros.domain import MacroDefinition, Sharing
from desk.macros.tables import macros

READ = "desk.macros.read"
_columns = macros.c


def visible(reading: Reading | UnitOfWork) -> sa.ColumnElement[bool]:
    """The condition on macros that the caller sees, under whichever permission they came."""
    caller = reading.caller
    if Scope.under(caller, READ).owners is None:
        return sa.true()
    return sa.or_(_columns.sharing == Sharing.SHARED, _of_teams(caller), _own(caller))


def changeable(reading: Reading | UnitOfWork) -> sa.ColumnElement[bool]:
    """The condition on macros that the caller may change, within the reach at hand."""
    if reading.scope.owners is None:
        return sa.true()
    own = _own(reading.caller)
    return sa.or_(own, _of_teams(reading.caller)) if reading.scope.reach is Reach.TEAM else own


def require_may_have(tx: UnitOfWork, definition: MacroDefinition) -> None:
    """Raise `Forbidden` for a macro for others than the caller reaches."""
    if tx.scope.owners is None or definition.sharing is Sharing.PERSONAL:
        return
    is_theirs = definition.sharing is Sharing.TEAM and definition.team_id in tx.caller.team_ids
    if not (is_theirs and tx.scope.reach is Reach.TEAM):
        message = "Only who reaches them all makes macros for others."
        raise Forbidden(message, code="macro_for_others")


def _own(caller: Caller) -> sa.ColumnElement[bool]:
    return sa.and_(_columns.sharing == Sharing.PERSONAL, _columns.owner_id == caller.user_id)


def _of_teams(caller: Caller) -> sa.ColumnElement[bool]:
    if not caller.team_ids:
        return sa.false()
    is_team = _columns.sharing == Sharing.TEAM
    return sa.and_(is_team, _columns.team_id.in_(sorted(caller.team_ids)))
