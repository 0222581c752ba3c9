"""Follows what identity says of users: who may sign in, and who may not (any more)."""

from __future__ import annotations

from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from desk.colleagues.standing import Standing
from rapport.identity.events.v1.user_events_pb2 import (
    UserActivated,
    UserDeactivated,
    UserInvited,
    UserSuspended,
)

_STANDINGS = {
    UserInvited: Standing.INVITED,
    UserActivated: Standing.ACTIVE,
    UserSuspended: Standing.SUSPENDED,
    UserDeactivated: Standing.DEACTIVATED,
}
Said = UserInvited | UserActivated | UserSuspended | UserDeactivated


def on_standing_changed(tx: UnitOfWork, fact: Said, envelope: Envelope) -> None:
    """Keep what is said of a user, unless something later was said before."""
    about = {
        "tenant_id": tx.tenant_id,
        "user_id": UUID(fact.user_id),
        "version": envelope.aggregate_version,
        "status": _STANDINGS[type(fact)],
    }
    tx.write(_KEEP, about)


def follow_colleagues(reactions: Reactions) -> Reactions:
    """React to all that identity says of whether users may sign in; gives the same."""
    reactions.on(UserInvited, on_standing_changed, "projection")
    reactions.on(UserActivated, on_standing_changed, "projection")
    reactions.on(UserSuspended, on_standing_changed, "projection")
    reactions.on(UserDeactivated, on_standing_changed, "projection")
    return reactions


_KEEP = Statement(
    "INSERT INTO colleagues (tenant_id, user_id, version, status)"
    " VALUES (%(tenant_id)s, %(user_id)s, %(version)s, %(status)s)"
    " ON CONFLICT (tenant_id, user_id) DO UPDATE"
    " SET version = excluded.version, status = excluded.status"
    " WHERE colleagues.version < excluded.version"
)
