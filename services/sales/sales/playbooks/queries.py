"""Reads playbooks, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter, text_filter, uuid_filter
from chassis.storage.unit_of_work import Reading
from sales.playbooks.storage import playbooks

_columns = playbooks.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))

PLAYBOOKS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="created_at",
    filters={
        "pipeline_id": uuid_filter(_columns.pipeline_id),
        "stage": text_filter(_columns.stage),
        "archived": archived_filter(_columns.archived_at),
    },
)


def get_playbook(reading: Reading, playbook_id: UUID) -> dict[str, Any]:
    """The playbook as the API shows one. Raises `NotFound`."""
    statement = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == playbook_id
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("playbook", playbook_id)
    return dict(row._mapping)


def list_playbooks(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of playbooks; archived ones only when they are asked for."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(reading.connection, base)
