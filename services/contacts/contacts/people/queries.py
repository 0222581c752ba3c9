"""Reads people, straight to the response."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.http.reply import dump
from chassis.storage.listing import (
    FilterField,
    Listing,
    ListSpec,
    archived_filter,
    choice_filter,
    column_condition,
    integer_filter,
    read_boolean,
    read_text,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.scope import Scope
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from contacts.contact_points.domain import ExternalId
from contacts.contact_points.filters import handle_filter, key_filter
from contacts.contact_points.keys import email_key
from contacts.custom_fields.domain import RecordKind
from contacts.custom_fields.filters import PREFIX, narrowed
from contacts.merges.survivors import survivor_of
from contacts.people.domain import LifecycleStage
from contacts.people.normalisation import rated_again
from contacts.people.storage import details_of, people, person_keys
from contacts.search.pages import found_page

READ = "contacts.people.read"

_columns = people.c
_shown = sa.select(
    _columns.id,
    _columns.version,
    _columns.given_name,
    _columns.family_name,
    _columns.full_name,
    _columns.lifecycle_stage,
    _columns.owner_id,
    _columns.source,
    _columns.language,
    _columns.time_zone,
    _columns.quality_score,
    _columns.created_at,
    _columns.updated_at,
    _columns.archived_at,
    _columns.last_seen_at,
    # As text: it goes into the answer as it is, without a detour over Python objects.
    sa.cast(_columns.details, sa.Text).label("details"),
)
REACHABLE: sa.ColumnElement[bool] = _columns.reachable.is_not(sa.false())
"""Whether something may still reach somebody; whoever has no mark yet counts as reachable."""
SEEN: sa.ColumnElement[datetime] = sa.literal_column(
    # As the index has it.
    "coalesce(people.last_seen_at, timestamptz 'epoch')",
    sa.DateTime(timezone=True),
).label("seen")
_one = Statement.of(
    _shown.where(_columns.tenant_id == sa.bindparam("tenant_id"), _columns.id == sa.bindparam("id"))
)


def _by_key(kind: str, normal: Callable[[str], str]) -> FilterField:
    return key_filter(people, person_keys.c.person_id, kind, normal)


PEOPLE = ListSpec(
    key=_columns.id,
    sorts={
        "created_at": _columns.created_at,
        "updated_at": _columns.updated_at,
        "full_name": _columns.full_name,
        "quality_score": _columns.quality_score,
        "last_seen_at": SEEN,
    },
    default_sort="-created_at",
    filters={
        "lifecycle_stage": choice_filter(_columns.lifecycle_stage, *LifecycleStage),
        "owner_id": uuid_filter(_columns.owner_id),
        "source": text_filter(_columns.source),
        "language": text_filter(_columns.language),
        "email": _by_key("email", email_key),
        "phone": _by_key("phone", str),
        "handle": handle_filter(people, person_keys.c.person_id),
        "tag": _by_key("tag", str),
        "full_name": FilterField(
            read_text, column_condition(_columns.full_name), ("eq", "prefix"), {"type": "string"}
        ),
        "quality_score": integer_filter(_columns.quality_score),
        "quality_code": FilterField(
            read_text,
            lambda _operator, code: sa.literal(code) == sa.any_(_columns.quality_codes),
            ("eq",),
            {"type": "string"},
        ),
        "created_at": time_filter(_columns.created_at),
        "updated_at": time_filter(_columns.updated_at),
        # Whoever was never seen counts as seen long ago.
        "last_seen_at": time_filter(SEEN),
        "reachable": FilterField(
            read_boolean,
            lambda _operator, wanted: REACHABLE if wanted else sa.not_(REACHABLE),
            ("eq",),
            {"type": "boolean"},
        ),
        "archived": archived_filter(_columns.archived_at),
    },
    searchable=True,
    open_prefixes=(PREFIX,),
)


def get_person(reading: Reading | UnitOfWork, person_id: UUID) -> dict[str, Any]:
    """The person as the API shows one; who was merged is answered with who was left.

    Raises `NotFound` when absent or out of reach.
    """
    about = {"tenant_id": reading.caller.tenant_id, "id": person_id}
    row = reading.fetch_one(_one, about)
    if row is None and (survivor_id := survivor_of(reading, person_id)) is not None:
        row = reading.fetch_one(_one, {**about, "id": survivor_id})
    if row is None or not reading.scope.allows(row["owner_id"]):
        raise NotFound.of("person", person_id)
    row.update(orjson.loads(row.pop("details")))
    return row


def get_person_by_external_id(reading: Reading, key: ExternalId) -> dict[str, Any]:
    """The same, by what another system calls the person. Raises `NotFound`."""
    about = {"tenant_id": reading.caller.tenant_id, "system": key.system, "id": key.id}
    row = reading.fetch_one(_BY_EXTERNAL_ID, about)
    if row is None or not reading.scope.allows(row["owner_id"]):
        raise NotFound.of("person", f"{key.id} of {key.system}")
    return get_person(reading, row["id"])


def get_quality(reading: Reading, person_id: UUID) -> dict[str, Any]:
    """How good the record is, with the reasons; of who was left after a merge. Raises `NotFound`."""
    person_id = survivor_of(reading, person_id) or person_id
    statement = sa.select(people).where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == person_id
    )
    row = reading.connection.execute(reading.scope.narrow(statement, _columns.owner_id)).first()
    if row is None:
        raise NotFound.of("person", person_id)
    rated = rated_again(details_of(row._mapping), reading.clock.now().date())
    return {**rated._asdict(), "reasons": [reason._asdict() for reason in rated.reasons]}


def quality_report(reading: Reading) -> dict[str, Any]:
    """How good the tenant's people are: how many, how they spread, what is wrong most often."""
    about = {"tenant_id": reading.caller.tenant_id}
    total = reading.fetch_one(_QUALITY_TOTAL, about) or {}
    bands = reading.fetch_all(_QUALITY_BANDS, about)
    findings = reading.fetch_all(_QUALITY_FINDINGS, about)
    return {**total, "bands": bands, "findings": findings}


