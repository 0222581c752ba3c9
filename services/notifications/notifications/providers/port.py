"""What a provider is to the rest: it takes one message over, or says why not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from chassis.http.body import Body
from chassis.outbound.dialer import Dialer
from chassis.outbound.http import OutboundHttp
from notifications.mail_threads.domain import MailThread
from notifications.push.devices import Device


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as a provider gets it.

    `idempotency_key` is the same in every attempt at the message with this provider.
    `unsubscribe_url` is empty where nobody can unsubscribe: what is transactional. `link` is where
    it leads to, on channels that have a place for it beside the words. `mail_thread` is how a mail
    hangs together with others.
    """

    tenant_id: UUID
    message_id: UUID
    idempotency_key: str
    address: str
    name: str
    subject: str
    text: str
    html: str
    language: str
    purpose: str
    transactional: bool
    unsubscribe_url: str
    written_at: datetime
    link: str = ""
    mail_thread: MailThread | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it. `reference` is its own name for it; `delivered` when it is there too."""

    reference: str = ""
    delivered: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider will never take it; `bad_address` when that is because of the address."""

    detail: str
    bad_address: bool = False


@dataclass(frozen=True, slots=True)
class TryLater:
    """It was certainly not sent, and may be later.

    `seconds` is what the provider asks to wait. With `busy` the provider takes nothing at all for
    that long; with `of_message` it is about this message alone, whose mailbox is full, say.
    Otherwise it counts as a failure of the provider, and the next one may be tried.
    """

    detail: str
    seconds: float | None = None
    busy: bool = False
    of_message: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """It was handed over and there is no answer: nobody can tell."""

    detail: str


Outcome = Accepted | Refused | TryLater | Unknown


class Provider(Protocol):
    """One provider with its settings, ready to send."""

    def send(self, outgoing: Outgoing, hand_over: Callable[[], None]) -> Outcome:
        """Send one message.

        `hand_over` is called once, right before the first byte of the message leaves: from there
        on a crash leaves it uncertain. Whatever it raises ends the attempt and is let through.
        """
        ...


class Letters(Protocol):
    """Whoever keeps letters until they are printed."""

    def put(self, outgoing: Outgoing, sender: str) -> None:
        """Keep a letter, once; `sender` is the line above its address."""
        ...


class Devices(Protocol):
    """Whoever knows the devices that take pushed messages."""

    def of(self, tenant_id: UUID, owner_id: UUID) -> Mapping[UUID, Device]:
        """Those of a person or a user, by id."""
        ...

    def gone(self, tenant_id: UUID, subscription_ids: Collection[UUID]) -> None:
        """Keep those no longer that their push service does not know any more."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What providers work with."""

    http: OutboundHttp
    dialer: Dialer
    public_url: str
    devices: Devices
    letters: Letters


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider tells later: `status` is delivered, undelivered, bounced or complained."""

    reference: str
    status: str
    detail: str = ""
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class AddressReport:
    """What a provider tells of an address and of no message: nobody is there any more, or again.

    `event_id` is the provider's own name for this report, which it may tell more than once, and
    `happened_at` what it says about when: reports may come in another order.
    """

    address: str
    event_id: str
    happened_at: datetime
    reachable: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Callback:
    """A request by which a provider tells what became of messages."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class NotTheProvider(Exception):
    """A callback whose signature is wrong."""


Reader = Callable[
    [Mapping[str, Any], Mapping[str, str], Callback], Sequence[Report | AddressReport]
]
"""Checks a callback's signature with settings and secrets, and reads it; `NotTheProvider`."""


@dataclass(frozen=True, slots=True)
class ProviderKind:
    """One kind of provider: one file in `adapters` that has this as its `KIND`.

    `settings` and `secrets` are the models of what an administrator enters. With `deduplicates` a
    second attempt with the same key is no second message. `read_callback` is there for kinds that
    tell later what became of messages.
    """

    key: str
    channels: tuple[str, ...]
    settings: type[Body]
    secrets: type[Body]
    make: Callable[[Any, Any, Tools], Provider]
    deduplicates: bool = False
    read_callback: Reader | None = None
    example: Mapping[str, Any] = field(default_factory=dict)
