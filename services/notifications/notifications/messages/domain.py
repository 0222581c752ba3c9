"""What a message is, how it stands, and which step may follow which (NO-6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Invalid
from notifications.mail_threads.domain import MailThread
from notifications.message_facts.domain import (
    About,
    AddressRestored,
    MessageBounced,
    MessageCancelled,
    MessageClicked,
    MessageComplained,
    MessageDelivered,
    MessageDigested,
    MessageFailed,
    MessageHeldBack,
    MessageMoved,
    MessageOpened,
    MessageQueued,
    MessageSent,
    MessageUncertain,
)
from notifications.message_links.domain import LINKED_CHANNELS, may_be_followed

_RESTORED = "restored"
"""Why a bounced message says nothing more about its address."""


class State(StrEnum):
    """How a message stands. `uncertain` is what nobody can tell: it is neither sent nor not sent."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    HELD_BACK = "held_back"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    CANCELLED = "cancelled"
    DIGESTED = "digested"


class Wait(StrEnum):
    """Why a queued message waits."""

    TURN = "turn"
    SCHEDULED = "scheduled"
    LOCAL_TIME = "local_time"
    QUIET_HOURS = "quiet_hours"
    CAPPED = "capped"
    DIGEST = "digest"
    CONTACTS_UNAVAILABLE = "contacts_unavailable"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    PROVIDER_BUSY = "provider_busy"
    NO_PROVIDER = "no_provider"


_IN_PEACE = frozenset({Wait.LOCAL_TIME, Wait.QUIET_HOURS, Wait.CAPPED, Wait.DIGEST})
"""What a message waits for though nothing is amiss, for weeks it may be."""


class HeldBack(StrEnum):
    """Why a message will not be sent."""

    NO_CONSENT = "no_consent"
    PURPOSE_ARCHIVED = "purpose_archived"
    PURPOSE_UNKNOWN = "purpose_unknown"
    SUPPRESSED = "suppressed"
    NO_ADDRESS = "no_address"
    BAD_ADDRESS = "bad_address"
    RECIPIENT_GONE = "recipient_gone"
    CAPPED = "capped"
    EXPIRED = "expired"