def list_people(
    reading: Reading, listing: Listing, *conditions: sa.ColumnElement[bool]
) -> dict[str, Any]:
    """A page of people whom all conditions fit; with `q` those that are found, the best first."""
    tenant_id = reading.caller.tenant_id
    base: sa.Select[Any] = _shown.where(_columns.tenant_id == tenant_id, *conditions)
    if any(sort.column is SEEN for sort in listing.sorts):
        base = base.add_columns(SEEN)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    base = reading.scope.narrow(base, _columns.owner_id)
    base = narrowed(reading, RecordKind.PERSON, base, _columns.id, listing.open_filters)
    if listing.query is not None:
        return found_page(
            reading, listing, RecordKind.PERSON, base, lambda rows: [present(row) for row in rows]
        )
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, present)
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def present(row: sa.Row[Any]) -> orjson.Fragment:
    """A row of the select above as the API shows it: the stored document goes in as it is."""
    columns, document = row[: len(_NAMES)], row[len(_NAMES)]
    head = dump(dict(zip(_NAMES, columns, strict=True)))
    return orjson.Fragment(head[:-1] + b"," + document[1:].encode())


@dataclass(frozen=True, slots=True)
class PersonSummary:
    """As much of a person as is shown beside something else."""

    id: UUID
    full_name: str
    archived: bool


def person_summary(
    reading: Reading | UnitOfWork, person_id: UUID, scope: Scope
) -> PersonSummary | None:
    """A person in a word, or None when there is none within `scope`."""
    about = {"tenant_id": reading.caller.tenant_id, "id": person_id}
    row = reading.fetch_one(_SUMMARY, about)
    if row is None or not scope.allows(row["owner_id"]):
        return None
    return PersonSummary(row["id"], row["full_name"], row["archived"])


_SUMMARY = Statement(
    "SELECT id, full_name, owner_id, archived_at IS NOT NULL AS archived FROM people"
    " WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
_BY_EXTERNAL_ID = Statement(
    "SELECT r.id, r.owner_id FROM person_external_ids e"
    " JOIN people r ON r.tenant_id = e.tenant_id AND r.id = e.person_id"
    " WHERE e.tenant_id = %(tenant_id)s AND e.system = %(system)s AND e.id = %(id)s"
)
_QUALITY_TOTAL = Statement(
    "SELECT count(*) AS people, coalesce(round(avg(quality_score))::int, 0) AS average_score"
    " FROM people WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL"
)
_QUALITY_BANDS = Statement(
    "SELECT least(quality_score / 20, 4) * 20 AS from_score, count(*) AS people"
    " FROM people WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL GROUP BY 1 ORDER BY 1"
)
_QUALITY_FINDINGS = Statement(
    "SELECT code, count(*) AS people FROM people, unnest(quality_codes) AS code"
    " WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL GROUP BY code"
    " ORDER BY 2 DESC, code"
)
_NAMES = [column.name for column in _shown.selected_columns][:-1]
