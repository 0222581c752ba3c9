"""What administrators do to mailboxes; each function is one transaction."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from uuid import UUID

from chassis.domain import Conflict, Invalid
from desk.mailboxes.domain import MOST_MAILBOXES, Mailbox, MailboxDetails, MailSecret
from desk.queues.operations import require_queue
from desk.transaction import DeskTx

_PREFIX = "mbx_"


def create_mailbox(tx: DeskTx, address: str, details: MailboxDetails) -> tuple[Mailbox, str]:
    """Have customers write to an address; gives the mailbox and its secret, which is not kept.

    Raises `Invalid`, and `Conflict` for an address that is taken, by whomever.
    """
    if "+" in address:
        message = "What stands behind a plus sign says which ticket an answer is about."
        raise Invalid.at("/address", "address_with_plus", message)
    _require_room(tx)
    _require_queue(tx, details)
    now, secret = tx.clock.now(), new_secret()
    mailbox = Mailbox(
        id=tx.ids.new(),
        address=address,
        details=details,
        secret=MailSecret(digest_of(secret)),
        created_at=now,
        updated_at=now,
    )
    mailbox.create()
    tx.mailboxes.add(mailbox)
    return mailbox, secret


def change_mailbox(
    tx: DeskTx, mailbox_id: UUID, change: Callable[[MailboxDetails], MailboxDetails]
) -> Mailbox:
    """Change what is said of a mailbox. Raises `NotFound`, `Invalid`, `Conflict`."""
    mailbox = tx.mailboxes.get(mailbox_id)
    details = change(mailbox.details)
    if details.queue_id != mailbox.details.queue_id:
        _require_queue(tx, details)
    mailbox.change(details, tx.clock.now())
    return mailbox


def rotate_secret(tx: DeskTx, mailbox_id: UUID) -> tuple[Mailbox, str]:
    """Give a mailbox another secret; the one before is good for a day. Raises `NotFound`, `Conflict`."""
    mailbox, secret = tx.mailboxes.get(mailbox_id), new_secret()
    mailbox.rotate(digest_of(secret), tx.clock.now())
    return mailbox, secret


def archive_mailbox(tx: DeskTx, mailbox_id: UUID) -> None:
    """Take no mail to an address any more. Raises `NotFound`."""
    tx.mailboxes.get(mailbox_id).archive(tx.clock.now())


def restore_mailbox(tx: DeskTx, mailbox_id: UUID) -> Mailbox:
    """Take mail to an address again, by the secret of before.

    Raises `NotFound`, and `Conflict` for an address that somebody has taken, or with too many mailboxes.
    """
    mailbox = tx.mailboxes.get(mailbox_id)
    if mailbox.archived_at is not None:
        _require_room(tx)
    mailbox.restore(tx.clock.now())
    return mailbox


def new_secret() -> str:
    """A secret with more chance in it than anybody can try."""
    return _PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """What is kept of a secret: enough to know it again, and not to have it."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _require_room(tx: DeskTx) -> None:
    if tx.mailboxes.count() >= MOST_MAILBOXES:
        message = f"There are {MOST_MAILBOXES} mailboxes already."
        raise Conflict(message, code="too_many_mailboxes")


def _require_queue(tx: DeskTx, details: MailboxDetails) -> None:
    if details.queue_id is not None:
        require_queue(tx, details.queue_id)
