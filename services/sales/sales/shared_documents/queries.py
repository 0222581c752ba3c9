"""Reads shared documents, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, text_filter, time_filter
from chassis.storage.unit_of_work import Reading
from sales.opportunities.queries import within_reach
from sales.shared_documents.storage import shared_documents

_columns = shared_documents.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

DOCUMENTS = ListSpec(
    key=_columns.id,
    sorts={"shared_at": _columns.shared_at},
    default_sort="-shared_at",
    filters={"kind": text_filter(_columns.kind), "shared_at": time_filter(_columns.shared_at)},
)


def list_documents(reading: Reading, opportunity_id: UUID, listing: Listing) -> dict[str, Any]:
    """A page of the documents that are shared on an opportunity. Raises `NotFound`."""
    within_reach(reading, opportunity_id)
    return listing.fetch(
        reading.connection, _of(reading, opportunity_id), lambda row: dict(row._mapping)
    )


def get_document(reading: Reading, opportunity_id: UUID, document_id: UUID) -> dict[str, Any]:
    """A shared document. Raises `NotFound`."""
    within_reach(reading, opportunity_id)
    statement = _of(reading, opportunity_id).where(_columns.id == document_id)
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("document", document_id)
    return dict(row)


def _of(reading: Reading, opportunity_id: UUID) -> sa.Select[Any]:
    return _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.opportunity_id == opportunity_id
    )
