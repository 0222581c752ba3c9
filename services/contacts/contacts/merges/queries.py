"""Reads merges, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter, time_filter, uuid_filter
from chassis.storage.unit_of_work import Reading
from contacts.merges.domain import Merge
from contacts.merges.storage import merges
from contacts.people.storage import people

_columns = merges.c
_NAMES = (
    "id",
    "version",
    "survivor_id",
    "merged_id",
    "person_id",
    "choices",
    "merged_at",
    "merged_by",
    "undone_at",
    "undone_by",
)
_shown = sa.select(*(_columns[name] for name in _NAMES))

MERGES = ListSpec(
    key=_columns.id,
    sorts={"merged_at": _columns.merged_at},
    default_sort="-merged_at",
    filters={
        "person_id": uuid_filter(_columns.person_id),
        "survivor_id": uuid_filter(_columns.survivor_id),
        "merged_id": uuid_filter(_columns.merged_id),
        "merged_at": time_filter(_columns.merged_at),
        "undone": archived_filter(_columns.undone_at),
    },
)


def get_merge(reading: Reading, merge_id: UUID) -> dict[str, Any]:
    """The merge as the API shows one. Raises `NotFound`, also when the survivor is out of reach."""
    row = reading.connection.execute(_within_reach(reading).where(_columns.id == merge_id)).first()
    if row is None:
        raise NotFound.of("merge", merge_id)
    return _present(row._mapping)


def list_merges(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of the merges of people within reach."""
    base = _within_reach(reading)
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, lambda row: _present(row._mapping))
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def shown(merge: Merge) -> dict[str, Any]:
    """A merge as the API shows one, without reading it back."""
    row = {name: getattr(merge, name) for name in _NAMES}
    return {**row, "fields": row.pop("choices")}


def _within_reach(reading: Reading) -> sa.Select[Any]:
    tenant_id = reading.caller.tenant_id
    base = _shown.where(_columns.tenant_id == tenant_id)
    within = reading.scope.condition(people.c.owner_id)
    if within is None:
        return base
    reachable = sa.select(people.c.id).where(people.c.tenant_id == tenant_id, within)
    return base.where(_columns.person_id.in_(reachable))


def _present(row: Mapping[Any, Any]) -> dict[str, Any]:
    found = {name: row[name] for name in _NAMES}
    return {**found, "fields": found.pop("choices")}
