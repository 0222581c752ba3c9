"""Reads the audit log: lists, single entries, the head, and stretches of the chain to check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.domain import NotFound
from chassis.storage.listing import (
    FilterField,
    Listing,
    ListSpec,
    column_condition,
    integer_filter,
    read_text,
    time_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from identity.audit.domain import Entry, Head
from identity.audit.storage import audit_entries, audit_heads, entry_of

_columns = audit_entries.c
_shown = sa.select(
    _columns.number,
    _columns.id,
    _columns.occurred_at,
    _columns.recorded_at,
    _columns.actor,
    _columns.client_id,
    _columns.session_id,
    _columns.address,
    _columns.service,
    _columns.action,
    _columns.record_kind,
    _columns.record_id,
    _columns.record_version,
    _columns.trace_id,
    _columns.cause,
    _columns.details,
    sa.func.encode(_columns.previous_hash, "hex").label("previous_hash"),
    sa.func.encode(_columns.hash, "hex").label("hash"),
)


def _text(column: sa.ColumnElement[Any]) -> FilterField:
    """A filter by text as it is: `ne` would have to look at nearly everything."""
    return FilterField(read_text, column_condition(column), ("eq", "in"), {"type": "string"})


ENTRIES = ListSpec(
    key=_columns.number,
    sorts={"occurred_at": _columns.occurred_at, "number": _columns.number},
    default_sort="-occurred_at",
    filters={
        "actor": _text(_columns.actor),
        "action": _text(_columns.action),
        "service": _text(_columns.service),
        "record_id": uuid_filter(_columns.record_id),
        "client_id": _text(_columns.client_id),
        "session_id": uuid_filter(_columns.session_id),
        "address": _text(_columns.address),
        "occurred_at": time_filter(_columns.occurred_at),
        "number": integer_filter(_columns.number),
    },
)


def list_entries(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of the entries within reach: with reach over all, everybody's."""
    return listing.fetch(reading.connection, _within(reading), _present)


def get_entry(reading: Reading, entry_id: UUID) -> dict[str, Any]:
    """The entry of a fact. Raises `NotFound` when absent or out of reach."""
    statement = _within(reading).where(_columns.id == entry_id)
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("audit entry", entry_id)
    return _present(row)


def _within(reading: Reading) -> sa.Select[Any]:
    """Who does not reach all sees what they, or those of their teams, have done."""
    statement = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    owners = reading.scope.owners
    if owners is None:
        return statement
    actors = sa.cast(sorted(f"user:{owner}" for owner in owners), ARRAY(sa.Text))
    return statement.where(_columns.actor == sa.func.any(actors))


def _present(row: sa.Row[Any]) -> dict[str, Any]:
    # The very text that was hashed, so that an export can be checked by others.
    return {**row._mapping, "details": orjson.Fragment(row.details)}


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the chain ends: as its head says, if there is one, and as the entries have it."""

    head: Head | None
    last_number: int


_ENDS = Statement(
    "SELECT (SELECT max(number) FROM audit_entries WHERE tenant_id = %(tenant_id)s) AS last,"
    " head.number, head.hash"
    " FROM (VALUES (1)) AS one LEFT JOIN audit_heads AS head ON head.tenant_id = %(tenant_id)s"
)
_STRETCH = Statement.of(
    sa.select(audit_entries)
    .where(
        _columns.tenant_id == sa.bindparam("tenant_id"),
        _columns.number > sa.bindparam("after"),
        _columns.number <= sa.bindparam("until"),
    )
    .order_by(_columns.number)
)


def ends_of_chain(reading: Reading) -> Ends:
    """Both at one moment, so that a difference is none that passes."""
    row = reading.fetch_one(_ENDS, {"tenant_id": reading.caller.tenant_id})
    if row is None:
        return Ends(None, 0)
    head = None if row["number"] is None else Head(row["number"], bytes(row["hash"]))
    return Ends(head, row["last"] or 0)


def stretch_of_chain(reading: Reading, after: int, until: int) -> list[Entry]:
    """The entries with these numbers, in their order."""
    about = {"tenant_id": reading.caller.tenant_id, "after": after, "until": until}
    return [entry_of(row) for row in reading.fetch_all(_STRETCH, about)]


def tenants_with_entries(reading: Reading) -> list[UUID]:
    """Every tenant that has a chain; asked as the system login."""
    statement = sa.select(audit_heads.c.tenant_id).order_by(audit_heads.c.tenant_id)
    return list(reading.connection.scalars(statement))
