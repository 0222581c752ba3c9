"""What is known of somebody by an address alone: rows that name no person, but an address they wrote from.

What tells whose an address is are tickets and messages that name both.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from desk.attachments.operations import remove_of_messages
from desk.people.following import FORGET_MAIL, FORGET_MESSAGE
from desk.ticket_forms.operations import discard_submission
from desk.transaction import DeskTx


def forget_addresses_of(tx: DeskTx, person_ids: Sequence[UUID]) -> Sequence[str]:
    """Take out what came from, or went to, addresses that these people wrote from; gives the rows' ids.

    Before the rows that name the people are blanked: they say which addresses these are. A ticket by
    such an address that names nobody names the first of the people from then on, to go with theirs.
    """
    about = {"tenant_id": tx.tenant_id, "person_ids": list(person_ids)}
    addresses = [row["address"] for row in tx.fetch_all(_ADDRESSES, about)]
    if not addresses:
        return []
    tx.fetch_all(_NAME, {**about, "addresses": addresses, "person_id": person_ids[0]})
    for submission_id in _ids(tx, _HELD, addresses):
        discard_submission(tx, submission_id)
    remove_of_messages(tx, _ids(tx, _WITH_FILES, addresses))
    return [str(one) for statement in _FORGET for one in _ids(tx, statement, addresses)]


def _ids(tx: UnitOfWork, statement: Statement, addresses: Sequence[str]) -> list[UUID]:
    about = {"tenant_id": tx.tenant_id, "addresses": addresses}
    return [row["id"] for row in tx.fetch_all(statement, about)]


_ADDRESSES = Statement(
    "SELECT lower(requester_address) AS address FROM tickets"
    " WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(person_ids)s) AND requester_address <> ''"
    " UNION SELECT lower(sender_address) FROM messages"
    " WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(person_ids)s) AND sender_address <> ''"
)
_NAME = Statement(
    "UPDATE tickets SET person_id = %(person_id)s WHERE tenant_id = %(tenant_id)s"
    " AND person_id IS NULL AND lower(requester_address) = ANY(%(addresses)s) RETURNING id"
)
_HELD = Statement(
    "SELECT id FROM ticket_submissions WHERE tenant_id = %(tenant_id)s AND state = 'quarantined'"
    " AND lower(answers ->> 'email') = ANY(%(addresses)s)"
)
_WITH_FILES = Statement(
    "SELECT id FROM messages WHERE tenant_id = %(tenant_id)s AND person_id IS NULL"
    " AND lower(sender_address) = ANY(%(addresses)s) AND attachment_ids <> '{}'"
)
_FORGET = (
    Statement(
        "DELETE FROM ticket_followers WHERE tenant_id = %(tenant_id)s AND person_id IS NULL"
        " AND lower(address) = ANY(%(addresses)s) RETURNING id"
    ),
    Statement(
        "UPDATE outbound_mails SET address = '', reason = '', version = version + 1"
        " WHERE tenant_id = %(tenant_id)s AND person_id IS NULL"
        " AND lower(address) = ANY(%(addresses)s) RETURNING id"
    ),
    Statement(
        f"UPDATE messages SET {FORGET_MESSAGE}, version = version + 1"  # noqa: S608 - our own words
        " WHERE tenant_id = %(tenant_id)s AND person_id IS NULL"
        " AND lower(sender_address) = ANY(%(addresses)s) RETURNING id"
    ),
    Statement(
        f"UPDATE inbound_mails SET {FORGET_MAIL}, version = version + 1"  # noqa: S608 - our own words
        " WHERE tenant_id = %(tenant_id)s AND lower(sender) = ANY(%(addresses)s) RETURNING id"
    ),
)