class Failure(StrEnum):
    """Why a message could not be sent, for good."""

    REFUSED_BY_PROVIDER = "refused_by_provider"
    NOT_DELIVERED = "not_delivered"
    TEMPLATE_FAILED = "template_failed"
    NO_PROVIDER = "no_provider"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says, ready to be sent. What there is none of is empty.

    `link` is where it leads to, beside the words: an address, or a path of the console.
    """

    subject: str
    text: str
    html: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """Messages with the same `key` to one recipient go out as one, every day `at` the local time."""

    key: str
    at: time


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message is for: a person, a user, or, by `address` (sealed), whoever has it.

    With a person, the address is where they have written from, which goes before the one they prefer.
    """

    person_id: UUID | None = None
    user_id: UUID | None = None
    contact_point_id: str = ""
    address: bytes | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a message may go out: not before, in the recipient's local time, not after."""

    send_at: datetime | None = None
    local_time: time | None = None
    expires_at: datetime | None = None
    digest: Digest | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for. `request_id` names it: a second one with the same name is the same one.

    An empty `purpose` means a transactional message. The words come from `template` with
    `variables`, or are given as `content`. `cause` is the id of the fact that led to it.
    """

    recipient: Recipient
    channel: str
    purpose: str = ""
    template: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    content: Content | None = None
    schedule: Schedule = field(default_factory=Schedule)
    request_id: str | None = None
    cause: str = ""
    resend_of: UUID | None = None
    mail_thread: MailThread | None = None


@dataclass(kw_only=True)
class Message(Aggregate):
    """One message to one recipient.

    `due_at` is when the queue looks at it next; None once nothing is left to do. `reason` says why
    it stands as it does, `detail` what a provider said of it. `failures` counts attempts in a row
    that came to nothing, and `failing_since` is when the first of them did, but for what it waits for
    by its schedule or by rules: that begins anew. `fingerprint` is that of the address that it went to.
    """

    order: Order
    created_by: str
    created_at: datetime
    updated_at: datetime
    state: State
    reason: str
    detail: str = ""
    due_at: datetime | None = None
    attempts: int = 0
    failures: int = 0
    failing_since: datetime | None = None
    provider_id: UUID | None = None
    provider_reference: str | None = None
    fingerprint: bytes | None = None
    language: str = ""
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    opened_at: datetime | None = None
    digested_into: UUID | None = None
    blanked_at: datetime | None = None

    @classmethod
    def queue(
        cls,
        message_id: UUID,
        order: Order,
        created_by: str,
        now: datetime,
        *,
        asked_at: datetime | None = None,
    ) -> Message:
        """A new message, to be sent at its time. Raises `Invalid` for what cannot be sent.

        What was asked for earlier than now, and has expired since, is no error: it is held back.
        """
        _check(order, now if asked_at is None else asked_at)
        send_at = order.schedule.send_at
        later = send_at is not None and send_at > now
        message = cls(
            id=message_id,
            order=order,
            created_by=created_by,
            created_at=now,
            updated_at=now,
            state=State.QUEUED,
            reason=Wait.SCHEDULED if later else Wait.TURN,
            due_at=send_at if later else now,
        )
        message.record(MessageQueued(message.about))
        return message

    @property
    def about(self) -> About:
        """What facts say of it."""
        order = self.order
        recipient = order.recipient
        return About(
            self.id,
            recipient.person_id,
            recipient.user_id,
            order.channel,
            order.purpose,
            order.template,
            order.request_id,
        )

    @property
    def is_open(self) -> bool:
        """Whether it may still be sent by itself."""
        return self.state in (State.QUEUED, State.SENDING)

    def wait(self, until: datetime, reason: Wait, now: datetime, *, failed: bool = False) -> None:
        """Have it looked at again later; `failed` counts an attempt that came to nothing."""
        self._require(State.QUEUED, State.SENDING)
        self.failures += failed
        if failed:
            self.failing_since = self.failing_since or now
        elif reason in _IN_PEACE:
            self.failing_since = None
        self._now(State.QUEUED, reason, now, due_at=until)
        self.record(MessageMoved())

    def begin(self, provider_id: UUID, now: datetime, lease_until: datetime) -> int:
        """An attempt begins; gives its number. To be committed before the provider is called."""
        self._require(State.QUEUED)
        self.attempts += 1
        self.provider_id = provider_id
        self._now(State.SENDING, "", now, due_at=lease_until)
        self.record(MessageMoved())
        return self.attempts

    def sent(self, reference: str, now: datetime) -> None:
        """The provider has it."""
        self._require(State.SENDING)
        self.provider_reference = reference or None
        self.sent_at = now
        self.failures, self.failing_since = 0, None
        self._end(State.SENT, "", now)
        self.record(MessageSent(self.about))

    def uncertain(self, detail: str, now: datetime) -> None:
        """It was handed over, and nobody can tell what became of it."""
        self._require(State.QUEUED, State.SENDING)
        self._end(State.UNCERTAIN, "handed_over", now, detail)
        self.record(MessageUncertain(self.about))

    def fail(self, reason: Failure, now: datetime, detail: str = "") -> None:
        """It cannot be sent, or its provider says that it did not arrive."""
        self._require(State.QUEUED, State.SENDING, State.SENT, State.UNCERTAIN)
        self._end(State.FAILED, reason, now, detail)
        self.record(MessageFailed(self.about, reason))

    def hold_back(self, reason: HeldBack, now: datetime) -> None:
        """It will not be sent."""
        self._require(State.QUEUED, State.SENDING)
        self._end(State.HELD_BACK, reason, now)
        self.record(MessageHeldBack(self.about, reason))

    def cancel(self, now: datetime) -> None:
        """Take it back. Raises `Conflict` once it is being sent."""
        self._require(State.QUEUED)
        self._end(State.CANCELLED, "", now)
        self.record(MessageCancelled(self.about))

    def digest_into(self, message_id: UUID, now: datetime) -> None:
        """Another message carries it."""
        self._require(State.QUEUED)
        self.digested_into = message_id
        self._end(State.DIGESTED, "", now)
        self.record(MessageDigested(self.about, message_id))

    def delivered(self, now: datetime) -> None:
        """Its provider says that it arrived; nothing happens when something later is known."""
        if self.state in (State.SENT, State.UNCERTAIN):
            self._end(State.DELIVERED, "", now)
            self.record(MessageDelivered(self.about))

    def undelivered(self, detail: str, now: datetime) -> None:
        """Its provider says that it did not arrive."""
        if self.state in (State.SENT, State.UNCERTAIN):
            self.fail(Failure.NOT_DELIVERED, now, detail)

    def bounced(self, detail: str, now: datetime, *, permanent: bool) -> None:
        """The address did not take it; that may come even after it was said to have arrived.

        Of an address that was restored since, it is told once more.
        """
        again = self.state is State.BOUNCED and self.reason == _RESTORED
        if again or self.state in (State.SENDING, State.SENT, State.UNCERTAIN, State.DELIVERED):
            self._end(State.BOUNCED, "permanent" if permanent else "passing", now, detail)
            point = self.order.recipient.contact_point_id
            self.record(MessageBounced(self.about, permanent, point))

    def address_restored(self, now: datetime) -> None:
        """Its address takes messages again, and this one stays bounced; told once a bounce."""
        if self.state is State.BOUNCED and self.reason != _RESTORED:
            self._now(State.BOUNCED, _RESTORED, now)
            self.record(AddressRestored(self.about, self.order.recipient.contact_point_id))

    def complained(self, now: datetime) -> None:
        """The recipient reported it as unwanted."""
        if self.state in (State.SENT, State.UNCERTAIN, State.DELIVERED):
            self._end(State.COMPLAINED, "", now)
            self.record(MessageComplained(self.about, self.order.recipient.contact_point_id))

    def opened(self, now: datetime) -> None:
        """It was opened; told once."""
        if self.opened_at is None and self.sent_at is not None:
            self.opened_at = now
            self.record(MessageOpened(self.about))

    def clicked(self, url: str) -> None:
        """A link in it was followed; who calls sees to it that it is told once a link."""
        if self.sent_at is not None:
            self.record(MessageClicked(self.about, url))

    def _require(self, *states: State) -> None:
        if self.state not in states:
            raise Conflict(f"The message is {self.state.replace('_', ' ')}.", code="message_state")

    def _now(
        self, state: State, reason: str, now: datetime, due_at: datetime | None = None
    ) -> None:
        self.state, self.reason, self.due_at, self.updated_at = state, reason, due_at, now

    def _end(self, state: State, reason: str, now: datetime, detail: str = "") -> None:
        self._now(state, reason, now)
        self.detail = as_kept(detail)
        self.ended_at = self.ended_at or now


def as_kept(said: str) -> str:
    """What somebody else's server said, as far as it can be kept: it may be no text at all."""
    return said.replace("\0", "\N{REPLACEMENT CHARACTER}")[:500]


