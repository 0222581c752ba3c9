"""The addresses that customers write to, and how mail to them is taken in (DE-2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact

MOST_MAILBOXES = 200
MOST_SENDERS = 500
OLD_SECRET_LASTS = timedelta(days=1)
"""How long mail is taken with the secret before, so that it can be changed at both ends."""


@dataclass(frozen=True, slots=True)
class MailboxDetails:
    """What an administrator says of a mailbox.

    Tickets from it go into `queue_id` and are in `language`. Whoever opens one is told at once, if it
    `acknowledges`, in the words of `acknowledgement` by language, or in those of the platform. Senders
    are addresses, or domains with `@` before them: what is allowed is never taken for spam, what is
    denied is dropped. One that `trusts_reply_to` is where a website's form mails what people fill in:
    whoever is named in Reply-To has written.
    """

    display_name: str = ""
    language: str = ""
    queue_id: UUID | None = None
    signature: str = ""
    acknowledges: bool = True
    acknowledgement: Mapping[str, str] = field(default_factory=dict)
    allowed_senders: tuple[str, ...] = ()
    denied_senders: tuple[str, ...] = ()
    trusts_reply_to: bool = False


@dataclass(frozen=True, slots=True)
class MailboxCreated(Fact):
    """Customers may write to an address."""

    mailbox: Mailbox


@dataclass(frozen=True, slots=True)
class MailboxChanged(Fact):
    """Something about it is different."""

    mailbox: Mailbox
    changed_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MailboxSecretRotated(Fact):
    """It has another secret."""

    mailbox_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class MailboxArchived(Fact):
    """It takes no mail any more."""

    mailbox_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class MailboxRestored(Fact):
    """It takes mail again."""

    mailbox_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class MailSecret:
    """What proves who hands mail over: only digests of it are kept. The one before is good for a while."""

    digest: str
    previous: str = ""
    previous_until: datetime | None = None

    def fits(self, digest: str, now: datetime) -> bool:
        """Whether this is the digest of a secret that counts now."""
        is_old = self.previous_until is not None and now < self.previous_until
        return digest == self.digest or (is_old and digest == self.previous)


@dataclass(kw_only=True)
class Mailbox(Aggregate):
    """An address that customers write to. It is unique on the platform, and for good."""

    address: str
    details: MailboxDetails
    secret: MailSecret
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def create(self) -> None:
        """Say that it is there."""
        self.record(MailboxCreated(self))

    def change(self, details: MailboxDetails, now: datetime) -> None:
        """Take over `details`. Raises `Conflict` for an archived one."""
        self._require_in_use()
        names = [one.name for one in fields(MailboxDetails)]
        differing = [n for n in names if getattr(details, n) != getattr(self.details, n)]
        if differing:
            self.details, self.updated_at = details, now
            self.record(MailboxChanged(self, tuple(sorted(differing))))

    def rotate(self, digest: str, now: datetime) -> None:
        """Have another secret. Raises `Conflict` for an archived one."""
        self._require_in_use()
        self.secret = MailSecret(digest, self.secret.digest, now + OLD_SECRET_LASTS)
        self.updated_at = now
        self.record(MailboxSecretRotated(self.id, now))

    def archive(self, now: datetime) -> None:
        """Take no mail any more; another mailbox may have the address then."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(MailboxArchived(self.id, now))

    def restore(self, now: datetime) -> None:
        """Take mail again, by the secret that it had; nothing happens to one that does."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(MailboxRestored(self.id, now))

    def allows(self, sender: str) -> bool:
        """Whether mail of a sender is never taken for spam."""
        return _is_among(sender, self.details.allowed_senders)

    def denies(self, sender: str) -> bool:
        """Whether mail of a sender is dropped."""
        return _is_among(sender, self.details.denied_senders)

    def _require_in_use(self) -> None:
        if self.archived_at is not None:
            raise Conflict("The mailbox is archived.", code="mailbox_archived")


def _is_among(sender: str, listed: tuple[str, ...]) -> bool:
    return sender in listed or f"@{sender.rpartition('@')[2]}" in listed
