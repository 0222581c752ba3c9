"""Which ticket a mail is about: by the address that it was sent to, or by what it answers.

Never by the subject. A signed address lets anybody in who has it, since only those have it whom a
customer gave it to; what a mail says that it answers lets in those alone who take part already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.storage.statements import Statement
from desk.mail_reading.domain import ParsedMail
from desk.outbound_mail.names import reference_of
from desk.outbound_mail.storage import tickets_referred_to
from desk.transaction import DeskTx


@dataclass(frozen=True, slots=True)
class Thread:
    """The ticket of a mail; and one that it names without that its sender takes part in it."""

    ticket_id: UUID | None = None
    refused_id: UUID | None = None


def thread_of(tx: DeskTx, mail: ParsedMail, envelope: Sequence[str]) -> Thread:
    """Find the ticket; `envelope` are the recipients that the mail server was told."""
    for address in (*envelope, *mail.recipients):
        number = tx.secrecy.answer_addresses.number_in(address, tx.tenant_id)
        ticket_id = None if number is None else _numbered(tx, number)
        if ticket_id is not None:
            return Thread(ticket_id)
    newest_first = [name for one in reversed(mail.references) for name in reference_of(one)]
    found = tickets_referred_to(tx, newest_first) if newest_first else {}
    refused = None
    for name in newest_first:
        ticket_id = found.get(name)
        if ticket_id is not None and _takes_part(tx, ticket_id, mail.sender):
            return Thread(ticket_id)
        refused = refused or ticket_id
    return Thread(refused_id=refused)


def _numbered(tx: DeskTx, number: int) -> UUID | None:
    row = tx.fetch_one(_BY_NUMBER, {"tenant_id": tx.tenant_id, "number": number})
    return None if row is None else row["id"]


def _takes_part(tx: DeskTx, ticket_id: UUID, sender: str) -> bool:
    about = {"tenant_id": tx.tenant_id, "ticket_id": ticket_id, "sender": sender}
    return bool(sender) and tx.fetch_one(_TAKES_PART, about) is not None


_BY_NUMBER = Statement(
    "SELECT id FROM tickets WHERE tenant_id = %(tenant_id)s AND number = %(number)s"
)
_TAKES_PART = Statement(
    """
    SELECT 1 AS one WHERE EXISTS (
        SELECT FROM tickets WHERE tenant_id = %(tenant_id)s AND id = %(ticket_id)s
            AND requester_address = %(sender)s)
    OR EXISTS (
        SELECT FROM messages WHERE tenant_id = %(tenant_id)s AND origin_ticket_id = %(ticket_id)s
            AND kind = 'customer' AND sender_address = %(sender)s)
    OR EXISTS (
        SELECT FROM ticket_followers WHERE tenant_id = %(tenant_id)s AND ticket_id = %(ticket_id)s
            AND address = %(sender)s)
    """
)
