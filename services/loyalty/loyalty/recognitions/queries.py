"""Reads recognitions, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading
from loyalty.recognitions.domain import RecognitionKind
from loyalty.recognitions.models import shown
from loyalty.recognitions.storage import recognition_of, recognitions

_columns = recognitions.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

RECOGNITIONS = ListSpec(
    key=_columns.id,
    sorts={"awarded_at": _columns.awarded_at},
    default_sort="-awarded_at",
    filters={
        "program_id": uuid_filter(_columns.program_id),
        "member_id": uuid_filter(_columns.member_id),
        "person_id": uuid_filter(_columns.person_id),
        "kind": choice_filter(_columns.kind, *RecognitionKind),
        "key": text_filter(_columns.key),
        "awarded_at": time_filter(_columns.awarded_at),
    },
)


def list_recognitions(reading: Reading, listing: Listing, *, current: bool) -> dict[str, Any]:
    """A page of recognitions; with `current` of those alone that hold now."""
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    if current:
        now = reading.clock.now()
        mine = mine.where(
            _columns.withdrawn_at.is_(None),
            sa.or_(_columns.valid_until.is_(None), _columns.valid_until > now),
        )
    return listing.fetch(
        reading.connection, mine, lambda row: shown(recognition_of(dict(row._mapping)))
    )


def get_recognition(reading: Reading, recognition_id: UUID) -> dict[str, Any]:
    """A recognition as the API shows one. Raises `NotFound`."""
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == recognition_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("recognition", recognition_id)
    return shown(recognition_of(row))
