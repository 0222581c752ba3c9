"""Mail from customers: that it came, once, and what became of it (DE-2)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact

LARGEST = 16 * 1024 * 1024
RAW_KEPT = timedelta(days=30)
"""How long a mail is kept as it came."""
MOST_FROM_ONE = 60
MOST_FROM_MACHINE = 10
COUNTED_WITHIN = timedelta(hours=1)
"""So many mails of one sender are taken within this time; what comes above is looked at first."""


class Outcome(StrEnum):
    """What became of a mail.

    It `opened` a ticket, was `threaded` into one, `followed_up` a closed one, was `noted` on one that
    nobody needs to answer, was a `bounce`, was `dropped` since nobody needs it, is `quarantined` until
    somebody has looked at it, or was `discarded` by who did.
    """

    OPENED = "opened"
    THREADED = "threaded"
    FOLLOWED_UP = "followed_up"
    NOTED = "noted"
    BOUNCE = "bounce"
    DROPPED = "dropped"
    QUARANTINED = "quarantined"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a mail went, and why where there is something to say."""

    outcome: Outcome
    reason: str = ""
    ticket_id: UUID | None = None
    message_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class MailReceived(Fact):
    """A mail has arrived, and it is known what it means."""

    mail: InboundMail


@dataclass(frozen=True, slots=True)
class MailReleased(Fact):
    """A mail that was held back was let through."""

    mail: InboundMail


@dataclass(frozen=True, slots=True)
class MailDiscarded(Fact):
    """A mail that was held back was thrown away."""

    mail: InboundMail


@dataclass(kw_only=True)
class InboundMail(Aggregate):
    """A mail that arrived at a mailbox; `key` is what it is known again by.

    `header_id` is its Message-ID, `reply_to` where answers to it go, if not to its sender. `automatic`
    is whether no person wrote it, `left_out` what its files were called that are not kept. As it came
    it is a file, for a while.
    """

    mailbox_id: UUID
    key: str
    header_id: str
    sender: str
    sender_name: str
    reply_to: str
    subject: str
    automatic: bool
    left_out: tuple[str, ...]
    landing: Landing
    received_at: datetime
    decided_at: datetime

    def receive(self) -> None:
        """Say that it has arrived."""
        self.record(MailReceived(self))

    def release(self, landing: Landing, left_out: tuple[str, ...], now: datetime) -> None:
        """Be let through after all. Raises `Conflict` for one that is not held back."""
        self.require_held_back()
        self.landing, self.left_out, self.decided_at = landing, left_out, now
        self.record(MailReleased(self))

    def discard(self, now: datetime) -> None:
        """Be thrown away. Raises `Conflict` for one that is not held back."""
        self.require_held_back()
        self.landing = Landing(Outcome.DISCARDED, self.landing.reason)
        self.decided_at = now
        self.record(MailDiscarded(self))

    def require_held_back(self) -> None:
        """Raises `Conflict` for one about which it was decided already."""
        if self.landing.outcome is not Outcome.QUARANTINED:
            raise Conflict("The mail is not held back.", code="mail_not_quarantined")


def key_of(message_id: str, sender: str, digest: str) -> str:
    """What a mail is known again by: its Message-ID with its sender, or all of it without one.

    The sender counts, so that nobody keeps others' mail out by calling their own the same.
    """
    named = f"id\n{message_id}\n{sender}" if message_id else f"all\n{digest}"
    return hashlib.sha256(named.encode()).hexdigest()
