"""A browser or device that has said where messages may be pushed to (RFC 8030)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.domain import Aggregate, Fact

MOST_DEVICES = 20
"""Of one person or user; the oldest makes room for a new one."""


@dataclass(frozen=True, slots=True)
class DeviceOwner:
    """Whose device it is: a person's or a user's."""

    person_id: UUID | None = None
    user_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PushSubscriptionAdded(Fact):
    """A device may be pushed to."""

    subscription_id: UUID
    owner: DeviceOwner


@dataclass(frozen=True, slots=True)
class PushSubscriptionRemoved(Fact):
    """A device is not pushed to any longer; `gone` when its push service said so."""

    subscription_id: UUID
    owner: DeviceOwner
    gone: bool


@dataclass(kw_only=True)
class PushSubscription(Aggregate):
    """One device. `sealed` holds its address and keys; `fingerprint` tells the address."""

    owner: DeviceOwner
    fingerprint: bytes
    sealed: bytes
    label: str
    created_at: datetime

    @classmethod
    def add(
        cls,
        subscription_id: UUID,
        owner: DeviceOwner,
        fingerprint: bytes,
        sealed: bytes,
        label: str,
        now: datetime,
    ) -> PushSubscription:
        """A new subscription."""
        added = cls(
            id=subscription_id,
            owner=owner,
            fingerprint=fingerprint,
            sealed=sealed,
            label=label,
            created_at=now,
        )
        added.record(PushSubscriptionAdded(subscription_id, owner))
        return added

    def renew(self, owner: DeviceOwner, sealed: bytes, label: str) -> None:
        """Take over new keys, or another owner: somebody else uses the browser now."""
        self.owner, self.sealed, self.label = owner, sealed, label
        self.record(PushSubscriptionAdded(self.id, owner))

    def end(self, *, gone: bool) -> None:
        """Push no longer; who calls removes the row."""
        self.record(PushSubscriptionRemoved(self.id, self.owner, gone))
