"""Reads macros, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter, choice_filter, uuid_filter
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.macros.domain import Macro, Sharing
from desk.macros.models import shown
from desk.macros.reach import visible
from desk.macros.storage import macro_of
from desk.macros.tables import macro_uses, macros
from desk.ticket_actions.effects import effects_of
from desk.ticket_actions.wordings import wording_for
from desk.tickets.storage import within_reach

_columns = macros.c
_used = sa.and_(macro_uses.c.tenant_id == _columns.tenant_id, macro_uses.c.macro_id == _columns.id)
_all = sa.select(
    *(column for column in _columns if column.name != "tenant_id"),
    sa.func.coalesce(macro_uses.c.uses, 0).label("uses"),
    macro_uses.c.last_used_at,
).select_from(macros.outerjoin(macro_uses, _used))

MACROS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at, "updated_at": _columns.updated_at},
    default_sort="created_at",
    filters={
        "sharing": choice_filter(_columns.sharing, *Sharing),
        "team_id": uuid_filter(_columns.team_id),
        "archived": archived_filter(_columns.archived_at),
    },
)


def get_macro(reading: Reading, macro_id: UUID) -> dict[str, Any]:
    """The macro as the API shows one. Raises `NotFound`."""
    return _shown(_row(reading, macro_id))


def list_macros(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of the macros that the caller sees; archived ones only when they are asked for."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id, visible(reading))
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(reading.connection, base, lambda row: _shown(dict(row._mapping)))


def preview_macro(reading: Reading, macro_id: UUID, ticket_id: UUID) -> dict[str, Any]:
    """What a macro would do to a ticket as it is. Raises `NotFound` for either."""
    macro = macro_seen(reading, macro_id)
    ticket = within_reach(reading, ticket_id)
    worded, me = wording_for(reading, ticket), reading.caller.user_id
    return {"effects": effects_of(ticket, macro.definition.actions, worded, me)}


def shown_now(tx: UnitOfWork, macro: Macro) -> dict[str, Any]:
    """A macro that was changed just now as the API shows one."""
    statement = sa.select(macro_uses.c.uses, macro_uses.c.last_used_at).where(
        macro_uses.c.tenant_id == tx.tenant_id, macro_uses.c.macro_id == macro.id
    )
    row = tx.connection.execute(statement).first()
    return shown(macro, *((0, None) if row is None else (row.uses, row.last_used_at)))


def macro_seen(reading: Reading | UnitOfWork, macro_id: UUID) -> Macro:
    """The macro, for whoever sees it, to be looked at or applied. Raises `NotFound`."""
    return macro_of(_row(reading, macro_id))


def _row(reading: Reading | UnitOfWork, macro_id: UUID) -> sa.RowMapping:
    tenant_id = reading.caller.tenant_id
    statement = _all.where(
        _columns.tenant_id == tenant_id, _columns.id == macro_id, visible(reading)
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("macro", macro_id)
    return row


def _shown(row: sa.RowMapping | dict[str, Any]) -> dict[str, Any]:
    return shown(macro_of(row), row["uses"], row["last_used_at"])
