"""Finds people by what they have exactly: for other services, and who may be the same (CO-8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from chassis.storage.scope import Scope
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import Reading, UnitOfWork
from contacts.contact_points.domain import ExternalId
from contacts.people.domain import PersonDetails
from contacts.people.matching import DUPLICATE_KINDS, Candidate, keys_of

MOST_CANDIDATES = 10
"""How many who may be the same are told."""
_NO_ID = ExternalId("", "")


def find_people(
    reading: Reading, limit: int, *, kind: str = "", key: str = "", external_id: ExternalId = _NO_ID
) -> list[dict[str, Any]]:
    """Active people within reach who have a key in normal form, or this external id.

    At most `limit`, the one changed last first, with what `get_person` has of contact points.
    """
    about = {
        "tenant_id": reading.caller.tenant_id,
        "kind": kind,
        "key": key,
        "system": external_id.system,
        "id": external_id.id,
    }
    rows = reading.fetch_all(_HAVING, about)
    found = [row for row in rows if reading.scope.allows(row["owner_id"])][:limit]
    for row in found:
        row.update(orjson.loads(row.pop("details")))
    return found


def find_candidates(
    reading: Reading | UnitOfWork,
    details: PersonDetails,
    *,
    scope: Scope | None = None,
    most: int = MOST_CANDIDATES,
) -> Sequence[Candidate]:
    """Active people who share an e-mail, a phone or an external id with `details`, at most `most`.

    Those within `scope`, or else within the caller's reach.
    """
    return find_candidates_of(reading, [details], scope=scope, most=most)[0]


def find_candidates_of(
    reading: Reading | UnitOfWork,
    entries: Sequence[PersonDetails],
    *,
    scope: Scope | None = None,
    most: int = MOST_CANDIDATES,
) -> list[Sequence[Candidate]]:
    """The same for each of several entries, by one question."""
    about = candidate_parameters(reading, entries)
    rows = [] if about is None else reading.fetch_all(_CANDIDATES, about)
    return candidates_in(rows, len(entries), scope or reading.scope, most)


def candidates_in(
    rows: Sequence[dict[str, Any]], entries: int, within: Scope, most: int
) -> list[Sequence[Candidate]]:
    """Of so many entries the candidates that `CANDIDATES` has given, as far as they are within reach."""
    found: list[list[Candidate]] = [[] for _ in range(entries)]
    for row in rows:
        candidates = found[row["place"]]
        if within.allows(row["owner_id"]) and len(candidates) < most:
            reasons = tuple(row["matched_on"])
            candidates.append(Candidate(row["id"], row["full_name"], reasons))
    return list(found)


def candidate_parameters(
    reading: Reading | UnitOfWork, entries: Sequence[PersonDetails]
) -> dict[str, Any] | None:
    """What `CANDIDATES` needs to look for these entries; None when nobody can share anything with them."""
    keys = [
        {"place": place, "kind": kind, "key": key}
        for place, details in enumerate(entries)
        for kind, key in keys_of(details)
        if kind in DUPLICATE_KINDS
    ]
    external = [
        {"place": place, "system": e.system, "id": e.id}
        for place, details in enumerate(entries)
        for e in details.external_ids
    ]
    if not keys and not external:
        return None
    return {
        "tenant_id": reading.caller.tenant_id,
        "keys": json_text(keys),
        "external_ids": json_text(external),
    }


_HAVING = Statement(
    # Materialised and lateral with a limit, so that the order of the joins is stated; see below.
    """
    WITH found AS MATERIALIZED (
        (
            SELECT person_id FROM person_keys
            WHERE tenant_id = %(tenant_id)s AND kind = %(kind)s AND key = %(key)s
            LIMIT 500
        )
        UNION ALL
        SELECT person_id FROM person_external_ids
        WHERE tenant_id = %(tenant_id)s AND system = %(system)s AND id = %(id)s
    )
    SELECT p.* FROM found
    CROSS JOIN LATERAL (
        SELECT id, version, given_name, family_name, full_name, lifecycle_stage, owner_id,
               language, time_zone, archived_at, updated_at, details::text AS details
        FROM people
        WHERE tenant_id = %(tenant_id)s AND id = found.person_id AND archived_at IS NULL
        LIMIT 1
    ) p
    ORDER BY p.updated_at DESC, p.id
    """
)
# Materialised and lateral with a limit: the order of the joins is stated here. Left to the
# planner, a table that it has no statistics of yet would be read from end to end.
CANDIDATES = """
    WITH matches AS MATERIALIZED (
        SELECT given.place, k.person_id, given.kind AS reason
        FROM json_to_recordset(%(keys)s::json) AS given (place int, kind text, key text)
        CROSS JOIN LATERAL (
            SELECT person_id FROM person_keys
            WHERE tenant_id = %(tenant_id)s AND kind = given.kind AND key = given.key
            LIMIT 50
        ) k
        UNION ALL
        SELECT given.place, e.person_id, 'external_id'
        FROM json_to_recordset(%(external_ids)s::json) AS given (place int, system text, id text)
        CROSS JOIN LATERAL (
            SELECT person_id FROM person_external_ids
            WHERE tenant_id = %(tenant_id)s AND system = given.system AND id = given.id
            LIMIT 1
        ) e
    )
    SELECT m.place, p.id, p.full_name, p.owner_id, array_agg(DISTINCT m.reason) AS matched_on
    FROM matches m
    CROSS JOIN LATERAL (
        SELECT id, full_name, owner_id FROM people
        WHERE tenant_id = %(tenant_id)s AND id = m.person_id AND archived_at IS NULL
        LIMIT 1
    ) p
    GROUP BY m.place, p.id, p.full_name, p.owner_id
    ORDER BY m.place, p.id
"""
"""Who shares an e-mail, a phone or an external id with each entry."""
_CANDIDATES = Statement(CANDIDATES)
