"""What is done to lockouts: lift one; each function is one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from identity.domain import email_key
from identity.lockouts.domain import LockoutKind, LockoutLifted
from identity.lockouts.queries import KeyOf
from identity.lockouts.storage import LIFT_WAITS
from identity.sign_in.domain import Subject, own_count

if TYPE_CHECKING:
    from identity.transaction import IdentityTx


def lift_lockout(tx: IdentityTx, user_id: UUID, key_of: KeyOf) -> bool:
    """Have a user wait no longer, and forget the failures; tells whether there was a wait.

    Of two who lift it at once one does, and the other finds nothing. Raises `NotFound`.
    """
    user = tx.users.get(user_id)
    if not user.may_sign_in or user.email_verified_at is None:
        return False
    return lift_waits(tx, user_id, email_key(user.email), key_of)


def lift_waits(tx: IdentityTx, user_id: UUID, account: str, key_of: KeyOf) -> bool:
    """Take away the waits of this user, with the password and the second factor, if there are any."""
    keys = [
        key_of(Subject.ACCOUNT, account),
        key_of(Subject.SECOND_FACTOR, own_count(tx.tenant_id, user_id)),
    ]
    found = tx.fetch_one(LIFT_WAITS, {"keys": keys, "now": tx.clock.now()})
    if found is None or not found["lifted"]:
        return False
    note_lift(tx, user_id)
    return True


def note_lift(tx: IdentityTx, user_id: UUID) -> None:
    """Tell that a user need wait no longer: the address is theirs in this organisation, too."""
    tx.publish(LockoutLifted(LockoutKind.ACCOUNT, user_id), user_id)
