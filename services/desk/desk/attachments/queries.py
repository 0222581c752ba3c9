"""Reads attachments, straight to the response: within reach goes by the ticket of their message."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, text_filter, time_filter, uuid_filter
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.attachments.storage import attachments
from desk.messages.storage import messages
from desk.tickets.reach import ids_within

_columns = attachments.c
_hidden = ("tenant_id", "removed_at")
_shown = sa.select(*(column for column in _columns if column.name not in _hidden))

ATTACHMENTS = ListSpec(
    key=_columns.id,
    sorts={"uploaded_at": _columns.uploaded_at},
    default_sort="-uploaded_at",
    filters={
        "message_id": uuid_filter(_columns.message_id),
        "content_type": text_filter(_columns.content_type),
        "uploaded_at": time_filter(_columns.uploaded_at),
    },
)


def get_attachment(reading: Reading | UnitOfWork, attachment_id: UUID) -> dict[str, Any]:
    """An attachment as the API shows one. Raises `NotFound` when absent or out of reach."""
    statement = _within(reading).where(_columns.id == attachment_id)
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("attachment", attachment_id)
    return dict(row)


def list_attachments(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of attachments."""
    return listing.fetch(reading.connection, _within(reading), lambda row: dict(row._mapping))


def _within(reading: Reading | UnitOfWork) -> sa.Select[Any]:
    """Those of tickets within reach; what is attached to nothing is seen by who sent it."""
    tenant_id = reading.caller.tenant_id
    statement = _shown.where(_columns.tenant_id == tenant_id, _columns.removed_at.is_(None))
    if reading.scope.owners is None:
        return statement
    tickets = ids_within(reading)
    said = sa.select(messages.c.id).where(
        messages.c.tenant_id == tenant_id, messages.c.id == _columns.message_id
    )
    if tickets is not None:
        said = said.where(messages.c.ticket_id.in_(tickets))
    loose = sa.and_(_columns.message_id.is_(None), _columns.uploaded_by == reading.caller.actor)
    return statement.where(sa.or_(loose, said.exists()))
