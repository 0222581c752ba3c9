"""What becomes of a mail, and what people do with those that are held back; each is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from chassis.storage.statements import Statement
from desk.attachments.operations import KeptFile, store_attachment
from desk.inbound_mail.acknowledging import acknowledge
from desk.inbound_mail.correspondents import from_correspondent
from desk.inbound_mail.domain import (
    COUNTED_WITHIN,
    MOST_FROM_MACHINE,
    MOST_FROM_ONE,
    InboundMail,
    Landing,
    Outcome,
    key_of,
)
from desk.inbound_mail.threading import thread_of
from desk.mail_reading.domain import Automatic, ParsedMail
from desk.mailboxes.answer_addresses import plain_address
from desk.mailboxes.domain import Mailbox
from desk.mailboxes.storage import addresses_in_use
from desk.messages.adding import Received, Said
from desk.messages.domain import Sender
from desk.messages.operations import note, receive_message
from desk.outbound_mail.names import message_name, notification_in
from desk.outbound_mail.operations import mail_came_back
from desk.outbound_mail.storage import keep_reference
from desk.ticket_facts.domain import Channel
from desk.tickets.domain import TicketDetails
from desk.tickets.operations import open_ticket
from desk.transaction import DeskTx

_FIRST = Statement(
    "SELECT id FROM messages WHERE tenant_id = %(tenant_id)s AND ticket_id = %(ticket_id)s"
    " ORDER BY said_at, id LIMIT 1"
)
_NO_SUBJECT = {"zh": "（無主旨）", "en": "(no subject)"}


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail as it is handed over: what it says, its files, and whom the server was told it is for.

    `trusted` is whether somebody has looked at it and let it through.
    """

    id: UUID
    mail: ParsedMail
    files: Sequence[KeptFile] = ()
    left_out: tuple[str, ...] = ()
    envelope: tuple[str, ...] = ()
    trusted: bool = False


def take_in(tx: DeskTx, mailbox: Mailbox, arrived: Arrived) -> InboundMail:
    """Do what a mail asks for, once however often it comes; gives the mail as it is known."""
    now, key = tx.clock.now(), _key_of(arrived.mail)
    known = tx.inbound_mails.known(mailbox.id, key)
    if known is not None:
        return known
    arrived = _from_correspondent(tx, mailbox, arrived)
    mail = arrived.mail
    inbound = InboundMail(
        id=arrived.id,
        mailbox_id=mailbox.id,
        key=key,
        header_id=mail.message_id,
        sender=mail.sender,
        sender_name=mail.sender_name,
        reply_to=mail.reply_to,
        subject=mail.subject,
        automatic=mail.automatic is not Automatic.NO,
        left_out=arrived.left_out,
        landing=_land(tx, mailbox, arrived),
        received_at=now,
        decided_at=now,
    )
    inbound.receive()
    tx.inbound_mails.add(inbound)
    _acknowledge(tx, mailbox, arrived, inbound.landing)
    return inbound


def release(tx: DeskTx, mailbox: Mailbox, arrived: Arrived) -> InboundMail:
    """Let a mail through that was held back, whatever it looks like. Raises `NotFound`, `Conflict`."""
    inbound = tx.inbound_mails.get(arrived.id)
    inbound.require_held_back()
    arrived = _from_correspondent(tx, mailbox, arrived)
    inbound.release(_land(tx, mailbox, arrived), arrived.left_out, tx.clock.now())
    _acknowledge(tx, mailbox, arrived, inbound.landing)
    return inbound


def discard(tx: DeskTx, mail_id: UUID) -> InboundMail:
    """Throw a mail away that was held back. Raises `NotFound`, `Conflict`."""
    inbound = tx.inbound_mails.get(mail_id)
    inbound.discard(tx.clock.now())
    return inbound


def _key_of(mail: ParsedMail) -> str:
    return key_of(mail.message_id, mail.sender, mail.digest)


def _from_correspondent(tx: DeskTx, mailbox: Mailbox, arrived: Arrived) -> Arrived:
    return replace(arrived, mail=from_correspondent(tx, mailbox, arrived.mail))


def _land(tx: DeskTx, mailbox: Mailbox, arrived: Arrived) -> Landing:
    mail = arrived.mail
    if mail.unreadable:
        return Landing(Outcome.QUARANTINED, mail.unreadable)
    if mail.bounce is not None:
        return _bounced(tx, mail)
    if not arrived.trusted:
        why = _unwanted(tx, mailbox, mail)
        if why is not None:
            return why
    thread = thread_of(tx, mail, arrived.envelope)
    if mail.automatic is Automatic.REPLY:
        if thread.ticket_id is None:
            return Landing(Outcome.DROPPED, "auto_reply")
        text = mail.text or mail.subject or "-"
        said = Said(text=text, channel=Channel.EMAIL, external_id=_name(arrived), automatic=True)
        noted = note(tx, thread.ticket_id, said)
        return Landing(Outcome.NOTED, "auto_reply", thread.ticket_id, noted.id)
    if thread.ticket_id is not None:
        return _threaded(tx, thread.ticket_id, arrived)
    return _opened(tx, mailbox, arrived, thread.refused_id)


