"""Reads inboxes: each user sees the own one alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, choice_filter
from chassis.storage.unit_of_work import Reading, UnitOfWork
from notifications.inbox.domain import EntryState, InboxEntry
from notifications.inbox.storage import inbox_entries

_entry = inbox_entries.c
_state = sa.case(
    (_entry.read_at.isnot(None), EntryState.READ.value),
    (_entry.snoozed_until.isnot(None), EntryState.SNOOZED.value),
    else_=EntryState.UNREAD.value,
)
INBOX = ListSpec(
    key=_entry.id,
    sorts={"created_at": _entry.created_at},
    default_sort="-created_at",
    filters={"state": choice_filter(_state, *EntryState)},
)
_COLUMNS = (
    _entry.id,
    _entry.version,
    _entry.title,
    _entry.text,
    _entry.link,
    _entry.message_id,
    _entry.created_at,
    _entry.read_at,
    _entry.snoozed_until,
)


def list_inbox(reading: Reading, user_id: UUID, listing: Listing) -> dict[str, Any]:
    """A page of a user's entries; what is put off is there only when it is asked for."""
    statement = sa.select(*_COLUMNS).where(
        _entry.tenant_id == reading.caller.tenant_id, _entry.user_id == user_id
    )
    if "state" not in listing.given:
        statement = statement.where(_state != EntryState.SNOOZED.value)
    return listing.fetch(reading.connection, statement, lambda row: _present(row._mapping))


def unread_count(reading: Reading, user_id: UUID) -> int:
    """How many entries a user has not read, those put off left out."""
    statement = (
        sa.select(sa.func.count())
        .select_from(inbox_entries)
        .where(
            _entry.tenant_id == reading.caller.tenant_id,
            _entry.user_id == user_id,
            _entry.read_at.is_(None),
            _entry.snoozed_until.is_(None),
        )
    )
    return int(reading.connection.execute(statement).scalar_one())


def get_entry(reading: Reading | UnitOfWork, user_id: UUID, entry_id: UUID) -> dict[str, Any]:
    """One of the user's entries. Raises `NotFound`."""
    statement = sa.select(*_COLUMNS).where(
        _entry.tenant_id == reading.caller.tenant_id,
        _entry.user_id == user_id,
        _entry.id == entry_id,
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("inbox entry", entry_id)
    return _present(row)


def shown(entry: InboxEntry) -> dict[str, Any]:
    """An entry as the API shows one, right after a change."""
    notice = entry.notice
    return _present(
        {
            "id": entry.id,
            "version": entry.version,
            "title": notice.title,
            "text": notice.text,
            "link": notice.link,
            "message_id": notice.message_id,
            "created_at": entry.created_at,
            "read_at": entry.read_at,
            "snoozed_until": entry.snoozed_until,
        }
    )


def _present(row: Mapping[Any, Any]) -> dict[str, Any]:
    if row["read_at"] is not None:
        state = EntryState.READ
    else:
        state = EntryState.UNREAD if row["snoozed_until"] is None else EntryState.SNOOZED
    return {**row, "state": state}
