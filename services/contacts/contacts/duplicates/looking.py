"""Looks for people who may be the same as somebody: by keys in common, then by all that is compared.

One statement finds those of any number of people who share a key with each. A key that too many share
tells nobody apart: it is passed over, and told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import Reading, UnitOfWork
from contacts.duplicates.domain import DuplicateLimits
from contacts.likeness.blocking import LARGEST_BLOCK, keys_of
from contacts.likeness.comparing import Level
from contacts.likeness.scoring import Likeness, likeness
from contacts.likeness.traits import Traits, traits_of
from contacts.people.domain import PersonDetails
from contacts.people.finding import (
    CANDIDATES,
    candidate_parameters,
    candidates_in,
    find_candidates,
)
from contacts.people.matching import Candidate
from contacts.people.storage import details_of

MOST_ON_ENTRY = 30
"""How many who share the most keys are compared while somebody waits."""
MOST_IN_BACKGROUND = 100


@dataclass(frozen=True, slots=True)
class Alike:
    """Somebody who may be the same."""

    person_id: UUID
    full_name: str
    owner_id: UUID | None
    traits: Traits
    likeness: Likeness

    @property
    def matched_on(self) -> tuple[str, ...]:
        """The fields that agree at least nearly."""
        return tuple(e.field.value for e in self.likeness.evidence if e.level >= Level.CLOSE)


@dataclass(slots=True)
class Looked:
    """What came of looking for one: the likeliest first, and the keys that too many share.

    `offer_from` is from which probability on the tenant wants to be told.
    """

    alike: list[Alike] = field(default_factory=list)
    too_common: list[str] = field(default_factory=list)
    offer_from: float = DuplicateLimits().offer_from

    @property
    def offered(self) -> list[Alike]:
        """Those who are likely enough to be told."""
        return [one for one in self.alike if one.likeness.probability >= self.offer_from]


@dataclass(frozen=True, slots=True)
class OnEntry:
    """Who may be the same as somebody new: who matches exactly, and all who are told."""

    exact: Sequence[Candidate]
    told: Sequence[Candidate]


def look(
    reading: Reading | UnitOfWork, wanted: Sequence[Traits], *, most: int = MOST_IN_BACKGROUND
) -> list[Looked]:
    """Whoever shares a key with each of `wanted`, and how alike they are; archived ones never.

    Of each the `most` who share the most keys. Whoever is looked for is found as well if they are there
    already.
    """
    about = _parameters(reading, wanted, most)
    rows = [] if about is None else reading.fetch_all(_SHARING, about)
    return _looked(rows, wanted)


def look_on_entry(tx: UnitOfWork, details: PersonDetails, *, most: int) -> OnEntry:
    """Those within reach who may be the same as somebody new, by one question: exact ones come first.

    Each has the probability; who matches exactly has none where it was not worked out.
    """
    traits = [traits_of(details)]
    exact_about = candidate_parameters(tx, [details])
    about = _parameters(tx, traits, MOST_ON_ENTRY)
    if about is None:
        return OnEntry(*[find_candidates(tx, details, most=most)] * 2)
    row = tx.fetch_one(_ON_ENTRY, {**_NO_EXACT, **(exact_about or {}), **about}) or {}
    exact_rows, rows = (_with_ids(row[name]) for name in ("exact", "sharing"))
    exact = candidates_in(exact_rows, 1, tx.scope, most)[0]
    looked = _looked(rows, traits)[0]
    alike = {one.person_id: one for one in looked.alike}
    known = {one.person_id for one in exact}
    told = [_with_probability(one, alike.get(one.person_id)) for one in exact]
    for one in looked.offered:
        if one.person_id not in known and tx.scope.allows(one.owner_id):
            probability = one.likeness.probability
            told.append(Candidate(one.person_id, one.full_name, one.matched_on, probability))
    return OnEntry(exact, told[:most])


def _parameters(
    reading: Reading | UnitOfWork, wanted: Sequence[Traits], most: int
) -> dict[str, Any] | None:
    """What the statement needs; None when nobody has a key."""
    keys = [
        {"place": place, "kind": kind, "key": key}
        for place, traits in enumerate(wanted)
        for kind, key in keys_of(traits)
    ]
    if not keys:
        return None
    return {
        "tenant_id": reading.caller.tenant_id,
        "match_keys": json_text(keys),
        "largest": LARGEST_BLOCK,
        "most": most,
    }


def _looked(rows: Sequence[Mapping[str, Any]], wanted: Sequence[Traits]) -> list[Looked]:
    found = [Looked() for _ in wanted]
    for row in rows:
        here = found[row["place"]]
        here.offer_from = row["offer_from"] or here.offer_from
        if row["too_common"]:
            here.too_common.append(row["too_common"])
        elif row["id"] is not None:
            here.alike.append(_alike(row, wanted[row["place"]]))
    for here in found:
        here.alike.sort(key=lambda one: (-one.likeness.bits, one.person_id))
    return found


def _with_ids(rows: str) -> list[dict[str, Any]]:
    """Rows out of JSON, with the ids as ids."""
    found: list[dict[str, Any]] = orjson.loads(rows)
    for row in found:
        for name in ("id", "owner_id"):
            if row[name] is not None:
                row[name] = UUID(row[name])
    return found


def _with_probability(exact: Candidate, likely: Alike | None) -> Candidate:
    if likely is None:
        return exact
    probability = likely.likeness.probability
    return Candidate(exact.person_id, exact.full_name, exact.matched_on, probability)


def _alike(row: Mapping[str, Any], wanted: Traits) -> Alike:
    traits = traits_of(details_of({**row, "details": orjson.loads(row["details"])}))
    return Alike(row["id"], row["full_name"], row["owner_id"], traits, likeness(wanted, traits))


def traits_of_people(tx: UnitOfWork, person_ids: Sequence[UUID]) -> dict[UUID, Traits]:
    """What is compared of those of these people who are in use."""
    about = {"tenant_id": tx.tenant_id, "ids": list(person_ids)}
    return {
        row["id"]: traits_of(details_of({**row, "details": orjson.loads(row["details"])}))
        for row in tx.fetch_all(_PEOPLE, about)
    }


_COLUMNS = (
    "id, given_name, family_name, full_name, lifecycle_stage, owner_id, source, language, time_zone,"
    " details::text AS details"
)
_PEOPLE = Statement(
    f"SELECT {_COLUMNS} FROM people WHERE tenant_id = %(tenant_id)s AND id = ANY(%(ids)s)"  # noqa: S608
    " AND archived_at IS NULL"
)
# Materialised and lateral with limits: the order of the joins is stated here, so that each key is one
# look into the index, whatever the planner believes. The columns are our own.
_SHARING_SQL = f"""
    WITH blocks AS MATERIALIZED (
        SELECT given.place, given.kind, block.ids
        FROM json_to_recordset(%(match_keys)s::json) AS given (place int, kind text, key bigint)
        CROSS JOIN LATERAL (
            SELECT array_agg(sharing.person_id) AS ids FROM (
                SELECT person_id FROM person_match_keys
                WHERE tenant_id = %(tenant_id)s AND key = given.key LIMIT %(largest)s + 1
            ) AS sharing
        ) AS block
    ), ranked AS (
        SELECT place, person_id,
               row_number() OVER (PARTITION BY place ORDER BY count(*) DESC, person_id) AS place_in_row
        FROM blocks, unnest(ids) AS person_id
        WHERE cardinality(ids) <= %(largest)s GROUP BY place, person_id
    ), found AS MATERIALIZED (
        SELECT place, person_id, NULL::text AS too_common FROM ranked WHERE place_in_row <= %(most)s
        UNION ALL
        SELECT DISTINCT place, NULL::uuid, kind FROM blocks WHERE cardinality(ids) > %(largest)s
    )
    SELECT found.place, found.too_common, p.*,
           (SELECT offer_from FROM duplicate_settings WHERE tenant_id = %(tenant_id)s) AS offer_from
    FROM found LEFT JOIN LATERAL (
        SELECT {_COLUMNS} FROM people
        WHERE tenant_id = %(tenant_id)s AND id = found.person_id AND archived_at IS NULL
        LIMIT 1
    ) AS p ON true
    """  # noqa: S608
_SHARING = Statement(_SHARING_SQL)
# Both as one question: a round trip costs whoever enters somebody more than either of them.
_ON_ENTRY = Statement(
    f"SELECT (SELECT coalesce(json_agg(e), '[]') FROM ({CANDIDATES}) AS e)::text AS exact,"  # noqa: S608
    f" (SELECT coalesce(json_agg(s), '[]') FROM ({_SHARING_SQL}) AS s)::text AS sharing"
)
_NO_EXACT = {"keys": "[]", "external_ids": "[]"}
