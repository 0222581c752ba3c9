"""Pages of lists by `q`: the best hits first, the list's filters and the caller's reach included.

A list shows the best FOUND hits and no more: nobody reads on there, and whoever wants all of
something filters for it. Pages go by the rank of the last hit shown, so that they stay in step
with writes; the search is done anew for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.http.query_string import refuse
from chassis.storage.listing import Listing
from chassis.storage.unit_of_work import Reading
from contacts.custom_fields.domain import RecordKind
from contacts.search.finding import TABLES, choice_of, find
from contacts.search.home_region import home_region
from contacts.search.plan import parse_query
from contacts.search.ranking import Ranked, in_order

FOUND: Final = 100


def found_page(
    reading: Reading,
    listing: Listing,
    searched: RecordKind,
    shown: sa.Select[Any],
    present: Callable[[Sequence[sa.Row[Any]]], Sequence[Any]],
) -> dict[str, Any]:
    """A page of what is found.

    `shown` selects the rows of the list that are within the caller's reach and let through by open
    filters; the plain ones are taken from `listing`. Raises a 400 problem for what does not go together with `q`.
    """
    table = TABLES[searched]
    _refuse_what_does_not_go(listing, table)
    for condition in listing.conditions:
        shown = shown.where(condition)
    ranked = _ranked(reading, listing, searched, shown)
    rows: list[tuple[Ranked, sa.Row[Any]]] = []
    for hit, row in _visible(reading, table, shown, ranked, listing.page_size + 1):
        rows.append((hit, row))
        if len(rows) > listing.page_size:
            break
    token = None
    if len(rows) > listing.page_size:
        rows = rows[: listing.page_size]
        last = rows[-1][0]
        token = listing.issue([-last.points, last.term, str(last.record_id)])
    return {"items": present([row for _, row in rows]), "next_page_token": token}


def _refuse_what_does_not_go(listing: Listing, table: sa.Table) -> None:
    first = listing.sorts[0]
    if ("-" if first.descending else "") + first.name != listing.spec.default_sort:
        raise refuse("sort", "parameter_invalid", "what q finds comes best first")
    if listing.count:
        raise refuse("count", "parameter_invalid", "what q finds is not counted")
    in_use = table.c.archived_at.is_(None)
    if "archived" in listing.given and not any(c.compare(in_use) for c in listing.conditions):
        raise refuse("archived", "parameter_invalid", "q does not find what is archived")


def _ranked(
    reading: Reading, listing: Listing, searched: RecordKind, shown: sa.Select[Any]
) -> list[Ranked]:
    """What is found, without what was on earlier pages."""
    typed = listing.query or ""
    plan = parse_query(typed, home_region(reading, typed))
    filtered = listing.conditions or listing.open_filters
    ids = shown.with_only_columns(TABLES[searched].c.id) if filtered else None
    choice = choice_of(reading, reading.scope, searched, ids)
    found = in_order(find(reading, searched, plan, FOUND, choice))[:FOUND]
    if listing.position is None:
        return found
    points, term, record_id = listing.position
    after = (points, term, UUID(record_id))
    return [hit for hit in found if (-hit.points, hit.term, hit.record_id) > after]


def _visible(
    reading: Reading,
    table: sa.Table,
    shown: sa.Select[Any],
    ranked: list[Ranked],
    at_once: int,
) -> Iterator[tuple[Ranked, sa.Row[Any]]]:
    """The rows of hits, in their order; keys are found of archived records too, which lack here."""
    for begin in range(0, len(ranked), at_once):
        hits = ranked[begin : begin + at_once]
        ids = sa.cast([hit.record_id for hit in hits], ARRAY(PgUUID(as_uuid=True)))
        statement = shown.where(table.c.id == sa.func.any(ids))
        rows = {row.id: row for row in reading.connection.execute(statement)}
        for hit in hits:
            if hit.record_id in rows:
                yield hit, rows[hit.record_id]
