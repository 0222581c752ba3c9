"""Tells a customer at once that a mail has arrived: an answer that no person wrote, and answers nothing."""

from __future__ import annotations

from uuid import UUID

from desk.mailboxes.domain import Mailbox
from desk.messages.adding import Said
from desk.messages.operations import reply
from desk.ticket_facts.domain import Channel
from desk.transaction import DeskTx

_WORDS = {
    "en": "Thank you. Your message has arrived and has the number {number}. We will answer as soon as we can.",
    "zh-Hant": "謝謝您的來信。我們已經收到，編號是 {number}，會盡快回覆您。",
    "zh-Hans": "谢谢您的来信。我们已经收到，编号是 {number}，会尽快回复您。",
}
_NUMBER = "{number}"


def acknowledge(tx: DeskTx, mailbox: Mailbox, ticket_id: UUID) -> None:
    """Say on the ticket that it has arrived, if the mailbox does; the mail follows from that."""
    ticket = tx.tickets.whosever(ticket_id)
    if not mailbox.details.acknowledges or ticket is None:
        return
    language = ticket.language or mailbox.details.language
    text = _words(mailbox, language).replace(_NUMBER, ticket.shown_number)
    said = Said(text=text, channel=Channel.EMAIL, language=language, automatic=True)
    reply(tx, ticket_id, said)


def _words(mailbox: Mailbox, language: str) -> str:
    own = mailbox.details.acknowledgement
    tried = (language, language.partition("-")[0])
    for words in (own, _WORDS):
        for one in tried:
            if one in words:
                return words[one]
        if words and words is own:
            return next(iter(own.values()))
    is_chinese = language.startswith("zh")
    return _WORDS[
        "zh-Hans" if language in ("zh-CN", "zh-SG") else "zh-Hant" if is_chinese else "en"
    ]
