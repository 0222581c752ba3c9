"""Reads which permissions there are, and which of them a caller has.

They are no rows: the database is handed them, and sorts, filters and pages as with every list.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.storage.listing import Listing, ListSpec, choice_filter, text_filter
from chassis.storage.unit_of_work import Reading
from identity.permissions.catalogue import Permission, all_permissions
from identity.roles.domain import GrantReach

_NAMES = ("permission", "service", "description", "reaches")
_known = (
    sa.func.unnest(*(sa.bindparam(f"known_{name}", type_=ARRAY(sa.Text)) for name in _NAMES))
    .table_valued(*(sa.column(name, sa.Text) for name in _NAMES))
    .render_derived(name="known")
)
_columns = _known.c
_SERVICES = tuple(dict.fromkeys(each.service for each in all_permissions()))
_FILTERS = {
    "service": choice_filter(_columns.service, *_SERVICES),
    "permission": text_filter(_columns.permission, "prefix"),
}
_SORTS = {"permission": _columns.permission}
PERMISSIONS = ListSpec(_columns.permission, _SORTS, "permission", _FILTERS, searchable=True)
OWN_PERMISSIONS = ListSpec(
    _columns.permission,
    _SORTS,
    "permission",
    {**_FILTERS, "reach": choice_filter(_columns.reaches, *GrantReach)},
    searchable=True,
)


def list_permissions(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of all that roles may grant; a search looks into names and descriptions."""
    rows = ((each, ",".join(each.reaches)) for each in all_permissions())
    return listing.fetch(reading.connection, _of(rows, listing), _with_reaches)


def list_own_permissions(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of what the caller may do now, each with how far."""
    reaches = ((each, reading.caller.reach(each.name)) for each in all_permissions())
    rows = ((each, reach.name.lower()) for each, reach in reaches if reach is not None)
    return listing.fetch(reading.connection, _of(rows, listing), _with_reach)


def _of(rows: Iterable[tuple[Permission, str]], listing: Listing) -> sa.Select[Any]:
    given = [(each.name, each.service, each.description, reaches) for each, reaches in rows]
    lists = {f"known_{name}": [row[i] for row in given] for i, name in enumerate(_NAMES)}
    statement = sa.select(*_columns).params(lists)
    if listing.query is None:
        return statement
    text = listing.query.strip().lower()
    found = (
        sa.func.lower(column).contains(text, autoescape=True)
        for column in (_columns.permission, _columns.description)
    )
    return statement.where(sa.or_(*found))


def _shown(row: sa.Row[Any]) -> dict[str, Any]:
    names = ("permission", "service", "description")
    return {name: row._mapping[name] for name in names}


def _with_reaches(row: sa.Row[Any]) -> dict[str, Any]:
    return {**_shown(row), "reaches": row.reaches.split(",")}


def _with_reach(row: sa.Row[Any]) -> dict[str, Any]:
    return {**_shown(row), "reach": row.reaches}
