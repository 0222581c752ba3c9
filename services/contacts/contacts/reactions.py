"""What contacts does when something happened elsewhere."""

from __future__ import annotations

from datetime import UTC
from uuid import UUID

from chassis.access.reactions import access_reactions
from chassis.events.reactions import Envelope, Reactions, Subscription
from chassis.storage.unit_of_work import UnitOfWork
from contacts.consents.reactions import follow_messages
from contacts.erasures.reactions import follow_erasures
from contacts.interaction_kinds.storage import kinds_by_key
from contacts.interactions.signs_of_life import SignOfLife, note_sign_of_life
from contacts.timeline.reactions import follow_timeline
from rapport.contacts.events.v1.interaction_events_pb2 import InteractionRecorded
from rapport.identity.events.v1 import access_events_pb2, tenant_events_pb2

FROM_IDENTITY = Subscription("identity", access_reactions(access_events_pb2, tenant_events_pb2))


def on_interaction_recorded(tx: UnitOfWork, fact: InteractionRecorded, _envelope: Envelope) -> None:
    """Keep when people were last seen, if this kind of interaction says that they were."""
    kind = kinds_by_key(tx, [fact.kind]).get(fact.kind)
    if kind is None or not kind.definition.sign_of_life:
        return
    sign = SignOfLife(
        person_id=UUID(fact.person_id),
        channel=fact.channel,
        seen_at=fact.occurred_at.ToDatetime(UTC),
        kind=fact.kind,
        interaction_id=UUID(fact.interaction_id),
    )
    note_sign_of_life(tx, sign)


def _own() -> Reactions:
    reactions = Reactions()
    reactions.on(InteractionRecorded, on_interaction_recorded, "projection")
    return follow_timeline(follow_erasures(reactions), "contacts")


FROM_CONTACTS = Subscription("contacts", _own())
"""Its own facts: what follows from one need not delay whoever reports it."""
FROM_NOTIFICATIONS = Subscription(
    "notifications", follow_timeline(follow_messages(Reactions()), "notifications")
)
FROM_SALES = Subscription("sales", follow_timeline(Reactions(), "sales"))
FROM_LOYALTY = Subscription("loyalty", follow_timeline(Reactions(), "loyalty"))
FROM_DESK = Subscription("desk", follow_timeline(Reactions(), "desk"))
SUBSCRIPTIONS = (
    FROM_IDENTITY,
    FROM_CONTACTS,
    FROM_NOTIFICATIONS,
    FROM_SALES,
    FROM_LOYALTY,
    FROM_DESK,
)
"""Whose facts it follows, and what it does about them."""
