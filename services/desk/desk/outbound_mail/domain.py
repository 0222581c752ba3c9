"""Mail to customers about tickets: what it carries, and what became of it (DE-2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact, Unpublished

MOST_AUTOMATIC = 5
AUTOMATIC_WITHIN = timedelta(hours=1)
"""So many mails that no person wrote go to one recipient within this time, whatever asks for them."""


class Kind(StrEnum):
    """What a mail carries: what an agent wrote, or what the desk says by itself."""

    REPLY = "reply"
    ACKNOWLEDGEMENT = "acknowledgement"


class MailState(StrEnum):
    """How it stands, as notifications tells it. `uncertain` is what nobody can tell."""

    ASKED = "asked"
    QUEUED = "queued"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    DELIVERED = "delivered"
    HELD_BACK = "held_back"
    FAILED = "failed"
    CANCELLED = "cancelled"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


UNDELIVERED = frozenset(
    (
        MailState.HELD_BACK,
        MailState.FAILED,
        MailState.CANCELLED,
        MailState.BOUNCED,
        MailState.COMPLAINED,
    )
)


@dataclass(frozen=True, slots=True)
class Wording:
    """What is sent, and how it hangs together with what the customer has sent.

    `written_from` is where a person gets it who has written from there; empty for what they prefer.
    """

    subject: str
    text: str
    html: str = ""
    reply_to: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    auto_submitted: str = "no"
    written_from: str = ""


@dataclass(frozen=True, slots=True)
class TicketMailAsked(Fact):
    """A customer is to be sent a mail."""

    mail: OutboundMail


@dataclass(frozen=True, slots=True)
class MailWanted(Fact):
    """Notifications is asked to send it."""

    mail: OutboundMail
    wording: Wording


@dataclass(frozen=True, slots=True)
class MailStood(Unpublished):
    """It stands otherwise than before, which notifications has told already."""


@dataclass(frozen=True, slots=True)
class TicketMailDelivered(Fact):
    """It has arrived, as far as anybody can tell."""

    mail: OutboundMail


@dataclass(frozen=True, slots=True)
class TicketMailUndelivered(Fact):
    """It did not arrive, and will not."""

    mail: OutboundMail


@dataclass(kw_only=True)
class OutboundMail(Aggregate):
    """A mail to somebody about a ticket; notifications sends it under the id of this.

    `place` counts those that carry the same reply: the first is for whoever asked. Exactly one of `person_id` and `address` says to whom. `notification_id` is what notifications calls
    it, and `told_version` how far it has told of it.
    """

    ticket_id: UUID
    message_id: UUID
    place: int
    kind: Kind
    person_id: UUID | None
    address: str
    mailbox_id: UUID | None
    state: MailState = MailState.ASKED
    reason: str = ""
    notification_id: UUID | None = None
    told_version: int = 0
    asked_at: datetime
    updated_at: datetime

    def ask(self, wording: Wording) -> None:
        """Have it sent."""
        self.record(TicketMailAsked(self))
        self.record(MailWanted(self, wording))

    def follow(
        self, state: MailState, reason: str, notification_id: UUID, version: int, now: datetime
    ) -> bool:
        """Stand as notifications says; tells whether it is known now that it did not arrive.

        What was told before something else is passed over, in whatever order it comes.
        """
        if version <= self.told_version:
            return False
        self.told_version, self.notification_id = version, notification_id
        return self._stand(state, reason, now)

    def came_back(self, reason: str, now: datetime) -> bool:
        """A mail server has sent it back; tells whether that is news."""
        return self.state is not MailState.BOUNCED and self._stand(MailState.BOUNCED, reason, now)

    def _stand(self, state: MailState, reason: str, now: datetime) -> bool:
        was_undelivered = self.state in UNDELIVERED
        self.state, self.reason, self.updated_at = state, reason[:300], now
        if state is MailState.DELIVERED:
            self.record(TicketMailDelivered(self))
        elif state in UNDELIVERED and not was_undelivered:
            self.record(TicketMailUndelivered(self))
            return True
        else:
            self.record(MailStood())
        return False
