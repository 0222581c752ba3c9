"""Sends customers what they are answered, and notes what became of it; parts of transactions."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from desk.followers.storage import followers_of
from desk.inbound_mail.storage import LastMail, last_mail_of
from desk.mailboxes.domain import Mailbox
from desk.mailboxes.storage import addresses_in_use, mailbox_or_none
from desk.messages.adding import Said
from desk.messages.domain import Message
from desk.messages.operations import note
from desk.outbound_mail.addressing import answered_at
from desk.outbound_mail.composing import wording_of
from desk.outbound_mail.domain import (
    AUTOMATIC_WITHIN,
    MOST_AUTOMATIC,
    Kind,
    MailState,
    OutboundMail,
)
from desk.outbound_mail.names import own_reference
from desk.outbound_mail.storage import keep_reference
from desk.ticket_facts.domain import Channel
from desk.tickets.domain import Ticket
from desk.transaction import DeskTx

_SAID = {
    MailState.BOUNCED: "The mail came back",
    MailState.HELD_BACK: "The mail was not sent",
    MailState.FAILED: "The mail could not be sent",
    MailState.CANCELLED: "The mail was taken back before it was sent",
    MailState.COMPLAINED: "The customer's provider reported the mail as unwanted",
}


def mail_reply(tx: DeskTx, message_id: UUID) -> list[OutboundMail]:
    """Have a public reply go by mail to whoever asked, and to all who follow the ticket; once.

    What no person wrote goes to whoever asked alone, not in answer to a machine, and so many an hour
    at most: however two machines come to write to each other, it ends.
    """
    if tx.outbound_mails.of_message(message_id):
        return []
    message = tx.messages.get(message_id)
    ticket = tx.tickets.whosever(message.ticket_id)
    if ticket is None:
        return []
    last = last_mail_of(tx, ticket.id)
    if message.automatic and last is not None and last.automatic:
        return []
    mailbox = _mailbox_of(tx, ticket, last)
    wording, there = wording_of(tx, ticket, message, mailbox, last), answered_at(tx, ticket)
    mails = []
    for place, (person_id, address) in enumerate(_recipients(tx, ticket, message, there)):
        if message.automatic and _too_many(tx, person_id, address):
            continue
        mail = OutboundMail(
            id=tx.ids.new(),
            ticket_id=ticket.id,
            message_id=message.id,
            place=place,
            kind=Kind.ACKNOWLEDGEMENT if message.automatic else Kind.REPLY,
            person_id=person_id,
            address=address,
            mailbox_id=None if mailbox is None else mailbox.id,
            asked_at=tx.clock.now(),
            updated_at=tx.clock.now(),
        )
        asked = person_id is not None and person_id == ticket.person_id
        mail.ask(replace(wording, written_from=there) if asked else wording)
        tx.outbound_mails.add(mail)
        mails.append(mail)
    return mails


def follow_mail(
    tx: DeskTx, mail_id: UUID, state: MailState, reason: str, notification_id: UUID, version: int
) -> None:
    """Note what notifications says of a mail; for one that did not arrive, on its ticket as well."""
    found = tx.outbound_mails.get_many([mail_id])
    if not found:
        return
    mail = found[0]
    keep_reference(tx, own_reference(notification_id), mail.ticket_id)
    if mail.follow(state, reason, notification_id, version, tx.clock.now()):
        _tell(tx, mail)


def mail_came_back(tx: DeskTx, notification_id: UUID, detail: str) -> OutboundMail | None:
    """Note that a mail server has sent a mail of ours back; None for one that is none of ours."""
    mail = tx.outbound_mails.notified_as(notification_id)
    if mail is not None and mail.came_back(detail, tx.clock.now()):
        _tell(tx, mail)
    return mail


def _tell(tx: DeskTx, mail: OutboundMail) -> None:
    reason = f": {mail.reason}" if mail.reason else "."
    text = f"{_SAID.get(mail.state, 'The mail did not arrive')}{reason}"
    said = Said(
        text=text, channel=Channel.EMAIL, external_id=f"mail:{mail.id}:{mail.state}", automatic=True
    )
    note(tx, mail.ticket_id, said)


def _recipients(
    tx: DeskTx, ticket: Ticket, message: Message, there: str
) -> list[tuple[UUID | None, str]]:
    """Whom it goes to: people by their ids, and addresses of whoever is not known."""
    asked = (ticket.person_id, "" if ticket.person_id else there or ticket.requester_address)
    others = [] if message.automatic else followers_of(tx, ticket.id)
    copied = [(one.person_id, "" if one.person_id else one.address) for one in others]
    return [one for one in dict.fromkeys((asked, *copied)) if one[0] is not None or one[1]]


def _mailbox_of(tx: DeskTx, ticket: Ticket, last: LastMail | None) -> Mailbox | None:
    """Where answers go: the mailbox that the customer wrote to, that of the queue, or the first one."""
    written_to = None if last is None else mailbox_or_none(tx, last.mailbox_id)
    if written_to is not None and written_to.archived_at is None:
        return written_to
    known = [mailbox_or_none(tx, one) for one in list(addresses_in_use(tx).values())[:50]]
    there = [one for one in known if one is not None]
    of_queue = [one for one in there if ticket.queue_id and one.details.queue_id == ticket.queue_id]
    return next(iter([*of_queue, *there]), None)


def _too_many(tx: DeskTx, person_id: UUID | None, address: str) -> bool:
    since = tx.clock.now() - AUTOMATIC_WITHIN
    return tx.outbound_mails.automatic_since(person_id, address, since) >= MOST_AUTOMATIC
