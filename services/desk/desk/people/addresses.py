"""What is known of somebody by an address alone: rows that name no person, but an address they wrote from.

What tells whose an address is are tickets and messages that name both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.attachments.operations import remove_of_messages
from desk.people.following import FORGET_MAIL, FORGET_MESSAGE
from desk.ticket_forms.operations import discard_submission
from desk.transaction import DeskTx


def addresses_of(tx: DeskTx, person_ids: Sequence[UUID]) -> Sequence[str]:
    """The addresses that these people wrote from, in lower case, as rows say that name both."""
    about = {"tenant_id": tx.tenant_id, "person_ids": list(person_ids)}
    return [row["address"] for row in tx.fetch_all(_ADDRESSES, about)]


def addresses_of_nobody(reading: Reading, before: datetime) -> Sequence[str]:
    """The addresses, in lower case, that rows until then hold without a person, sorted."""
    about = {"tenant_id": reading.caller.tenant_id, "before": before}
    return [row["address"] for row in reading.fetch_all(_OF_NOBODY, about)]


def forget_addresses(
    tx: DeskTx, person_id: UUID, addresses: Sequence[str], before: datetime
) -> Sequence[str]:
    """Take out what came from, or went to, these addresses until then; gives the rows' ids.

    A ticket by such an address that names nobody names this person from then on, to go with what does.
    """
    if not addresses:
        return []
    about = {"tenant_id": tx.tenant_id, "addresses": list(addresses), "before": before}
    tx.fetch_all(_NAME, {**about, "person_id": person_id})
    for submission_id in _ids(tx, _HELD, about):
        discard_submission(tx, submission_id)
    remove_of_messages(tx, _ids(tx, _WITH_FILES, about))
    return [str(one) for statement in _FORGET for one in _ids(tx, statement, about)]


def _ids(tx: UnitOfWork, statement: Statement, about: Mapping[str, Any]) -> list[UUID]:
    return [row["id"] for row in tx.fetch_all(statement, about)]


_ADDRESSES = Statement(
    "SELECT lower(requester_address) AS address FROM tickets"
    " WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(person_ids)s) AND requester_address <> ''"
    " UNION SELECT lower(sender_address) FROM messages"
    " WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(person_ids)s) AND sender_address <> ''"
)
_OF_NOBODY = Statement(
    """
    SELECT DISTINCT lower(address) AS address FROM (
        SELECT requester_address AS address FROM tickets WHERE tenant_id = %(tenant_id)s
            AND person_id IS NULL AND requester_address <> '' AND opened_at <= %(before)s
        UNION ALL SELECT sender_address FROM messages WHERE tenant_id = %(tenant_id)s
            AND person_id IS NULL AND sender_address <> '' AND said_at <= %(before)s
        UNION ALL SELECT answers ->> 'email' FROM ticket_submissions
            WHERE tenant_id = %(tenant_id)s AND state = 'quarantined' AND received_at <= %(before)s
        UNION ALL SELECT address FROM ticket_followers
            WHERE tenant_id = %(tenant_id)s AND person_id IS NULL AND since <= %(before)s
        UNION ALL SELECT address FROM outbound_mails WHERE tenant_id = %(tenant_id)s
            AND person_id IS NULL AND address <> '' AND asked_at <= %(before)s
        UNION ALL SELECT sender FROM inbound_mails WHERE tenant_id = %(tenant_id)s
            AND sender <> '' AND received_at <= %(before)s
    ) AS known WHERE address <> '' ORDER BY 1
    """
)
_NAME = Statement(
    "UPDATE tickets SET person_id = %(person_id)s WHERE tenant_id = %(tenant_id)s"
    " AND person_id IS NULL AND lower(requester_address) = ANY(%(addresses)s)"
    " AND opened_at <= %(before)s RETURNING id"
)
_HELD = Statement(
    "SELECT id FROM ticket_submissions WHERE tenant_id = %(tenant_id)s AND state = 'quarantined'"
    " AND lower(answers ->> 'email') = ANY(%(addresses)s) AND received_at <= %(before)s"
)
_WITH_FILES = Statement(
    "SELECT id FROM messages WHERE tenant_id = %(tenant_id)s AND person_id IS NULL"
    " AND lower(sender_address) = ANY(%(addresses)s) AND attachment_ids <> '{}'"
    " AND said_at <= %(before)s"
)
_FORGET = (
    Statement(
        "DELETE FROM ticket_followers WHERE tenant_id = %(tenant_id)s AND person_id IS NULL"
        " AND lower(address) = ANY(%(addresses)s) AND since <= %(before)s RETURNING id"
    ),
    Statement(
        "UPDATE outbound_mails SET address = '', reason = '', version = version + 1"
        " WHERE tenant_id = %(tenant_id)s AND person_id IS NULL"
        " AND lower(address) = ANY(%(addresses)s) AND asked_at <= %(before)s RETURNING id"
    ),
    Statement(
        f"UPDATE messages SET {FORGET_MESSAGE}, version = version + 1"  # noqa: S608 - our own words
        " WHERE tenant_id = %(tenant_id)s AND person_id IS NULL"
        " AND lower(sender_address) = ANY(%(addresses)s) AND said_at <= %(before)s RETURNING id"
    ),
    Statement(
        f"UPDATE inbound_mails SET {FORGET_MAIL}, version = version + 1"  # noqa: S608 - our own words
        " WHERE tenant_id = %(tenant_id)s AND lower(sender) = ANY(%(addresses)s)"
        " AND received_at <= %(before)s RETURNING id"
    ),
)
