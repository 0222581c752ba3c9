"""Keeps by what erased people are recognised, compares with it, and lets it go when its time has passed."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import Clock
from chassis.storage.database import Database
from chassis.storage.statements import Statement, json_text
from chassis.work.periodic import PeriodicWork
from chassis.work.pruning import delete_by_key, prune
from contacts.erasures.storage import erased_traces
from contacts.erasures.traces import KEPT, Mark, Words, marks_of
from contacts.people.domain import PersonDetails
from contacts.people.matching import DUPLICATE_KINDS, keys_of
from contacts.transaction import ContactsTx


def keep_traces(tx: ContactsTx, person_id: UUID, people: Sequence[PersonDetails]) -> None:
    """Keep by what a person who is erased now is recognised, with those merged into them."""
    marks = marks_of(people, _of_others(tx, person_id, people))
    digests = {tx.trace_key.digest(tx.tenant_id, person_id, mark) for mark in marks}
    if digests:
        about = {"tenant_id": tx.tenant_id, "person_id": person_id, "now": tx.clock.now()}
        tx.write(_KEEP, {**about, "digests": sorted(digests)})


def match_erased_person(tx: ContactsTx, person_id: UUID, said: Sequence[Words]) -> list[int]:
    """The places of the words that are of this erased person, sorted; none once `KEPT` is over."""
    digests: dict[bytes, Mark] = {
        tx.trace_key.digest(tx.tenant_id, person_id, mark): mark
        for words in said
        for mark in words.marks
    }
    about = {"tenant_id": tx.tenant_id, "person_id": person_id, "digests": sorted(digests)}
    rows = tx.fetch_all(_KNOWN, about) if digests else []
    known = {digests[bytes(row["digest"])] for row in rows}
    return [place for place, words in enumerate(said) if words.tell_of(known)]


def _of_others(
    tx: ContactsTx, person_id: UUID, people: Sequence[PersonDetails]
) -> AbstractSet[Mark]:
    """Those of their contact points that others have who are there: a mailbox of several, a switchboard."""
    points = {key for one in people for key in keys_of(one) if key[0] in DUPLICATE_KINDS}
    about = {
        "tenant_id": tx.tenant_id,
        "person_id": person_id,
        "keys": json_text([{"kind": kind, "key": key} for kind, key in sorted(points)]),
    }
    rows = tx.fetch_all(_OF_OTHERS, about) if points else []
    return {(row["kind"], row["key"]) for row in rows}


def trace_pruning(database: Database, clock: Clock) -> list[PeriodicWork]:
    """The periodic work that has digests go."""

    def old(before: datetime) -> sa.ColumnElement[bool]:
        return erased_traces.c.erased_at < before

    delete = delete_by_key(erased_traces, old)
    return [
        PeriodicWork(
            "prune traces of erased people",
            timedelta(hours=1),
            lambda: prune(database, delete, clock.now() - KEPT),
        )
    ]


_KEEP = Statement(
    "INSERT INTO erased_traces (tenant_id, person_id, digest, erased_at)"
    " SELECT %(tenant_id)s, %(person_id)s, digest, %(now)s"
    " FROM unnest(%(digests)s::bytea[]) AS given (digest) ON CONFLICT DO NOTHING"
)
_OF_OTHERS = Statement(
    "SELECT DISTINCT k.kind, k.key FROM json_to_recordset(%(keys)s::json) AS given (kind text, key text)"
    " JOIN person_keys k ON k.tenant_id = %(tenant_id)s AND k.kind = given.kind AND k.key = given.key"
    " WHERE k.person_id <> %(person_id)s"
)
_KNOWN = Statement(
    "SELECT digest FROM erased_traces WHERE tenant_id = %(tenant_id)s"
    " AND person_id = %(person_id)s AND digest = ANY(%(digests)s::bytea[])"
)
