"""What contacts does when something happened elsewhere."""

from __future__ import annotations

from chassis.access.reactions import access_reactions
from chassis.events.reactions import Subscription
from rapport.identity.events.v1 import access_events_pb2, tenant_events_pb2

FROM_IDENTITY = Subscription("identity", access_reactions(access_events_pb2, tenant_events_pb2))
