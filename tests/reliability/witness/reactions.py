"""What the witness does about a fact: it counts one up, which done twice shows as two."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.access.reactions import access_reactions
from chassis.events.reactions import RawFact, Reactions, Subscription
from chassis.storage.unit_of_work import UnitOfWork
from rapport.identity.events.v1 import access_events_pb2, tenant_events_pb2
from rapport_local.services import SERVICES

_COUNT = """
INSERT INTO effects (tenant_id, event_id, type, times)
VALUES (%(tenant_id)s, %(event_id)s, %(type)s, 1)
ON CONFLICT (tenant_id, event_id) DO UPDATE SET times = effects.times + 1
"""


def count_facts(tx: UnitOfWork, facts: Sequence[RawFact]) -> None:
    """Count one more effect of each of the facts."""
    for fact in facts:
        about = {"tenant_id": tx.tenant_id, "event_id": fact.envelope.id}
        tx.connection.exec_driver_sql(_COUNT, {**about, "type": fact.envelope.type})


def _all_of(producer: str) -> Subscription:
    known = (access_events_pb2, tenant_events_pb2)
    reactions = access_reactions(*known) if producer == "identity" else Reactions()
    reactions.on_any(count_facts)
    return Subscription(producer, reactions)


SUBSCRIPTIONS = tuple(_all_of(service.name) for service in SERVICES)
