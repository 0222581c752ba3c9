"""Puts a reply into the words of a mail: subject, signature, and links to the files that go with it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from desk.attachments.domain import Attachment
from desk.inbound_mail.storage import LastMail
from desk.mail_reading.domain import MOST_REFERENCES
from desk.mailboxes.domain import Mailbox
from desk.messages.domain import Message
from desk.outbound_mail.domain import Wording
from desk.outbound_mail.storage import customers_references
from desk.tickets.domain import Ticket
from desk.transaction import DeskTx

_LARGEST = 600_000
"""How many bytes of words go over the bus at once; HTML is left out above it."""
_FILES = {"zh": "附件（連結 30 天內有效）：", "en": "Files (the links are good for 30 days):"}


def wording_of(
    tx: DeskTx,
    ticket: Ticket,
    message: Message,
    mailbox: Mailbox | None,
    last: LastMail | None,
) -> Wording:
    """The mail that carries a reply."""
    links = _links(tx, message)
    language = message.language or ticket.language
    signature = "" if mailbox is None else mailbox.details.signature.strip()
    text = _text(message, signature, links, language)
    html = _html(message, signature, links, language)
    if len(text.encode()) + len(html.encode()) > _LARGEST:
        html = ""
    return Wording(
        subject=subject_of(ticket),
        text=text,
        html=html,
        reply_to=_reply_to(tx, ticket, mailbox),
        in_reply_to="" if last is None else last.message_id,
        references=tuple(customers_references(tx, ticket.id, MOST_REFERENCES)),
        auto_submitted="auto-replied" if message.automatic else "no",
    )


def subject_of(ticket: Ticket) -> str:
    """The subject, as readers of mail keep a conversation together by it as well."""
    subject = ticket.subject
    if not subject.lower().startswith(("re:", "回覆:", "回复:")):
        subject = f"Re: {subject}"
    return f"{subject} [{ticket.shown_number}]"


def _reply_to(tx: DeskTx, ticket: Ticket, mailbox: Mailbox | None) -> str:
    if mailbox is None:
        return ""
    addresses = tx.secrecy.answer_addresses
    return addresses.address(mailbox.address, tx.tenant_id, ticket.number)


def _links(tx: DeskTx, message: Message) -> list[tuple[Attachment, str]]:
    now, links = tx.clock.now(), tx.secrecy.file_links
    found = tx.attachments.get_many(list(message.attachment_ids))
    return [
        (one, links.link(tx.tenant_id, one.id, now)[0]) for one in found if one.removed_at is None
    ]


def _text(
    message: Message, signature: str, links: Sequence[tuple[Attachment, str]], language: str
) -> str:
    parts = [message.text.strip()]
    if links:
        lines = [f"- {one.name}: {link}" for one, link in links]
        parts.append("\n".join([_files_in(language), *lines]))
    if signature:
        parts.append(f"-- \n{signature}")
    return "\n\n".join(part for part in parts if part)


def _html(
    message: Message, signature: str, links: Sequence[tuple[Attachment, str]], language: str
) -> str:
    if not message.html:
        return ""
    parts = [message.html]
    if links:
        lines = "".join(
            f'<li><a href="{escape(link)}">{escape(one.name)}</a></li>' for one, link in links
        )
        parts.append(f"<p>{escape(_files_in(language))}</p><ul>{lines}</ul>")
    if signature:
        parts.append(f"<p>{'<br>'.join(map(escape, signature.splitlines()))}</p>")
    return "".join(parts)


def _files_in(language: str) -> str:
    return _FILES["zh" if language.startswith("zh") else "en"]
