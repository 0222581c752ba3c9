"""What the probe does when contacts says something: it notes it, with the trace it runs in."""

from __future__ import annotations

import sqlalchemy as sa
from google.protobuf.message import Message

from chassis.access.reactions import access_reactions
from chassis.events.reactions import Envelope, Reactions, Subscription
from chassis.storage.unit_of_work import UnitOfWork
from chassis.telemetry.tracing import current_trace_id
from rapport.contacts.events.v1.person_events_pb2 import (
    PersonArchived,
    PersonChanged,
    PersonCreated,
)
from rapport.identity.events.v1 import access_events_pb2, tenant_events_pb2
from tests.journeys.probe.storage import noted


def on_person(tx: UnitOfWork, fact: Message, envelope: Envelope) -> None:
    """Note it; a second time would break the primary key."""
    del fact
    tx.connection.execute(
        sa.insert(noted).values(
            tenant_id=tx.tenant_id,
            event_id=envelope.id,
            type=envelope.type.rpartition(".")[2],
            person_id=envelope.aggregate_id,
            trace_id=current_trace_id(),
            actor=envelope.actor,
        )
    )


def _about_people() -> Reactions:
    reactions = Reactions()
    for message in (PersonCreated, PersonChanged, PersonArchived):
        reactions.on(message, on_person)
    return reactions


FROM_CONTACTS = Subscription("contacts", _about_people())
FROM_IDENTITY = Subscription("identity", access_reactions(access_events_pb2, tenant_events_pb2))
SUBSCRIPTIONS = (FROM_CONTACTS, FROM_IDENTITY)
