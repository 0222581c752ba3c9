"""Whose messages a caller sees who does not see all: what they queued, and what is for them."""

from __future__ import annotations

from chassis.domain import NotFound
from chassis.storage.scope import Scope
from chassis.storage.unit_of_work import UnitOfWork
from notifications.messages.domain import Message


def actors(scope: Scope) -> list[str]:
    """How the users within reach are named as those who queued."""
    return [f"user:{owner}" for owner in scope.owners or ()]


def require_reach(tx: UnitOfWork, message: Message) -> None:
    """Raise `NotFound` for a message that the caller does not see."""
    owners = tx.scope.owners
    if owners is None or message.order.recipient.user_id in owners:
        return
    if message.created_by not in actors(tx.scope):
        raise NotFound.of("message", message.id)
