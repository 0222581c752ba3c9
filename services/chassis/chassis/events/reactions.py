"""What a service does when something happened elsewhere: handlers by the type of fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

from google.protobuf.message import DecodeError, Message

from chassis.events.names import consumer_name, event_subjects, is_said_by, stream_name

Kind = Literal["effect", "projection"]
M = TypeVar("M", bound=Message)
T = TypeVar("T")


class Undecodable(Exception):
    """A message that is no fact of the kind that it says it is; trying again cannot help."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is known of a fact besides its content.

    The last four say from where: the app, the sign-in and the address of whoever caused it, and
    the fact that it follows from. Each is there if it is known.
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
        return cls(
            id=_header(headers, "ce-id", UUID),
            type=subject,
            tenant_id=_header(headers, "tenant-id", UUID),
            aggregate_id=_header(headers, "ce-subject", UUID),
            aggregate_version=_header(headers, "aggregate-version", int),
            actor=_header(headers, "actor", str),
            occurred_at=_header(headers, "ce-time", _moment),
            traceparent=headers.get("traceparent"),
            client_id=headers.get("actor-client"),
            session_id=_optional(headers, "actor-session", UUID),
            address=headers.get("actor-address"),
            cause=_optional(headers, "cause", UUID),
        )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment


def _header(headers: Mapping[str, str], name: str, convert: Callable[[str], T]) -> T:
    text = headers.get(name)
    if text is None:
        raise Undecodable(f"the header {name} is missing")
    try:
        return convert(text)
    except ValueError:
        raise Undecodable(f"the header {name} is {text!r}") from None


def _optional(headers: Mapping[str, str], name: str, convert: Callable[[str], T]) -> T | None:
    return _header(headers, name, convert) if name in headers else None


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
        return subject.startswith(event_subjects(self.producer).removesuffix(">"))

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
