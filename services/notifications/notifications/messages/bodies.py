"""The words of messages as they went out: kept for retries and the log for some days, then blanked."""

from __future__ import annotations

from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from notifications.messages.domain import Content


def keep_body(tx: UnitOfWork, message_id: UUID, content: Content, language: str) -> None:
    """Keep the words, so that every attempt sends the same ones."""
    about = {
        "tenant_id": tx.tenant_id,
        "message_id": message_id,
        "subject": content.subject,
        "text": content.text,
        "html": content.html,
        "link": content.link,
        "language": language,
        "now": tx.clock.now(),
    }
    tx.write(_KEEP, about)


def replace_body(tx: UnitOfWork, message_id: UUID, content: Content) -> None:
    """Have a message that was not sent yet say something else."""
    about = {
        "tenant_id": tx.tenant_id,
        "message_id": message_id,
        "subject": content.subject,
        "text": content.text,
        "html": content.html,
        "link": content.link,
    }
    tx.write(_REPLACE, about)


def body_of(reading: Reading | UnitOfWork, message_id: UUID) -> tuple[Content, str] | None:
    """The words and their language; None when they were not written yet, or are blanked."""
    about = {"tenant_id": reading.caller.tenant_id, "message_id": message_id}
    row = reading.fetch_one(_READ, about)
    if row is None:
        return None
    content = Content(row["subject"], row["text"], row["html"], row["link"])
    return content, row["language"]


_KEEP = Statement(
    """
    INSERT INTO message_bodies
        (tenant_id, message_id, subject, text, html, link, language, written_at)
    VALUES (%(tenant_id)s, %(message_id)s, %(subject)s, %(text)s, %(html)s, %(link)s,
        %(language)s, %(now)s)
    ON CONFLICT (tenant_id, message_id) DO NOTHING
    """
)
_REPLACE = Statement(
    "UPDATE message_bodies SET subject = %(subject)s, text = %(text)s, html = %(html)s,"
    " link = %(link)s"
    " WHERE tenant_id = %(tenant_id)s AND message_id = %(message_id)s"
)
_READ = Statement(
    "SELECT subject, text, html, link, language FROM message_bodies"
    " WHERE tenant_id = %(tenant_id)s AND message_id = %(message_id)s"
)
