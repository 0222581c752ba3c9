"""Runs the reactions to facts: inbox and effect in one transaction, of one fact or of several."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from google.protobuf.message import Message

from chassis.context import service_caller
from chassis.events.delivery import Delivery
from chassis.events.inbox import Key, inbox_name, receive
from chassis.events.names import is_said_by
from chassis.events.patience import NoReaction
from chassis.events.reactions import (
    AnyHandler,
    Envelope,
    Handler,
    Kind,
    RawFact,
    Reaction,
    Undecodable,
)
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations, UnitOfWork
from chassis.telemetry.tracing import continued

T = TypeVar("T")


class Incoming(NamedTuple):
    """A delivery that was understood; `message` is there if its type has handlers."""

    delivery: Delivery
    envelope: Envelope
    reaction: Reaction | None
    message: Message | None
    consumer: str
    event_id: str

    @property
    def handlers(self) -> Sequence[tuple[Kind, Handler]]:
        """What is done about facts of its type."""
        return () if self.reaction is None else self._for_it(self.reaction.handlers)

    @property
    def any_handlers(self) -> Sequence[tuple[Kind, AnyHandler]]:
        """What is done about every fact of its producer; nothing about requests."""
        subscription = self.delivery.subscription
        if not subscription.takes_any(self.envelope.type):
            return ()
        return self._for_it(subscription.reactions.any_handlers)

    def _for_it(self, known: Sequence[tuple[Kind, T]]) -> Sequence[tuple[Kind, T]]:
        if not self.delivery.replayed:
            return known
        return [(kind, handler) for kind, handler in known if self.delivery.is_for(kind)]

    @property
    def keys(self) -> list[Key]:
        """What the inbox notes of this fact: one row for effects, one for projections."""
        kinds = {kind for kind, _ in (*self.handlers, *self.any_handlers)}
        return [self.key(kind) for kind in kinds]

    def key(self, kind: Kind) -> Key:
        """What the inbox notes when handlers of this kind have run."""
        return inbox_name(self.consumer, kind), self.event_id


def understand(delivery: Delivery, service: str) -> Incoming:
    """Raises `Undecodable` or `NoReaction`."""
    subscription = delivery.subscription
    # Only the producer may publish on its subjects, so only there the tenant can be believed.
    if not is_said_by(subscription.producer, delivery.subject):
        raise Undecodable(f"{delivery.subject} is no subject of {subscription.producer}")
    envelope = Envelope.read(delivery.headers, delivery.subject)
    reaction = subscription.reactions.of(delivery.subject)
    message = None if reaction is None else reaction.decode(delivery.payload)
    consumer = subscription.durable(service)
    fact = Incoming(delivery, envelope, reaction, message, consumer, str(envelope.id))
    if reaction is None and not subscription.takes_any(delivery.subject):
        raise NoReaction(f"there is no reaction to {delivery.subject}")
    return fact


class Applier:
    """Applies facts with a service's operations."""

    def __init__(self, operations: Operations[Any], service: str) -> None:
        self._operations = operations
        self._service = service

    def apply(self, facts: Sequence[Incoming]) -> list[bool]:
        """Apply facts of one tenant in one transaction, in their order.

        Says for each whether it was new; one that had its effect before has none again. Raises
        what a handler or the database raises, and then nothing has happened.
        """
        caller = service_caller(self._service, facts[0].envelope.tenant_id)
        return self._operations.transact(
            caller, EVERYTHING, "react", lambda tx: [*self._react(tx, facts)]
        )

    @staticmethod
    def _react(tx: UnitOfWork, facts: Sequence[Incoming]) -> list[bool]:
        keys = [fact.keys for fact in facts]
        all_keys = itertools.chain.from_iterable(keys)
        new = receive(tx.connection, tx.tenant_id, all_keys, tx.clock.now())
        applied, together = [], _Together()
        for fact, own in zip(facts, keys, strict=True):
            due = new.intersection(own)
            new -= due
            envelope = fact.envelope
            with continued(envelope.traceparent, envelope.type, "consumer"):
                tx.cause = envelope.id
                for kind, handler in fact.handlers:
                    if fact.key(kind) in due:
                        handler(tx, fact.message, envelope)
                # Here, so that facts that follow from this one carry its trace and name it.
                tx.flush()
            together.add(fact, due)
            applied.append(bool(due))
        tx.cause = None
        together.hand_over(tx)
        return applied


class _Together:
    """Facts that are handed over together to those who want every fact."""

    def __init__(self) -> None:
        self._facts: dict[AnyHandler, list[RawFact]] = {}

    def add(self, fact: Incoming, due: set[Key]) -> None:
        """Keep a fact for the handlers that have not had it."""
        for kind, handler in fact.any_handlers:
            if fact.key(kind) in due:
                raw = RawFact(fact.delivery.payload, fact.envelope)
                self._facts.setdefault(handler, []).append(raw)

    def hand_over(self, tx: UnitOfWork) -> None:
        """Call the handlers."""
        for handler, facts in self._facts.items():
            handler(tx, facts)
