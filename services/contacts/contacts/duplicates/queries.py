"""Reads pairs that may be one, and looks for those who may be somebody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    COMPARE,
    EXACT,
    FilterField,
    Listing,
    ListSpec,
    Operator,
    choice_filter,
    column_condition,
    presence_filter,
    read_uuid,
    time_filter,
)
from chassis.storage.unit_of_work import Reading, UnitOfWork
from contacts.duplicates.domain import PairState
from contacts.duplicates.looking import Looked, look
from contacts.duplicates.models import alike_shown, settings_shown
from contacts.duplicates.proposing import Proposal, propose
from contacts.duplicates.storage import duplicate_pairs, settings_of
from contacts.likeness.traits import Traits, traits_of
from contacts.people.domain import Person, PersonDetails, Quality
from contacts.people.storage import details_of, people

_columns = duplicate_pairs.c
_first, _second = people.alias("first"), people.alias("second")
_NAMES = (
    "id",
    "version",
    "state",
    "probability",
    "swapped",
    "automatic",
    "found_at",
    "decided_at",
    "decided_by",
    "merge_id",
)
_shown = sa.select(
    *(_columns[name] for name in _NAMES),
    _columns.first_id,
    _columns.second_id,
    _columns.evidence,
    _first.c.full_name.label("first_name"),
    _second.c.full_name.label("second_name"),
).select_from(
    duplicate_pairs.outerjoin(
        _first,
        sa.and_(_first.c.tenant_id == _columns.tenant_id, _first.c.id == _columns.first_id),
    ).outerjoin(
        _second,
        sa.and_(_second.c.tenant_id == _columns.tenant_id, _second.c.id == _columns.second_id),
    )
)


def _read_probability(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError("has to be a number from 0 to 1") from None
    if not 0 <= value <= 1:
        raise ValueError("has to be a number from 0 to 1")
    return value


def _about(_operator: Operator, person_id: Any) -> sa.ColumnElement[bool]:
    return sa.or_(_columns.first_id == person_id, _columns.second_id == person_id)


PAIRS = ListSpec(
    key=_columns.id,
    sorts={"probability": _columns.probability, "found_at": _columns.found_at},
    default_sort="-probability",
    filters={
        "state": choice_filter(_columns.state, *PairState),
        "probability": FilterField(
            _read_probability,
            column_condition(_columns.probability),
            COMPARE,
            {"type": "number", "minimum": 0, "maximum": 1},
        ),
        "person_id": FilterField(read_uuid, _about, EXACT, {"type": "string", "format": "uuid"}),
        "found_at": time_filter(_columns.found_at),
        "decided": presence_filter(_columns.decided_at),
    },
)


def list_pairs(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of the pairs whose people are within reach: open ones, unless others are asked for."""
    base = _within_reach(reading)
    if not listing.given & {"state", "decided"}:
        base = base.where(_columns.state == PairState.OPEN)
    return listing.fetch(reading.connection, base, lambda row: _present(row._mapping))


def get_pair(reading: Reading | UnitOfWork, pair_id: UUID) -> dict[str, Any]:
    """A pair with what is proposed to be left of the two. Raises `NotFound`, also out of reach."""
    statement = _within_reach(reading).where(_columns.id == pair_id)
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("pair of duplicates", pair_id)
    pair = _present(row._mapping)
    ids = [row._mapping["first_id"], row._mapping["second_id"]]
    found = [_person(each) for each in _rows_of(reading, ids)]
    proposal = propose(*found) if len(found) == 2 and pair["state"] != PairState.MERGED else None
    return {**pair, "proposal": None if proposal is None else _proposal_shown(proposal)}


def get_settings(reading: Reading) -> dict[str, Any]:
    """From which probabilities on duplicates are offered and merged."""
    return settings_shown(settings_of(reading))


def duplicates_of(reading: Reading, person_id: UUID) -> dict[str, Any]:
    """Whoever may be the same as somebody, by what is known now. Raises `NotFound`."""
    rows = _rows_of(reading, [person_id])
    if not rows or not reading.scope.allows(rows[0]["owner_id"]):
        raise NotFound.of("person", person_id)
    return _looked_for(reading, traits_of(details_of(rows[0])), but=person_id)


def duplicates_like(reading: Reading, details: PersonDetails) -> dict[str, Any]:
    """Whoever may be the same as somebody with these details, which are in normal form."""
    return _looked_for(reading, traits_of(details))


def _looked_for(reading: Reading, traits: Traits, but: UUID | None = None) -> dict[str, Any]:
    looked: Looked = look(reading, [traits])[0]
    within = [
        one for one in looked.offered if one.person_id != but and reading.scope.allows(one.owner_id)
    ]
    return {
        "items": [alike_shown(one) for one in within],
        "too_common": sorted(set(looked.too_common)),
    }


def _within_reach(reading: Reading | UnitOfWork) -> sa.Select[Any]:
    """Both there and within reach; of those that were merged, whoever was left."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    first_there, second_there = _first.c.id.isnot(None), _second.c.id.isnot(None)
    in_use = sa.and_(
        first_there, second_there, _first.c.archived_at.is_(None), _second.c.archived_at.is_(None)
    )
    is_merged = sa.and_(_columns.state == PairState.MERGED, sa.or_(first_there, second_there))
    base = base.where(sa.or_(sa.and_(_columns.state != PairState.MERGED, in_use), is_merged))
    for person in (_first, _second):
        within = reading.scope.condition(person.c.owner_id)
        if within is not None:
            base = base.where(sa.or_(person.c.id.is_(None), within))
    return base


def _rows_of(reading: Reading | UnitOfWork, person_ids: list[UUID]) -> list[sa.RowMapping]:
    statement = sa.select(people).where(
        people.c.tenant_id == reading.caller.tenant_id, people.c.id.in_(person_ids)
    )
    return list(reading.connection.execute(statement).mappings())


def _person(row: sa.RowMapping) -> Person:
    return Person(
        id=row["id"],
        version=row["version"],
        details=details_of(row),
        quality=Quality(row["quality_score"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _present(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in _NAMES},
        "people": [
            {"id": row["first_id"], "full_name": row["first_name"]},
            {"id": row["second_id"], "full_name": row["second_name"]},
        ],
        "evidence": [
            {"field": field, "level": level, "weight": weight}
            for field, level, weight in row["evidence"]
        ],
    }


def _proposal_shown(proposal: Proposal) -> dict[str, Any]:
    return {
        "survivor_id": proposal.survivor.id,
        "merged_id": proposal.merged.id,
        "fields": proposal.choices,
        "differences": proposal.differences,
    }
