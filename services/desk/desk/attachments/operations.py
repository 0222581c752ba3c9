"""What is done to attachments; each function is one transaction, or part of one.

The file is written before, since a transaction waits for no disk; what no row names is swept away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from desk.attachments.domain import Attachment
from desk.attachments.queries import get_attachment
from desk.transaction import DeskTx


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that is on the disk already; `content_type` is what its bytes show."""

    id: UUID
    name: str
    content_type: str
    size: int
    sha256: str

    @classmethod
    def of(cls, file_id: UUID, name: str, content_type: str, content: bytes) -> KeptFile:
        """What is to be known of a file's content."""
        digest = hashlib.sha256(content).hexdigest()
        return cls(file_id, name, content_type, len(content), digest)


def store_attachment(tx: DeskTx, file: KeptFile) -> Attachment:
    """Note a file that is kept; whoever sent it may attach it to a message."""
    attachment = Attachment(
        id=file.id,
        name=file.name,
        content_type=file.content_type,
        size=file.size,
        sha256=file.sha256,
        uploaded_by=tx.caller.actor,
        uploaded_at=tx.clock.now(),
    )
    attachment.store()
    tx.attachments.add(attachment)
    return attachment


def attach(
    tx: DeskTx, attachment_ids: Sequence[UUID], *, ticket_id: UUID, message_id: UUID
) -> None:
    """Have files go with a message. Raises `Invalid` for one that the caller did not send.

    And `Conflict` for one that went with another message.
    """
    found = {one.id: one for one in tx.attachments.get_many(list(attachment_ids))}
    for place, one in enumerate(attachment_ids):
        attachment = found.get(one)
        if attachment is None or attachment.uploaded_by != tx.caller.actor:
            message = f"You have sent no file {one}."
            raise Invalid.at(f"/attachment_ids/{place}", "attachment_unknown", message)
        attachment.attach(ticket_id, message_id, tx.clock.now())


def remove_attachment(tx: DeskTx, attachment_id: UUID) -> None:
    """Keep a file no longer that is attached to nothing. Raises `NotFound`, `Conflict`."""
    get_attachment(tx, attachment_id)
    attachment = tx.attachments.get(attachment_id)
    if attachment.message_id is not None:
        message = "The file is part of a conversation, and stays with it."
        raise Conflict(message, code="attachment_not_loose")
    if attachment.removed_at is not None:
        raise NotFound.of("attachment", attachment_id)
    attachment.remove(tx.clock.now())


def remove_of_messages(tx: DeskTx, message_ids: Sequence[UUID]) -> None:
    """Keep no file any longer that went with these messages: somebody is erased."""
    if message_ids:
        for attachment in tx.attachments.of_messages(list(message_ids)):
            attachment.remove(tx.clock.now())
