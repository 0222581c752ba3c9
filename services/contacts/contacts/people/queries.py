"""Reads people, straight to the response."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    FilterField,
    Listing,
    ListSpec,
    Operator,
    choice_filter,
    column_condition,
    read_text,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading, UnitOfWork
from contacts.people.domain import LifecycleStage, PersonDetails
from contacts.people.matching import Candidate, email_key, keys_of
from contacts.people.storage import people, person_external_ids, person_keys

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
    _columns.created_at,
    _columns.updated_at,
    _columns.archived_at,
    # As text: it goes into the answer as it is, without a detour over Python objects.
    sa.cast(_columns.details, sa.Text).label("details"),
)
_one = _shown.where(
    _columns.tenant_id == sa.bindparam("tenant_id"), _columns.id == sa.bindparam("id")
)


def _by_key(kind: str, normal: Any) -> FilterField:
    """A filter over `person_keys`, by plain equality so that its index serves under RLS."""

    def condition(operator: Operator, value: Any) -> sa.ColumnElement[bool]:
        keys = [normal(v) for v in (value if operator == "in" else [value])]
        found = sa.select(person_keys.c.person_id).where(
            person_keys.c.tenant_id == _columns.tenant_id,
            person_keys.c.kind == kind,
            person_keys.c.key.in_(keys),
        )
        return _columns.id.in_(found)

    return FilterField(read_text, condition, ("eq", "in"), {"type": "string"})


def _archived(operator: Operator, value: Any) -> sa.ColumnElement[bool]:
    del operator
    if value == "any":
        return sa.true()
    return _columns.archived_at.isnot(None) if value == "true" else _columns.archived_at.is_(None)


def _read_archived(text: str) -> str:
    if text not in ("true", "false", "any"):
        raise ValueError("has to be true, false or any")
    return text


PEOPLE = ListSpec(
    key=_columns.id,
    sorts={
        "created_at": _columns.created_at,
        "updated_at": _columns.updated_at,
        "full_name": _columns.full_name,
    },
    default_sort="-created_at",
    filters={
        "lifecycle_stage": choice_filter(_columns.lifecycle_stage, *LifecycleStage),
        "owner_id": uuid_filter(_columns.owner_id),
        "source": text_filter(_columns.source),
        "language": text_filter(_columns.language),
        "email": _by_key("email", email_key),
        "phone": _by_key("phone", str),
        "tag": _by_key("tag", str),
        "full_name": FilterField(
            read_text, column_condition(_columns.full_name), ("eq", "prefix"), {"type": "string"}
        ),
        "created_at": time_filter(_columns.created_at),
        "updated_at": time_filter(_columns.updated_at),
        "archived": FilterField(
            _read_archived, _archived, ("eq",), {"enum": ["true", "false", "any"]}
        ),
    },
)


def get_person(reading: Reading | UnitOfWork, person_id: UUID) -> dict[str, Any]:
    """The person as the API shows one. Raises `NotFound` when absent or out of reach."""
    statement = reading.scope.narrow(_one, _columns.owner_id)
    row = (
        reading.connection.execute(
            statement, {"tenant_id": reading.caller.tenant_id, "id": person_id}
        )
        .mappings()
        .first()
    )
    if row is None:
        raise NotFound.of("person", person_id)
    return present(row)


def list_people(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of people."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    base = reading.scope.narrow(base, _columns.owner_id)
    rows = reading.connection.execute(listing.apply(base)).mappings().all()
    page = listing.page(list(rows), present)
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def present(row: sa.RowMapping) -> dict[str, Any]:
    """A row of the select above as the API shows it."""
    person = dict(row)
    document = person.pop("details")
    person.update(orjson.loads(document))
    return person


def find_candidates(
    reading: Reading | UnitOfWork, details: PersonDetails, limit: int = 10
) -> list[Candidate]:
    """Active people within reach who share an e-mail, a phone or an external id with `details`."""
    keys = [pair for pair in keys_of(details) if pair[0] in ("email", "phone")]
    matches = _matching_keys(reading, keys) + _matching_external_ids(reading, details)
    if not matches:
        return []
    reasons: dict[UUID, list[str]] = {}
    for person_id, reason in matches:
        reasons.setdefault(person_id, []).append(reason)
    statement = sa.select(_columns.id, _columns.full_name).where(
        _columns.tenant_id == reading.caller.tenant_id,
        _columns.id.in_(list(reasons)[:limit]),
        _columns.archived_at.is_(None),
    )
    rows = reading.connection.execute(reading.scope.narrow(statement, _columns.owner_id))
    return [
        Candidate(row.id, row.full_name, tuple(dict.fromkeys(reasons[row.id]))) for row in rows
    ]


def _matching_keys(
    reading: Reading | UnitOfWork, keys: Sequence[tuple[str, str]]
) -> list[tuple[UUID, str]]:
    if not keys:
        return []
    rows = reading.connection.execute(
        sa.select(person_keys.c.person_id, person_keys.c.kind)
        .where(
            person_keys.c.tenant_id == reading.caller.tenant_id,
            sa.tuple_(person_keys.c.kind, person_keys.c.key).in_(keys),
        )
        .limit(50)
    )
    return [(row.person_id, row.kind) for row in rows]


def _matching_external_ids(
    reading: Reading | UnitOfWork, details: PersonDetails
) -> list[tuple[UUID, str]]:
    if not details.external_ids:
        return []
    pairs = [(e.system, e.id) for e in details.external_ids]
    rows = reading.connection.execute(
        sa.select(person_external_ids.c.person_id).where(
            person_external_ids.c.tenant_id == reading.caller.tenant_id,
            sa.tuple_(person_external_ids.c.system, person_external_ids.c.id).in_(pairs),
        )
    )
    return [(row.person_id, "external_id") for row in rows]
