"""Runs the reactions to facts: inbox and effect in one transaction, of one fact or of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from chassis.context import service_caller
from chassis.events.delivery import Delivery
from chassis.events.inbox import inbox_name, receive
from chassis.events.patience import NoReaction
from chassis.events.reactions import Envelope, Reaction, Undecodable
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations, UnitOfWork
from chassis.telemetry.tracing import continued


@dataclass(frozen=True, slots=True)
class Incoming:
    """A delivery that was understood."""

    delivery: Delivery
    envelope: Envelope
    reaction: Reaction
    message: Message
    consumer: str

    @property
    def keys(self) -> list[tuple[str, UUID]]:
        """What the inbox notes of this fact: one row for effects, one for projections."""
        kinds = dict.fromkeys(kind for kind, _ in self.reaction.handlers)
        return [(inbox_name(self.consumer, kind), self.envelope.id) for kind in kinds]


def understand(delivery: Delivery, service: str) -> Incoming:
    """Raises `Undecodable` or `NoReaction`."""
    subscription = delivery.subscription
    # Only the producer may publish on its subjects, so only there the tenant can be believed.
    if not delivery.subject.startswith(subscription.subject_prefix):
        raise Undecodable(f"{delivery.subject} is no subject of {subscription.producer}")
    envelope = Envelope.read(delivery.headers, delivery.subject)
    reaction = subscription.reactions.of(delivery.subject)
    if reaction is None:
        raise NoReaction(f"there is no reaction to {delivery.subject}")
    consumer = subscription.durable(service)
    return Incoming(delivery, envelope, reaction, reaction.decode(delivery.payload), consumer)


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
        keys = [key for fact in facts for key in fact.keys]
        new = receive(tx.connection, tx.tenant_id, keys, tx.clock.now())
        applied = []
        for fact in facts:
            due = new.intersection(fact.keys)
            new -= due
            envelope = fact.envelope
            with continued(envelope.traceparent, envelope.type, "consumer"):
                for kind, handler in fact.reaction.handlers:
                    if (inbox_name(fact.consumer, kind), envelope.id) in due:
                        handler(tx, fact.message, envelope)
                # Here, so that facts that follow from this one carry its trace.
                tx.flush()
            applied.append(bool(due))
        return applied
