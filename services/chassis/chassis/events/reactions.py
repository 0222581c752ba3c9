"""What a service does when something happened elsewhere: handlers by the type of fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeVar
from uuid import UUID

from google.protobuf.message import DecodeError, Message

from chassis.events.names import consumer_name, event_subjects, is_said_by, stream_name

Kind = Literal["effect", "projection"]
M = TypeVar("M", bound=Message)


class Undecodable(Exception):
    """A message that is no fact of the kind that it says it is; trying again cannot help."""


class Envelope(NamedTuple):
    """What is known of a fact besides its content.

    A tuple, since every fact makes one, and making a frozen dataclass takes four times as long. The last four say
    from where: the app, the sign-in and the address of whoever caused it, and the fact that it follows from. Each is
    there if it is known.
    """

    id: UUID
    type: str
    tenant_id: UUID
    aggregate_id: UUID
    aggregate_version: int
    actor: str
    occurred_at: datetime
    traceparent: str | None
    client_id: str | None = None
    session_id: UUID | None = None
    address: str | None = None
    cause: UUID | None = None

    @classmethod
    def read(cls, headers: Mapping[str, str], subject: str) -> Envelope:
        """From a message's headers; raises `Undecodable` that names what is missing or wrong."""
        if headers.get("ce-type") != subject:
            raise Undecodable(f"ce-type is {headers.get('ce-type')!r} on the subject {subject}")
        try:
            return cls(
                UUID(headers["ce-id"]),
                subject,
                _same_uuid(headers["tenant-id"]),
                UUID(headers["ce-subject"]),
                int(headers["aggregate-version"]),
                headers["actor"],
                _moment(headers["ce-time"]),
                headers.get("traceparent"),
                headers.get("actor-client"),
                _optional(headers.get("actor-session")),
                headers.get("actor-address"),
                _optional(headers.get("cause")),
            )
        except (KeyError, ValueError):
            raise Undecodable(_fault(headers)) from None


_same_uuid = lru_cache(maxsize=4096)(UUID)
"""Reading one takes as long as the rest of the headers, and facts that come together share tenants and sign-ins."""


def _optional(text: str | None) -> UUID | None:
    return None if text is None else _same_uuid(text)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment


_READ: dict[str, Callable[[str], object]] = {
    "ce-id": UUID,
    "tenant-id": UUID,
    "ce-subject": UUID,
    "aggregate-version": int,
    "actor": str,
    "ce-time": _moment,
    "actor-session": UUID,
    "cause": UUID,
}
_NOT_ALWAYS = {"actor-session", "cause"}


def _fault(headers: Mapping[str, str]) -> str:
    """Which header is missing or wrong; only looked for when one is."""
    for name, read in _READ.items():
        text = headers.get(name)
        if text is None:
            if name not in _NOT_ALWAYS:
                return f"the header {name} is missing"
            continue
        try:
            read(text)
        except ValueError:
            return f"the header {name} is {text!r}"
    return "a header is wrong"


@dataclass(frozen=True, slots=True)
class RawFact:
    """A fact as it came: its type, which the envelope names, need not be known here."""

    payload: bytes
    envelope: Envelope


Handler = Callable[[Any, Any, Envelope], object]
AnyHandler = Callable[[Any, Sequence[RawFact]], object]


@dataclass(frozen=True, slots=True)
class Reaction:
    """What is done about one type of fact."""

    message: type[Message]
    handlers: list[tuple[Kind, Handler]] = field(default_factory=list)

    def decode(self, payload: bytes) -> Message:
        """The fact itself; fields that were added later are passed over."""
        content = self.message()
        try:
            content.ParseFromString(payload)
        except DecodeError as error:
            raise Undecodable(f"no {self.message.DESCRIPTOR.full_name}: {error}") from error
        return content


class Reactions:
    """The handlers of one producer's facts."""

    def __init__(self) -> None:
        self._reactions: dict[str, Reaction] = {}
        self._any: list[tuple[Kind, AnyHandler]] = []

    def on(
        self,
        message: type[M],
        handler: Callable[[Any, M, Envelope], object],
        kind: Kind = "effect",
    ) -> None:
        """Have `handler(tx, message, envelope)` called for each fact of this type, once.

        An effect (points, mails) is never repeated; a projection is rebuilt from facts that come
        a second time, after a reset has removed its rows and what its inbox knows. The handler
        runs in the transaction that notes the fact as received: it commits nothing, asks nobody
        over the network, and compares versions, since facts may come out of order.
        """
        name = message.DESCRIPTOR.full_name
        self._reactions.setdefault(name, Reaction(message)).handlers.append((kind, handler))

    def on_any(
        self, handler: Callable[[Any, Sequence[RawFact]], object], kind: Kind = "effect"
    ) -> None:
        """Have `handler(tx, facts)` called with all of the producer's facts, each of them once.

        Those of one tenant that come together are handed over together, after the handlers of
        their types have run. Nothing is decoded for it, so it also gets facts of types that this
        version does not know, and broken ones; only a broken fact of a type that has a handler of
        its own goes to the dead letters as a whole. For the rest `on` says what holds.
        """
        self._any.append((kind, handler))

    @property
    def any_handlers(self) -> Sequence[tuple[Kind, AnyHandler]]:
        """The handlers that get every fact."""
        return self._any

    def of(self, kind_of_fact: str) -> Reaction | None:
        """What to do about this type of fact, if anything."""
        return self._reactions.get(kind_of_fact)

    @property
    def types(self) -> tuple[str, ...]:
        """The types of facts that have a handler of their own."""
        return tuple(sorted(self._reactions))


@dataclass(frozen=True, slots=True)
class Subscription:
    """One producing service, and what is done about its facts."""

    producer: str
    reactions: Reactions

    def __post_init__(self) -> None:
        """Raises ValueError for a type that this producer does not publish."""
        for name in self.reactions.types:
            if not is_said_by(self.producer, name):
                raise ValueError(f"{name} is neither a fact nor a request of {self.producer}")

    @property
    def types(self) -> tuple[str, ...]:
        """What its consumer takes: types, or the subjects of all facts and types of requests."""
        if not self.reactions.any_handlers:
            return self.reactions.types
        requests = [name for name in self.reactions.types if not self.is_fact(name)]
        return event_subjects(self.producer), *requests

    def is_fact(self, subject: str) -> bool:
        """Whether it is the subject of a fact, and not of a request."""
        return subject.startswith(event_subjects(self.producer)[:-1])

    def takes_any(self, subject: str) -> bool:
        """Whether there is a handler for every fact, and this is the subject of one."""
        return bool(self.reactions.any_handlers) and self.is_fact(subject)

    @property
    def stream(self) -> str:
        """Where the producer's facts are."""
        return stream_name(self.producer)

    def durable(self, service: str) -> str:
        """The consumer with which `service` reads them."""
        return consumer_name(service, self.producer)
