"""Finds the people that reports are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from chassis.domain import Invalid
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from contacts.contact_points.keys import email_key
from contacts.interactions.domain import PersonKey

_FIND = Statement(
    """
    SELECT given.place, p.id, p.owner_id
    FROM unnest(%(id_places)s::int[], %(ids)s::uuid[]) AS given (place, id)
    CROSS JOIN LATERAL (
        SELECT id, owner_id FROM people
        WHERE tenant_id = %(tenant_id)s AND id = given.id LIMIT 1
    ) p
    UNION ALL
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
    UNION ALL
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
    """
)


def find_people(tx: UnitOfWork, keys: Sequence[PersonKey]) -> list[UUID | Invalid]:
    """The person of each key, or why it is nobody in particular; by one question for all."""
    found: defaultdict[int, list[UUID]] = defaultdict(list)
    for row in tx.fetch_all(_FIND, {"tenant_id": tx.tenant_id, **_asked(keys)}):
        if tx.scope.allows(row["owner_id"]):
            found[row["place"]].append(row["id"])
    return [_one_of(found[place]) for place in range(len(keys))]


def _asked(keys: Sequence[PersonKey]) -> dict[str, list[object]]:
    by_id = [(place, key.id) for place, key in enumerate(keys) if key.id]
    external = [(place, key.external_id) for place, key in enumerate(keys) if key.external_id]
    emails = [(place, email_key(key.email)) for place, key in enumerate(keys) if key.email]
    return {
        "id_places": [place for place, _ in by_id],
        "ids": [person_id for _, person_id in by_id],
        "external_places": [place for place, _ in external],
        "systems": [key.system for _, key in external],
        "external_ids": [key.id for _, key in external],
        "email_places": [place for place, _ in emails],
        "emails": [email for _, email in emails],
    }


def _one_of(people: list[UUID]) -> UUID | Invalid:
    if len(people) == 1:
        return people[0]
    if not people:
        return Invalid.at("/person", "person_unknown", "There is no such person.")
    message = f"{len(people)} people have this address; say whom by id or by external id."
    return Invalid.at("/person", "person_ambiguous", message)
