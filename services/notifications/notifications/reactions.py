"""What notifications does when something happened elsewhere."""

from chassis.access.reactions import access_reactions
from chassis.events.reactions import Subscription
from rapport.identity.events.v1 import access_events_pb2, tenant_events_pb2

SUBSCRIPTIONS = (
    Subscription("identity", access_reactions(access_events_pb2, tenant_events_pb2)),
)
"""Whose facts it follows, and what it does about them."""
