"""Follows identity: whoever is not let in any more gets nothing more, and rights are kept up (NO-8)."""

from __future__ import annotations

from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from notifications.transaction import NotificationsTx
from notifications.webhooks.operations import stop_endpoints_of_client, stop_endpoints_of_user
from rapport.identity.events.v1 import client_events_pb2 as clients
from rapport.identity.events.v1 import user_events_pb2 as users


def follow_owners(reactions: Reactions) -> None:
    """Add what concerns the owners of endpoints to the reactions to identity.

    AccessRevoked alone stops nothing: it also goes with a new password and a withdrawn secret,
    after which a user or an app is as welcome as before.
    """
    reactions.on(users.UserSuspended, _user_stopped)
    reactions.on(users.UserDeactivated, _user_stopped)
    reactions.on(users.UserChanged, _user_changed)
    reactions.on(clients.ClientDeactivated, _client_stopped)
    reactions.on(clients.ClientChanged, _client_changed)


def _user_stopped(
    tx: NotificationsTx, fact: users.UserSuspended | users.UserDeactivated, envelope: Envelope
) -> None:
    del envelope
    stop_endpoints_of_user(tx, UUID(fact.user_id))


def _user_changed(tx: NotificationsTx, fact: users.UserChanged, envelope: Envelope) -> None:
    if "role_ids" in fact.changed_fields:
        tx.webhooks.note_other_roles(UUID(fact.user_id), envelope.aggregate_version)


def _client_stopped(
    tx: NotificationsTx, fact: clients.ClientDeactivated, envelope: Envelope
) -> None:
    del envelope
    stop_endpoints_of_client(tx, fact.client_id)


def _client_changed(tx: NotificationsTx, fact: clients.ClientChanged, envelope: Envelope) -> None:
    tx.webhooks.note_client_scopes(fact.client_id, list(fact.scopes), envelope.aggregate_version)
