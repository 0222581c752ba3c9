"""Who else follows a ticket on the customer's side, and is sent copies: one row for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork

MOST_FOLLOWERS = 50


@dataclass(frozen=True, slots=True)
class Follower:
    """Somebody who follows a ticket: a person, or an address that nobody is known by."""

    id: UUID
    person_id: UUID | None
    address: str
    since: datetime


def followers_of(reading: Reading | UnitOfWork, ticket_id: UUID) -> Sequence[Follower]:
    """Who follows a ticket besides its requester, whoever asks; the first one first."""
    about = {"tenant_id": reading.caller.tenant_id, "ticket_id": ticket_id}
    return [Follower(**row) for row in reading.fetch_all(_OF_TICKET, about)]


def keep_follower(tx: UnitOfWork, ticket_id: UUID, person_id: UUID | None, address: str) -> None:
    """Have somebody follow a ticket."""
    about = {"tenant_id": tx.tenant_id, "id": tx.ids.new(), "ticket_id": ticket_id}
    who = {"person_id": person_id, "address": address, "since": tx.clock.now()}
    tx.write(_KEEP, {**about, **who})


def drop_follower(tx: UnitOfWork, ticket_id: UUID, follower_id: UUID) -> bool:
    """Have somebody follow a ticket no more; tells whether they did.

    After a merge one person follows as two: with one of them left they would still be written to.
    """
    about = {"tenant_id": tx.tenant_id, "ticket_id": ticket_id, "id": follower_id}
    return tx.fetch_one(_DROP, about) is not None


_OF_TICKET = Statement(
    "SELECT id, person_id, address, since FROM ticket_followers"
    " WHERE tenant_id = %(tenant_id)s AND ticket_id = %(ticket_id)s ORDER BY id"
)
_KEEP = Statement(
    "INSERT INTO ticket_followers (tenant_id, id, version, ticket_id, person_id, address, since)"
    " VALUES (%(tenant_id)s, %(id)s, 1, %(ticket_id)s, %(person_id)s, %(address)s, %(since)s)"
)
_DROP = Statement(
    "WITH one AS (SELECT id, person_id FROM ticket_followers WHERE tenant_id = %(tenant_id)s"
    " AND ticket_id = %(ticket_id)s AND id = %(id)s)"
    " DELETE FROM ticket_followers AS f USING one WHERE f.tenant_id = %(tenant_id)s"
    " AND f.ticket_id = %(ticket_id)s AND (f.id = one.id OR f.person_id = one.person_id)"
    " RETURNING f.id"
)
