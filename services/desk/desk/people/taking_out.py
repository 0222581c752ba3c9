"""Takes people out of every row that names them, or an address that they wrote from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.idempotency import withdraw_replies
from chassis.storage.following import Following
from chassis.storage.statements import Statement
from desk.attachments.operations import remove_of_messages
from desk.people.addresses import addresses_of, forget_addresses
from desk.people.following import FOLLOWING
from desk.people.named import PEOPLE
from desk.transaction import DeskTx

_TOLD_OF = Statement(
    "SELECT id FROM tickets WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(ids)s)"
)
_SAID = Statement(
    "WITH theirs AS (SELECT id FROM tickets"
    " WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(person_ids)s))"
    " SELECT id FROM messages WHERE tenant_id = %(tenant_id)s AND attachment_ids <> '{}'"
    " AND (person_id = ANY(%(person_ids)s) OR ticket_id IN (SELECT id FROM theirs)"
    " OR origin_ticket_id IN (SELECT id FROM theirs))"
)
FOLLOWED = Following(PEOPLE, FOLLOWING, _TOLD_OF)
"""The tables that follow people."""


def take_out(tx: DeskTx, person_ids: Sequence[UUID]) -> None:
    """Take out people by their ids, and by the addresses that desk knows to be theirs."""
    _take_out(tx, person_ids, addresses_of(tx, person_ids), tx.clock.now())


def take_out_addresses(
    tx: DeskTx, person_id: UUID, addresses: Sequence[str], before: datetime
) -> None:
    """Take out what came from addresses, or went to them, that are said to be somebody's.

    What named nobody goes as what names the person does; what is later than `before` stays.
    """
    _take_out(tx, [person_id], addresses, before)


def _take_out(
    tx: DeskTx, person_ids: Sequence[UUID], addresses: Sequence[str], before: datetime
) -> None:
    about = {"tenant_id": tx.tenant_id, "person_ids": list(person_ids)}
    # Both while rows still name the person.
    known_by_address = forget_addresses(tx, person_ids[0], addresses, before)
    remove_of_messages(tx, [row["id"] for row in tx.fetch_all(_SAID, about)])
    withdraw_replies(tx, [*known_by_address, *FOLLOWED.take_out(tx, person_ids)])
