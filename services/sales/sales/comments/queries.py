"""Reads comments, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, time_filter, uuid_filter
from chassis.storage.unit_of_work import Reading
from sales.comments.storage import comments, wordings_of
from sales.opportunities.queries import within_reach

_columns = comments.c
_SHOWN = [column for column in _columns if column.name not in ("tenant_id", "author")]

COMMENTS = ListSpec(
    # Ids are in the order of their time: threads by their beginning, and replies below it.
    key=_columns.id,
    sorts={"thread": _columns.thread_id},
    default_sort="thread",
    filters={
        "thread_id": uuid_filter(_columns.thread_id),
        "author_id": uuid_filter(_columns.author_id),
        "written_at": time_filter(_columns.written_at),
    },
)


def list_comments(reading: Reading, opportunity_id: UUID, listing: Listing) -> dict[str, Any]:
    """A page of what was said about an opportunity, by threads. Raises `NotFound`."""
    within_reach(reading, opportunity_id)
    base = sa.select(*_SHOWN).where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.opportunity_id == opportunity_id
    )
    return listing.fetch(reading.connection, base, lambda row: dict(row._mapping))


def get_comment(reading: Reading, opportunity_id: UUID, comment_id: UUID) -> dict[str, Any]:
    """A comment. Raises `NotFound`."""
    within_reach(reading, opportunity_id)
    statement = sa.select(*_SHOWN).where(
        _columns.tenant_id == reading.caller.tenant_id,
        _columns.opportunity_id == opportunity_id,
        _columns.id == comment_id,
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("comment", comment_id)
    return dict(row)


def list_wordings(reading: Reading, opportunity_id: UUID, comment_id: UUID) -> dict[str, Any]:
    """All that a comment has said, what holds now last. Raises `NotFound`."""
    now = get_comment(reading, opportunity_id, comment_id)
    before = reading.fetch_all(*wordings_of(comment_id, reading.caller.tenant_id))
    last = {"text": now["text"], "said_at": now["edited_at"] or now["written_at"]}
    return {"items": [*before, last]}
