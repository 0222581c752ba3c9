"""Suppresses and lifts; each function is one transaction or a part of one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from notifications.suppressions.domain import Scope, Suppression, SuppressionReason, Whom
from notifications.transaction import NotificationsTx


def suppress(
    tx: NotificationsTx, scope: Scope, whom: Whom, reason: SuppressionReason
) -> Suppression:
    """Suppress; the one that there is already when it says the same of the same, and why.

    Each reason ends by itself: what somebody unsubscribed from when they want it again, what an
    administrator suppressed when one lifts it. And of two with one address each has a say.
    """
    tx.suppressions.take_turn()
    return suppress_in_turn(tx, scope, whom, reason)


def suppress_in_turn(
    tx: NotificationsTx, scope: Scope, whom: Whom, reason: SuppressionReason
) -> Suppression:
    """The same, one of many: nobody else suppresses meanwhile."""
    for known in tx.suppressions.of(whom.person_id, whom.fingerprint, scope.channel):
        if known.scope == scope and known.reason is reason and known.is_of(whom):
            return known
    made = Suppression.begin(tx.ids.new(), scope, whom, reason, tx.caller.actor, tx.clock.now())
    tx.suppressions.add(made)
    return made


def lift_suppression(tx: NotificationsTx, suppression_id: UUID) -> None:
    """Remove one. Raises `NotFound`."""
    _lift(tx, tx.suppressions.get(suppression_id))


def allow_again(
    tx: NotificationsTx, person_id: UUID, channel: str, purpose: str, *, said_at: datetime
) -> None:
    """A person has said yes to a purpose: what they had unsubscribed from before counts no longer.

    Having unsubscribed from everything is over, too: contacts knows by now which purposes the
    person has said no to. What bounced, or an administrator suppressed, stays.
    """
    for known in tx.suppressions.of(person_id, None, channel):
        own = known.reason is SuppressionReason.UNSUBSCRIBED and known.created_at < said_at
        if own and known.scope.purpose in ("", purpose):
            _lift(tx, known)


def _lift(tx: NotificationsTx, suppression: Suppression) -> None:
    suppression.lift()
    tx.suppressions.remove(suppression)
