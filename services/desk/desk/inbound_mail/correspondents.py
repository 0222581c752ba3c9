"""Whose a mail is, and where answers to it go: what its Reply-To counts for."""

from __future__ import annotations

from dataclasses import replace

from desk.mail_reading.domain import ParsedMail
from desk.mailboxes.answer_addresses import plain_address
from desk.mailboxes.domain import Mailbox
from desk.mailboxes.storage import addresses_in_use
from desk.transaction import DeskTx


def from_correspondent(tx: DeskTx, mailbox: Mailbox, mail: ParsedMail) -> ParsedMail:
    """The mail as from whoever has written, its `reply_to` empty unless answers go there.

    Anybody can name any address in Reply-To, and answers have in them what the ticket is about. So it
    counts only at the sender's own domain, whose mail servers answer for both, or where the mailbox
    trusts it: there, it names who has written. Never is it an address that customers write to, or we
    would answer ourselves.
    """
    wanted = mail.reply_to
    if wanted in ("", mail.sender) or mailbox.denies(mail.sender):
        return replace(mail, reply_to="")
    trusts = mailbox.details.trusts_reply_to
    if not trusts and _domain(wanted) != _domain(mail.sender):
        return replace(mail, reply_to="")
    if plain_address(wanted) in addresses_in_use(tx):
        return replace(mail, reply_to="")
    if not trusts:
        return mail
    # Who the form is, is allowed once and for all; whoever fills it in has no name for that list.
    spam = "" if mailbox.allows(mail.sender) else mail.spam
    return replace(mail, sender=wanted, sender_name=mail.reply_to_name, reply_to="", spam=spam)


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
