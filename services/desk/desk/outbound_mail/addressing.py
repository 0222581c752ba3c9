"""Where whoever asked is answered: at the address that they last wrote from."""

from __future__ import annotations

from chassis.storage.statements import Statement
from desk.inbound_mail.storage import reply_to_of
from desk.outbound_mail.names import mail_named
from desk.tickets.domain import Ticket
from desk.transaction import DeskTx


def answered_at(tx: DeskTx, ticket: Ticket) -> str:
    """The address that a ticket's requester last wrote from, or wants answers at; empty for none.

    Only what is known to be theirs: an address by which they have asked, here or by a ticket that is a
    part of this one, or that an app names the person with. Others that have the ticket's signed address
    may write to it too, forwarded mails have it; answers do not follow them.
    """
    about = {"tenant_id": tx.tenant_id, "ticket_id": ticket.id, "person_id": ticket.person_id}
    row = tx.fetch_one(_LAST, about)
    if row is None:
        return ""
    mail_id = mail_named(row["external_id"])
    wanted = "" if mail_id is None else reply_to_of(tx, mail_id)
    return wanted or str(row["sender_address"])


_LAST = Statement(
    """
    SELECT m.sender_address, m.external_id FROM messages m
    JOIN tickets o ON o.tenant_id = m.tenant_id AND o.id = m.origin_ticket_id
    WHERE m.tenant_id = %(tenant_id)s AND m.ticket_id = %(ticket_id)s AND m.kind = 'customer'
        AND m.channel IN ('email', 'web_form') AND m.sender_address <> ''
        AND (m.person_id = %(person_id)s OR (m.sender_address = o.requester_address
            AND (o.id = m.ticket_id OR o.person_id = %(person_id)s)))
    ORDER BY m.said_at DESC, m.id DESC LIMIT 1
    """
)
