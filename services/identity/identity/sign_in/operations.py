"""What is done to passwords, each in one transaction; hashes are made before it begins."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from identity.factors.domain import SecondFactorNeeded
from identity.factors.storage import factors
from identity.sessions.domain import PASSWORD_ALONE, Device, EndReason, Lifetime, Session
from identity.sessions.operations import begin_browser_session, end_all_sessions
from identity.sign_in.domain import (
    RESET_LASTS,
    LinkUsed,
    PasswordChanged,
    PasswordReason,
    PasswordResetRequested,
    SignInRefused,
    WrongPassword,
)
from identity.sign_in.storage import password_resets, passwords, store_password
from identity.tenants.storage import tenants
from identity.tickets import Ticket
from identity.users.domain import UserStatus
from identity.users.storage import users

if TYPE_CHECKING:
    from identity.transaction import IdentityTx


def set_password(tx: IdentityTx, user_id: UUID, hashed: str, reason: PasswordReason) -> None:
    """Give a user a password; open reset links work no more."""
    store_password(tx.connection, tx.tenant_id, user_id, hashed, tx.clock.now())
    withdraw_resets(tx, user_id)
    tx.publish(PasswordChanged(user_id, reason), user_id)


def note_refusal(tx: IdentityTx, user_id: UUID | None) -> None:
    """Tell that a wrong password was given for this user, or for an account that there is not."""
    tx.publish(SignInRefused(user_id), user_id or tx.ids.new())


def rehash_password(tx: IdentityTx, user_id: UUID, before: str, hashed: str) -> None:
    """Store the same password anew, unless it was changed in the meantime."""
    tx.connection.execute(
        sa.update(passwords)
        .where(
            passwords.c.tenant_id == tx.tenant_id,
            passwords.c.user_id == user_id,
            passwords.c.hash == before,
        )
        .values(hash=hashed)
    )


def begin_signed_in(
    tx: IdentityTx,
    user_id: UUID,
    checked: datetime | None,
    device: Device,
    lifetime: Lifetime,
    methods: tuple[str, ...] = PASSWORD_ALONE,
) -> tuple[Session, Ticket]:
    """A session for the browser in which a password was given right: that of the time `checked`.

    Every session of a browser begins here, and all others come from one. Raises `WrongPassword` when
    the user has another password since, or is not let in any more, and `SecondFactorNeeded` when
    the password alone is not enough. Whoever sets a password or keeps a user out waits here for the
    commit, and ends this session, too.
    """
    found = tx.connection.execute(
        sa.select(passwords.c.changed_at, _needs_second_factor())
        .join(users, sa.and_(users.c.tenant_id == passwords.c.tenant_id, users.c.id == user_id))
        .where(
            passwords.c.tenant_id == tx.tenant_id,
            passwords.c.user_id == user_id,
            passwords.c.changed_at == checked,
            users.c.status == UserStatus.ACTIVE,
        )
        .with_for_update(read=True, of=[passwords, users])
    ).first()
    if found is None:
        raise WrongPassword("The password was changed since.")
    if found[1] and methods == PASSWORD_ALONE:
        raise SecondFactorNeeded("This account asks for a second factor.")
    return begin_browser_session(tx, user_id, device, lifetime, methods)


def _needs_second_factor() -> sa.ColumnElement[bool]:
    """Whether the user of a row has a second factor, or the organisation requires one."""
    own = sa.exists().where(
        factors.c.tenant_id == passwords.c.tenant_id, factors.c.user_id == passwords.c.user_id
    )
    required = sa.exists().where(
        tenants.c.tenant_id == passwords.c.tenant_id, tenants.c.require_second_factor
    )
    return sa.or_(own, required)


def change_password(
    tx: IdentityTx, user_id: UUID, before: str | None, hashed: str, current: UUID | None
) -> int:
    """Replace a password that was given right, and end the user's other sessions.

    `before` is the hash that it was checked against, `current` the browser's session in use.
    Raises `WrongPassword` when another request has changed it first.
    """
    stored = tx.connection.execute(
        sa.select(passwords.c.hash)
        .where(passwords.c.tenant_id == tx.tenant_id, passwords.c.user_id == user_id)
        .with_for_update()
    ).scalar()
    if stored != before:
        raise WrongPassword("The password was changed at the same time.")
    set_password(tx, user_id, hashed, PasswordReason.CHANGED)
    return end_all_sessions(tx, user_id, EndReason.PASSWORD_CHANGED, but=current)


def open_reset(tx: IdentityTx, user_id: UUID, email: str) -> Ticket:
    """A link with which a user can set a new password, once; to be mailed to `email`.

    Whoever gives the user another address, or keeps them out, takes turns with this. Raises `LinkUsed`
    when they were first: links that come later are none that they would withdraw.
    """
    user = tx.users.get(user_id)
    if user.email != email or not user.may_sign_in:
        raise LinkUsed("The user has another address, or may not sign in.")
    ticket, now = Ticket.issue(tx.tenant_id, tx.ids.new()), tx.clock.now()
    tx.connection.execute(
        sa.insert(password_resets).values(
            tenant_id=tx.tenant_id,
            id=ticket.id,
            user_id=user_id,
            digest=ticket.digest,
            created_at=now,
            expires_at=now + RESET_LASTS,
        )
    )
    tx.publish(PasswordResetRequested(user_id), user_id)
    return ticket


def reset_password(tx: IdentityTx, ticket: Ticket, user_id: UUID, hashed: str) -> None:
    """Use a link: a new password, and no session is left. Raises `LinkUsed`."""
    columns = password_resets.c
    used = tx.connection.execute(
        sa.update(password_resets)
        .where(
            columns.tenant_id == tx.tenant_id,
            columns.id == ticket.id,
            columns.user_id == user_id,
            columns.digest == ticket.digest,
            columns.used_at.is_(None),
            columns.expires_at > tx.clock.now(),
        )
        .values(used_at=tx.clock.now())
    )
    if used.rowcount != 1:
        raise LinkUsed("This link has been used, or is too old.")
    set_password(tx, user_id, hashed, PasswordReason.RESET)
    tx.users.get(user_id).verify_email(tx.clock.now())
    end_all_sessions(tx, user_id, EndReason.PASSWORD_RESET)


def withdraw_resets(tx: IdentityTx, user_id: UUID) -> None:
    """Have the links work no more that were mailed to a user."""
    columns = password_resets.c
    tx.connection.execute(
        sa.update(password_resets)
        .where(
            columns.tenant_id == tx.tenant_id,
            columns.user_id == user_id,
            columns.used_at.is_(None),
        )
        .values(used_at=tx.clock.now())
    )