def _check(order: Order, now: datetime) -> None:
    recipient = order.recipient
    is_to_address = recipient.person_id is None and recipient.address is not None
    given = [recipient.person_id is not None, recipient.user_id is not None, is_to_address]
    if sum(given) != 1:
        message = "Exactly one of person_id, user_id and to says whom it is for."
        raise Invalid.at("/person_id", "recipient_unclear", message)
    if bool(order.template) == (order.content is not None):
        message = "The words come from a template, or are given as content: one of the two."
        raise Invalid.at("/template", "wording_unclear", message)
    if order.content is not None:
        _check_link(order.content.link, order.channel)
    if order.mail_thread is not None:
        order.mail_thread.require_sound()
    if is_to_address and order.purpose:
        message = "To an address of nobody known goes nothing that needs a consent."
        raise Invalid.at("/purpose", "purpose_needs_person", message)
    expires_at, send_at = order.schedule.expires_at, order.schedule.send_at
    if expires_at is not None and expires_at <= max(send_at or now, now):
        message = "It would have expired before it may be sent."
        raise Invalid.at("/expires_at", "expires_too_early", message)


def _check_link(link: str, channel: str) -> None:
    if link and channel not in LINKED_CHANNELS:
        message = "On this channel, a link is a part of the text."
        raise Invalid.at("/content/link", "link_without_place", message)
    if link and not may_be_followed(link):
        message = "It has to begin with https:// or http://, or with one slash, and be one address."
        raise Invalid.at("/content/link", "link_not_followable", message)
