"""Who was erased: what arrives about them afterwards is kept, and told, without what names them.

Facts of several services keep no order between them, dead letters are replayed weeks later, and a
backup brings old outboxes back: so an erasure is remembered for good, as an id that leads nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.events.reactions import RawFact
from chassis.personal import blanked, with_personal_fields
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork

metadata = sa.MetaData()

erased_people = sa.Table(
    "erased_people",
    metadata,
    sa.Column("tenant_id", PgUUID(as_uuid=True), primary_key=True),
    sa.Column("person_id", PgUUID(as_uuid=True), primary_key=True),
    sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
)

_ID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def note_erased(tx: UnitOfWork, person_id: UUID) -> None:
    """Remember that a person was erased."""
    about = {"tenant_id": tx.tenant_id, "person_id": person_id, "now": tx.clock.now()}
    tx.write(_NOTE, about)


def are_erased(tx: UnitOfWork, people: Iterable[UUID]) -> set[UUID]:
    """Those of these people who were erased."""
    about = {"tenant_id": tx.tenant_id, "ids": list(people)}
    return {row["person_id"] for row in tx.fetch_all(_THOSE_ERASED, about)}


def without_the_erased(tx: UnitOfWork, facts: Sequence[RawFact]) -> list[RawFact]:
    """The same facts; those that mention somebody erased without what is personal in them.

    Facts that have nothing to lose are the same objects. What is erased while this goes on counts
    when the caller holds the feed's position.
    """
    personal = set(with_personal_fields({fact.envelope.type for fact in facts}))
    mentioned = {
        place: _mentioned(fact)
        for place, fact in enumerate(facts)
        if fact.envelope.type in personal
    }
    left = list(facts)
    if not mentioned:
        return left
    erased = are_erased(tx, set().union(*mentioned.values()))
    for place, people in mentioned.items():
        if not erased.isdisjoint(people):
            fact = facts[place]
            left[place] = replace(fact, payload=blanked(fact.envelope.type, fact.payload))
    return left


def _mentioned(fact: RawFact) -> set[UUID]:
    """Every id in a fact: whoever it may be about."""
    named = {UUID(text.decode()) for text in _ID.findall(fact.payload)}
    return {fact.envelope.aggregate_id, *named}


_NOTE = Statement(
    "INSERT INTO erased_people (tenant_id, person_id, noted_at)"
    " VALUES (%(tenant_id)s, %(person_id)s, %(now)s) ON CONFLICT DO NOTHING"
)
_THOSE_ERASED = Statement(
    "SELECT person_id FROM erased_people"
    " WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(ids)s::uuid[])"
)
