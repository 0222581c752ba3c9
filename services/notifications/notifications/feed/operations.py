"""What happens to facts that arrive: they are kept for the feed, and queued for webhooks."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.events.reactions import RawFact
from notifications.feed.catalogue import type_named
from notifications.feed.erased import without_the_erased
from notifications.feed.storage import ReceivedFact, add_facts, take_positions
from notifications.transaction import NotificationsTx
from notifications.webhooks.delivering import queue_facts, subscribers


def store_facts(tx: NotificationsTx, facts: Sequence[RawFact]) -> None:
    """Keep facts of the tenant, in their order; of the erased, without what names them.

    Raises `Undecodable` for one whose type or content this version does not understand; such a
    fact waits among the dead letters.
    """
    received = [_received(fact) for fact in facts]
    to = subscribers(tx)
    # Last: from here to the commit, whoever else stores facts of the tenant waits, or erases people.
    taken = take_positions(tx, len(facts))
    for place, fact in enumerate(without_the_erased(tx, facts)):
        if fact is not facts[place]:
            received[place] = _received(fact)
    queue_facts(tx, to, add_facts(tx, received, taken))
    tx.once_committed(tx.signals.facts_stored)


def _received(fact: RawFact) -> ReceivedFact:
    envelope = fact.envelope
    return ReceivedFact(
        id=envelope.id,
        type=envelope.type,
        aggregate_id=envelope.aggregate_id,
        aggregate_version=envelope.aggregate_version,
        actor=envelope.actor,
        traceparent=envelope.traceparent,
        occurred_at=envelope.occurred_at,
        data=type_named(envelope.type).to_json(fact.payload),
    )
