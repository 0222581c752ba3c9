"""Who is not to be written to any more, whatever consents say (NO-4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid


class SuppressionReason(StrEnum):
    """How it came about."""

    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Scope:
    """What is suppressed: a purpose on a channel, all that is promotional, or everything.

    An empty `purpose` is everything promotional. With `everything` transactional messages are held
    back as well: an address that does not exist takes none of them.
    """

    channel: str
    purpose: str = ""
    everything: bool = False

    def covers(self, purpose: str, *, promotional: bool) -> bool:
        """Whether a message for this purpose is held back."""
        if self.everything:
            return True
        return promotional and self.purpose in ("", purpose)


@dataclass(frozen=True, slots=True)
class Unsubscribed(Fact):
    """A recipient wants no more of it."""

    person_id: UUID
    scope: Scope
    message_id: UUID | None


@dataclass(frozen=True, slots=True)
class RecipientSuppressed(Fact):
    """Nothing goes to somebody any more: an address failed, or an administrator said so."""

    person_id: UUID | None
    scope: Scope
    reason: SuppressionReason


@dataclass(frozen=True, slots=True)
class SuppressionLifted(Fact):
    """Somebody may be written to again."""

    person_id: UUID | None
    scope: Scope


@dataclass(kw_only=True)
class Suppression(Aggregate):
    """One suppression, of a person or of an address that only its fingerprint tells.

    `address_hint` is what is left of the address to recognise it by, such as `a…@example.com`.
    """

    scope: Scope
    person_id: UUID | None
    fingerprint: bytes | None
    address_hint: str
    reason: SuppressionReason
    message_id: UUID | None
    created_by: str
    created_at: datetime

    @classmethod
    def begin(
        cls,
        suppression_id: UUID,
        scope: Scope,
        whom: Whom,
        reason: SuppressionReason,
        created_by: str,
        now: datetime,
    ) -> Suppression:
        """A new suppression. Raises `Invalid` when it says of nobody."""
        if whom.person_id is None and whom.fingerprint is None:
            message = "It needs a person or an address."
            raise Invalid.at("/person_id", "recipient_unclear", message)
        made = cls(
            id=suppression_id,
            scope=scope,
            person_id=whom.person_id,
            fingerprint=whom.fingerprint,
            address_hint=whom.address_hint,
            reason=reason,
            message_id=whom.message_id,
            created_by=created_by,
            created_at=now,
        )
        made.record(made._begun())
        return made

    def _begun(self) -> Fact:
        if self.reason is SuppressionReason.UNSUBSCRIBED and self.person_id is not None:
            return Unsubscribed(self.person_id, self.scope, self.message_id)
        return RecipientSuppressed(self.person_id, self.scope, self.reason)

    def is_of(self, whom: Whom) -> bool:
        """Whether it speaks of this person, and of this address, as far as they are given."""
        person, address = whom.person_id, whom.fingerprint
        return person in (None, self.person_id) and address in (None, self.fingerprint)

    def lift(self) -> None:
        """Let them be written to again; who calls removes it."""
        self.record(SuppressionLifted(self.person_id, self.scope))


@dataclass(frozen=True, slots=True)
class Whom:
    """Of whom a suppression speaks, and the message that led to it."""

    person_id: UUID | None = None
    fingerprint: bytes | None = None
    address_hint: str = ""
    message_id: UUID | None = None


def hint_of(address: str) -> str:
    """As much of an address as lets its owner recognise it."""
    local, at, domain = address.rpartition("@")
    if at:
        return f"{local[:1]}…@{domain}"
    return f"…{address[-3:]}"
