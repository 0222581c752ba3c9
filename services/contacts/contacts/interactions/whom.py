"""Finds the people that reports are about; for somebody who was merged, the one who was left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from uuid import UUID

from chassis.domain import Invalid
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from contacts.contact_points.keys import email_key
from contacts.interactions.domain import PersonKey

# Lateral with a limit: one look into an index for each, whatever the planner believes.
_BRANCHES = {
    "id": """
    SELECT given.place, p.id, p.owner_id
    FROM unnest(%(id_places)s::int[], %(ids)s::uuid[]) AS given (place, id)
    LEFT JOIN LATERAL (
        SELECT person_id FROM merges
        WHERE tenant_id = %(tenant_id)s AND merged_id = given.id AND undone_at IS NULL LIMIT 1
    ) m ON true
    CROSS JOIN LATERAL (
        SELECT id, owner_id FROM people
        WHERE tenant_id = %(tenant_id)s AND id = coalesce(m.person_id, given.id) LIMIT 1
    ) p
    """,
    "external_id": """
    SELECT given.place, p.id, p.owner_id
    FROM unnest(%(external_places)s::int[], %(systems)s::text[], %(external_ids)s::text[])
         AS given (place, system, id)
    CROSS JOIN LATERAL (
        SELECT person_id FROM person_external_ids
        WHERE tenant_id = %(tenant_id)s AND system = given.system AND id = given.id LIMIT 1
    ) e
    CROSS JOIN LATERAL (
        SELECT id, owner_id FROM people
        WHERE tenant_id = %(tenant_id)s AND id = e.person_id LIMIT 1
    ) p
    """,
    "email": """
    SELECT given.place, p.id, p.owner_id
    FROM unnest(%(email_places)s::int[], %(emails)s::text[]) AS given (place, email)
    CROSS JOIN LATERAL (
        SELECT person_id FROM person_keys
        WHERE tenant_id = %(tenant_id)s AND kind = 'email' AND key = given.email LIMIT 50
    ) k
    CROSS JOIN LATERAL (
        SELECT id, owner_id FROM people
        WHERE tenant_id = %(tenant_id)s AND id = k.person_id AND archived_at IS NULL LIMIT 1
    ) p
    """,
}


@cache
def _statement(ways: tuple[str, ...]) -> Statement:
    """The question for people by these ways alone: most callers know just one."""
    return Statement(" UNION ALL ".join(_BRANCHES[way] for way in ways))


def find_people(tx: UnitOfWork, keys: Sequence[PersonKey]) -> list[UUID | Invalid]:
    """The person of each key, or why it is nobody in particular; by one question for all."""
    by_id = [(place, key.id) for place, key in enumerate(keys) if key.id]
    external = [(place, key.external_id) for place, key in enumerate(keys) if key.external_id]
    emails = [(place, email_key(key.email)) for place, key in enumerate(keys) if key.email]
    named = {"id": by_id, "external_id": external, "email": emails}
    ways = tuple(way for way, given in named.items() if given)
    if not ways:
        return []
    about = {
        "tenant_id": tx.tenant_id,
        "id_places": [place for place, _ in by_id],
        "ids": [person_id for _, person_id in by_id],
        "external_places": [place for place, _ in external],
        "systems": [key.system for _, key in external],
        "external_ids": [key.id for _, key in external],
        "email_places": [place for place, _ in emails],
        "emails": [email for _, email in emails],
    }
    found: defaultdict[int, list[UUID]] = defaultdict(list)
    for row in tx.fetch_all(_statement(ways), about):
        if tx.scope.allows(row["owner_id"]):
            found[row["place"]].append(row["id"])
    return [_one_of(found[place]) for place in range(len(keys))]


def _one_of(people: list[UUID]) -> UUID | Invalid:
    if len(people) == 1:
        return people[0]
    if not people:
        return Invalid.at("/person", "person_unknown", "There is no such person.")
    message = f"{len(people)} people have this address; say whom by id or by external id."
    return Invalid.at("/person", "person_ambiguous", message)
