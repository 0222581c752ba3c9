"""What is recorded of a message when it takes a step, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from chassis.domain import Fact, Unpublished

if TYPE_CHECKING:
    from notifications.messages.domain import Failure, HeldBack


@dataclass(frozen=True, slots=True)
class About:
    """What every fact says of its message."""

    message_id: UUID
    person_id: UUID | None
    user_id: UUID | None
    channel: str
    purpose: str
    template: str
    request_id: str | None


@dataclass(frozen=True, slots=True)
class MessageQueued(Fact):
    about: About


@dataclass(frozen=True, slots=True)
class MessageMoved(Unpublished):
    """A message waits, is being sent, or belongs to somebody else now."""


@dataclass(frozen=True, slots=True)
class MessageSent(Fact):
    about: About


@dataclass(frozen=True, slots=True)
class MessageDelivered(Fact):
    about: About


@dataclass(frozen=True, slots=True)
class MessageHeldBack(Fact):
    about: About
    reason: HeldBack


@dataclass(frozen=True, slots=True)
class MessageFailed(Fact):
    about: About
    reason: Failure


@dataclass(frozen=True, slots=True)
class MessageUncertain(Fact):
    about: About


@dataclass(frozen=True, slots=True)
class MessageCancelled(Fact):
    about: About


@dataclass(frozen=True, slots=True)
class MessageDigested(Fact):
    about: About
    into: UUID


@dataclass(frozen=True, slots=True)
class MessageBounced(Fact):
    about: About
    permanent: bool
    contact_point_id: str


@dataclass(frozen=True, slots=True)
class AddressRestored(Fact):
    about: About
    contact_point_id: str


@dataclass(frozen=True, slots=True)
class MessageComplained(Fact):
    about: About
    contact_point_id: str


@dataclass(frozen=True, slots=True)
class MessageOpened(Fact):
    about: About


@dataclass(frozen=True, slots=True)
class MessageClicked(Fact):
    about: About
    url: str