def _unwanted(tx: DeskTx, mailbox: Mailbox, mail: ParsedMail) -> Landing | None:
    """Why a mail goes to no ticket for now, if there is something."""
    own = notification_in(mail.message_id)
    if own is not None and tx.outbound_mails.notified_as(own) is not None:
        return Landing(Outcome.DROPPED, "loop")
    if plain_address(mail.sender) in addresses_in_use(tx):
        return Landing(Outcome.DROPPED, "loop")
    if mailbox.denies(mail.sender):
        return Landing(Outcome.DROPPED, "denied")
    if mail.spam and not mailbox.allows(mail.sender):
        return Landing(Outcome.QUARANTINED, mail.spam)
    most = MOST_FROM_ONE if mail.automatic is Automatic.NO else MOST_FROM_MACHINE
    since = tx.clock.now() - COUNTED_WITHIN
    if not mailbox.allows(mail.sender) and tx.inbound_mails.count_from(mail.sender, since) >= most:
        return Landing(Outcome.QUARANTINED, "too_many")
    return None


def _bounced(tx: DeskTx, mail: ParsedMail) -> Landing:
    detail = "" if mail.bounce is None else mail.bounce.detail
    for message_id in (*mail.returned, *mail.references):
        notification_id = notification_in(message_id)
        if notification_id is not None:
            sent = mail_came_back(tx, notification_id, detail)
            if sent is not None:
                return Landing(Outcome.BOUNCE, ticket_id=sent.ticket_id)
    return Landing(Outcome.DROPPED, "bounce_of_nothing")


def _threaded(tx: DeskTx, ticket_id: UUID, arrived: Arrived) -> Landing:
    message = receive_message(tx, ticket_id, _received(tx, arrived))
    tx.flush()
    _keep_reference(tx, arrived.mail, message.ticket_id)
    is_same = message.ticket_id == ticket_id or _went_into(tx, ticket_id, message.ticket_id)
    _tell_what_is_missing(tx, message.ticket_id, arrived)
    outcome = Outcome.THREADED if is_same else Outcome.FOLLOWED_UP
    return Landing(outcome, "", message.ticket_id, message.id)


def _went_into(tx: DeskTx, ticket_id: UUID, target_id: UUID) -> bool:
    """Whether a ticket was merged into another, and is not followed up by it."""
    ticket = tx.tickets.whosever(ticket_id)
    return ticket is not None and ticket.merged_into_id == target_id


def _opened(tx: DeskTx, mailbox: Mailbox, arrived: Arrived, refused_id: UUID | None) -> Landing:
    mail, language = arrived.mail, mailbox.details.language
    details = TicketDetails(
        subject=mail.subject or _NO_SUBJECT["zh" if language.startswith("zh") else "en"],
        requester_address=mail.sender,
        language=language,
        channel=Channel.EMAIL,
    )
    queue_id = _queue_in_use(tx, mailbox)
    ticket = open_ticket(tx, details, _received(tx, arrived), queue_id=queue_id, keep_assignee=True)
    _keep_reference(tx, mail, ticket.id)
    message_id = _first_message(tx, ticket.id)
    if refused_id is not None:
        _tell_of_refusal(tx, ticket.id, refused_id)
    _tell_what_is_missing(tx, ticket.id, arrived)
    reason = "" if refused_id is None else "not_a_participant"
    return Landing(Outcome.OPENED, reason, ticket.id, message_id)


def _first_message(tx: DeskTx, ticket_id: UUID) -> UUID | None:
    tx.flush()
    row = tx.fetch_one(_FIRST, {"tenant_id": tx.tenant_id, "ticket_id": ticket_id})
    return None if row is None else row["id"]


def _keep_reference(tx: DeskTx, mail: ParsedMail, ticket_id: UUID) -> None:
    """Remember that answers to a mail are about a ticket."""
    if mail.message_id:
        keep_reference(tx, mail.message_id, ticket_id)


def _received(tx: DeskTx, arrived: Arrived) -> Received:
    mail = arrived.mail
    ids = tuple(store_attachment(tx, file).id for file in arrived.files)
    text = mail.text if mail.text.strip() or ids else mail.subject or "-"
    return Received(
        text=text,
        html=mail.html,
        channel=Channel.EMAIL,
        sender=Sender(None, mail.sender_name, mail.sender),
        external_id=_name(arrived),
        attachment_ids=ids,
    )


def _name(arrived: Arrived) -> str:
    return message_name(arrived.id)


def _queue_in_use(tx: DeskTx, mailbox: Mailbox) -> UUID | None:
    """The mailbox's queue, unless it was archived since: routing finds another."""
    if mailbox.details.queue_id is None:
        return None
    queue = tx.queues.seen(mailbox.details.queue_id)
    return None if queue is None or queue.archived_at is not None else queue.id


def _tell_of_refusal(tx: DeskTx, ticket_id: UUID, refused_id: UUID) -> None:
    other = tx.tickets.whosever(refused_id)
    if other is not None:
        text = (
            f"The mail names a mail of {other.shown_number} that it answers, and its sender takes no"
            " part in that ticket. So it was not put there."
        )
        note(tx, ticket_id, Said(text=text, channel=Channel.EMAIL, automatic=True))


def _tell_what_is_missing(tx: DeskTx, ticket_id: UUID, arrived: Arrived) -> None:
    if arrived.left_out:
        text = "Files that came with the mail and are not kept: " + ", ".join(arrived.left_out)
        note(tx, ticket_id, Said(text=text, channel=Channel.EMAIL, automatic=True))


def _acknowledge(tx: DeskTx, mailbox: Mailbox, arrived: Arrived, landing: Landing) -> None:
    is_new = landing.outcome in (Outcome.OPENED, Outcome.FOLLOWED_UP)
    if is_new and landing.ticket_id is not None and arrived.mail.automatic is Automatic.NO:
        acknowledge(tx, mailbox, landing.ticket_id)
