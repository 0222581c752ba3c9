"""What is done to second factors and recovery codes, each in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import Conflict, Forbidden, NotFound
from identity.factors.domain import (
    Factor,
    FactorKind,
    FactorsRevoked,
    Passkey,
    RecoveryCodesMade,
    RecoveryCodeUsed,
    SecondFactorRefused,
    Totp,
    check_last,
    check_room,
)
from identity.factors.storage import ceremonies, factors, recovery_codes
from identity.sessions.domain import EndReason
from identity.sessions.operations import end_all_sessions
from identity.users.operations import in_charge_of
from identity.users.storage import users

if TYPE_CHECKING:
    from identity.transaction import IdentityTx

_codes = recovery_codes.c


@dataclass(frozen=True, slots=True)
class Added:
    """A new factor, and whether recovery codes were made with it."""

    factor: Factor
    with_codes: bool


def lock_user(tx: IdentityTx, user_id: UUID) -> None:
    """Have whoever uses or changes a user's factors take turns.

    To be called first: the user's row comes before what hangs on it. Raises `NotFound`.
    """
    statement = sa.select(users.c.id).where(
        users.c.tenant_id == tx.tenant_id, users.c.id == user_id
    )
    if tx.connection.execute(statement.with_for_update()).first() is None:
        raise NotFound.of("user", user_id)


def add_factor(
    tx: IdentityTx, user_id: UUID, name: str, means: Totp | Passkey, hashes: Sequence[str]
) -> Added:
    """Give a user one more factor; with recovery codes of these hashes, if they have none left.

    Raises `Invalid` for a bad name, `Conflict` when there are too many.
    """
    lock_user(tx, user_id)
    known = tx.factors.of_user(user_id)
    kind = FactorKind.TOTP if isinstance(means, Totp) else FactorKind.PASSKEY
    check_room(known, kind)
    factor = Factor.add(tx.ids.new(), user_id, name, means, tx.clock.now())
    tx.factors.add(factor)
    needs_codes = bool(hashes) and not codes_left(tx, user_id)
    if needs_codes:
        make_recovery_codes(tx, user_id, hashes)
    return Added(factor, needs_codes)


def own_factor(tx: IdentityTx, user_id: UUID, factor_id: UUID) -> Factor:
    """A factor of this user. Raises `NotFound`, also for somebody else's."""
    factor = tx.factors.get(factor_id)
    if factor.user_id != user_id:
        raise NotFound.of("factor", factor_id)
    return factor


def rename_factor(tx: IdentityTx, user_id: UUID, factor_id: UUID, name: str) -> Factor:
    """Call a factor something else. Raises `NotFound`, `Invalid`."""
    factor = own_factor(tx, user_id, factor_id)
    factor.rename(name)
    return factor


def remove_factor(tx: IdentityTx, user_id: UUID, factor_id: UUID) -> Factor:
    """Take a factor away; with the last one go the recovery codes, which are worth nothing then.

    Raises `NotFound`, or `Conflict` for the last one where the organisation requires one.
    """
    lock_user(tx, user_id)
    known = tx.factors.of_user(user_id)
    factor = own_factor(tx, user_id, factor_id)
    check_last(known, required=tx.tenants.own().details.policy.require_second_factor)
    factor.remove()
    tx.factors.remove(factor)
    if len(known) == 1:
        _drop_codes(tx, user_id)
    return factor


def reset_factors(tx: IdentityTx, user_id: UUID) -> int:
    """Take all factors of somebody else away, who lost them; all of their sessions end.

    Tells how many factors there were. Raises `NotFound`, `Forbidden` for users who may do more than
    the caller, and for oneself: that takes a proof.
    """
    if user_id == tx.caller.user_id:
        raise Forbidden("One's own factors are removed with a proof.", code="own_factors")
    in_charge_of(tx, user_id)
    tx.connection.execute(
        sa.delete(ceremonies).where(
            ceremonies.c.tenant_id == tx.tenant_id, ceremonies.c.user_id == user_id
        )
    )
    removed = tx.connection.execute(
        sa.delete(factors).where(factors.c.tenant_id == tx.tenant_id, factors.c.user_id == user_id)
    ).rowcount
    _drop_codes(tx, user_id)
    tx.publish(FactorsRevoked(user_id, removed), user_id)
    end_all_sessions(tx, user_id, EndReason.FACTORS_RESET)
    return removed


def make_recovery_codes(tx: IdentityTx, user_id: UUID, hashes: Sequence[str]) -> None:
    """Replace all recovery codes of a user."""
    _drop_codes(tx, user_id)
    now = tx.clock.now()
    tx.connection.execute(
        sa.insert(recovery_codes),
        [
            {
                "tenant_id": tx.tenant_id,
                "id": tx.ids.new(),
                "user_id": user_id,
                "hash": hashed,
                "created_at": now,
            }
            for hashed in hashes
        ],
    )
    tx.publish(RecoveryCodesMade(user_id), user_id)


def renew_recovery_codes(tx: IdentityTx, user_id: UUID, hashes: Sequence[str]) -> None:
    """The same, for a user who has a factor. Raises `Conflict` for one who has none to recover."""
    lock_user(tx, user_id)
    if not tx.factors.of_user(user_id):
        raise Conflict("There is no second factor yet.", code="no_factor")
    make_recovery_codes(tx, user_id, hashes)


def use_recovery_code(tx: IdentityTx, user_id: UUID, code_id: UUID) -> int | None:
    """Use a code up; tells how many are left, None when it has been used. Of two at once one wins."""
    used = tx.connection.execute(
        sa.update(recovery_codes)
        .where(
            _codes.tenant_id == tx.tenant_id,
            _codes.user_id == user_id,
            _codes.id == code_id,
            _codes.used_at.is_(None),
        )
        .values(used_at=tx.clock.now())
    )
    if used.rowcount != 1:
        return None
    left = codes_left(tx, user_id)
    tx.publish(RecoveryCodeUsed(user_id, left), user_id)
    return left


def codes_left(tx: IdentityTx, user_id: UUID) -> int:
    """How many recovery codes a user has that still work."""
    statement = sa.select(sa.func.count()).where(
        _codes.tenant_id == tx.tenant_id, _codes.user_id == user_id, _codes.used_at.is_(None)
    )
    return tx.connection.execute(statement).scalar_one()


def note_wrong_factor(tx: IdentityTx, user_id: UUID) -> None:
    """Tell that a wrong second factor was given for this user."""
    tx.publish(SecondFactorRefused(user_id), user_id)


def _drop_codes(tx: IdentityTx, user_id: UUID) -> None:
    tx.connection.execute(
        sa.delete(recovery_codes).where(_codes.tenant_id == tx.tenant_id, _codes.user_id == user_id)
    )
