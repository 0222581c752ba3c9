"""What notifications does when something happened elsewhere."""

from chassis.access.reactions import access_reactions
from chassis.events.reactions import Reactions, Subscription
from notifications.feed.operations import store_facts
from notifications.messages.following import (
    follow_contacts,
    follow_desk,
    follow_loyalty,
    follow_sales,
)
from notifications.rules.giving import on_tenant_created
from notifications.rules.reactions import fire_rules
from notifications.webhooks.following import follow_owners
from rapport.identity.events.v1 import access_events_pb2, tenant_events_pb2
from rapport.identity.events.v1.tenant_events_pb2 import TenantCreated


def _to_identity() -> Reactions:
    reactions = access_reactions(access_events_pb2, tenant_events_pb2)
    reactions.on(TenantCreated, on_tenant_created)
    follow_owners(reactions)
    _follow_everything(reactions)
    return reactions


def _to_contacts() -> Reactions:
    reactions = Reactions()
    follow_contacts(reactions)
    _follow_everything(reactions)
    return reactions


def _to_sales() -> Reactions:
    reactions = Reactions()
    follow_sales(reactions)
    _follow_everything(reactions)
    return reactions


def _to_loyalty() -> Reactions:
    reactions = Reactions()
    follow_loyalty(reactions)
    _follow_everything(reactions)
    return reactions


def _to_desk() -> Reactions:
    reactions = Reactions()
    follow_desk(reactions)
    _follow_everything(reactions)
    return reactions


def _to_others() -> Reactions:
    reactions = Reactions()
    _follow_everything(reactions)
    return reactions


def _follow_everything(reactions: Reactions) -> None:
    """Rules come first: while facts are stored, whoever else stores some of the tenant waits."""
    reactions.on_any(fire_rules)
    reactions.on_any(store_facts)


SUBSCRIPTIONS = (
    Subscription("identity", _to_identity()),
    Subscription("contacts", _to_contacts()),
    Subscription("notifications", _to_others()),
    Subscription("sales", _to_sales()),
    Subscription("loyalty", _to_loyalty()),
    Subscription("desk", _to_desk()),
)
"""Whose facts it follows, and what it does about them."""
