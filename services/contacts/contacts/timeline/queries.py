"""Reads timelines, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, text_filter, time_filter, uuid_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from contacts.interactions.queries import money_shown
from contacts.merges.survivors import survivor_of
from contacts.timeline.storage import timeline_entries

_columns = timeline_entries.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))

TIMELINE = ListSpec(
    key=_columns.id,
    sorts={"occurred_at": _columns.occurred_at},
    default_sort="-occurred_at",
    filters={
        "kind": text_filter(_columns.kind),
        "channel": text_filter(_columns.channel),
        "service": text_filter(_columns.service),
        "fact_type": text_filter(_columns.fact_type),
        "record_id": uuid_filter(_columns.record_id),
        "occurred_at": time_filter(_columns.occurred_at),
        "recorded_at": time_filter(_columns.recorded_at),
    },
)


def list_timeline(reading: Reading, listing: Listing, person_id: UUID) -> dict[str, Any]:
    """A page of a person's timeline; for somebody who was merged, of the one who is left.

    Raises `NotFound` for nobody, or somebody out of reach.
    """
    tenant_id = reading.caller.tenant_id
    asked = survivor_of(reading, person_id) or person_id
    owner = reading.fetch_one(_OWNER, {"tenant_id": tenant_id, "id": asked})
    if owner is None or not reading.scope.allows(owner["owner_id"]):
        raise NotFound.of("person", person_id)
    base = _shown.where(_columns.tenant_id == tenant_id, _columns.person_id == asked)
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, lambda row: _present(row._mapping))
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def latest_of(reading: Reading, person_id: UUID, most: int) -> list[dict[str, Any]]:
    """What last happened with a person whom the caller was found to reach, the latest first."""
    about = {"tenant_id": reading.caller.tenant_id, "person_id": person_id, "most": most}
    return [_valued(row) for row in reading.fetch_all(_LATEST, about)]


def _present(row: Mapping[Any, Any]) -> dict[str, Any]:
    shown = {column.name: row[column] for column in _shown.selected_columns}
    return _valued(shown)


def _valued(shown: dict[str, Any]) -> dict[str, Any]:
    amount, currency = shown.pop("value_amount"), shown.pop("value_currency")
    return {**shown, "value": None if amount is None else money_shown(amount, currency)}


_OWNER = Statement("SELECT owner_id FROM people WHERE tenant_id = %(tenant_id)s AND id = %(id)s")
_LATEST = Statement(
    f"SELECT {', '.join(column.name for column in _shown.selected_columns)}"  # noqa: S608 - our own names
    " FROM timeline_entries WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
    " ORDER BY occurred_at DESC, id DESC LIMIT %(most)s"
)
