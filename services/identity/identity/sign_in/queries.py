"""Reads about accounts: who an e-mail address leads to, and what signing in needs to know."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from chassis.storage.database import rows_of
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from identity.domain import email_key
from identity.factors.storage import factors
from identity.sessions.domain import Lifetime
from identity.sign_in.storage import password_resets, passwords
from identity.tenants.domain import SignInPolicy, TenantStatus
from identity.tenants.storage import policy_of, tenants
from identity.tickets import Ticket
from identity.users.domain import UserStatus
from identity.users.storage import users


@dataclass(frozen=True, slots=True)
class Account:
    """A user of an organisation, as far as signing in goes."""

    tenant_id: UUID
    tenant_name: str
    policy: SignInPolicy
    user_id: UUID
    email: str
    name: str
    locale: str
    hash: str | None = field(repr=False)
    password_set_at: datetime | None
    may_sign_in: bool
    has_factors: bool

    @property
    def email_key(self) -> str:
        """What the address is compared by."""
        return email_key(self.email)

    @property
    def needs_second_factor(self) -> bool:
        """Whether the password alone is not enough."""
        return self.has_factors or self.policy.require_second_factor

    @property
    def lifetime(self) -> Lifetime:
        """How long sessions last, as the organisation has it."""
        policy = self.policy
        return Lifetime(
            timedelta(hours=policy.session_idle_hours),
            timedelta(hours=policy.session_lifetime_hours),
        )

    @property
    def own_texts(self) -> tuple[str, ...]:
        """What a password must not be made of."""
        return (self.name, self.email, self.email.partition("@")[0], self.tenant_name, "rapport")


_BY_EMAIL = Statement.of(
    sa.select(users.c.tenant_id, users.c.id)
    .where(users.c.email_key == sa.bindparam("given"), users.c.status == sa.bindparam("of_status"))
    .order_by(users.c.tenant_id)
)


def users_by_email(connection: sa.Connection, email: str) -> list[tuple[UUID, UUID]]:
    """Tenant and id of the active users with this address; asked as the system login."""
    known = {"given": email_key(email), "of_status": UserStatus.ACTIVE.value}
    rows = rows_of(connection, _BY_EMAIL.sql, known)
    return [(row["tenant_id"], row["id"]) for row in rows]


_ACCOUNT = Statement.of(
    sa.select(
        users.c.tenant_id,
        users.c.id.label("user_id"),
        users.c.email,
        users.c.name,
        users.c.locale,
        users.c.status,
        tenants.c.name.label("tenant_name"),
        tenants.c.policy,
        tenants.c.require_second_factor,
        tenants.c.status.label("tenant_status"),
        passwords.c.hash,
        passwords.c.changed_at.label("password_set_at"),
        sa.exists()
        .where(factors.c.tenant_id == users.c.tenant_id, factors.c.user_id == users.c.id)
        .label("has_factors"),
    )
    .select_from(
        users.join(tenants, tenants.c.tenant_id == users.c.tenant_id).outerjoin(
            passwords,
            sa.and_(passwords.c.tenant_id == users.c.tenant_id, passwords.c.user_id == users.c.id),
        )
    )
    .where(users.c.tenant_id == sa.bindparam("of_tenant"), users.c.id == sa.bindparam("of_user"))
)


def get_account(reading: Reading | UnitOfWork, user_id: UUID) -> Account | None:
    """The account of a user, whatever the status; None when there is none."""
    row = reading.fetch_one(_ACCOUNT, {"of_tenant": reading.caller.tenant_id, "of_user": user_id})
    if row is None:
        return None
    of_user, of_tenant = row.pop("status"), row.pop("tenant_status")
    row["policy"] = policy_of(row["policy"], required=row.pop("require_second_factor"))
    active = of_user == UserStatus.ACTIVE and of_tenant == TenantStatus.ACTIVE
    return Account(may_sign_in=active, **row)


def reset_account(reading: Reading, ticket: Ticket) -> Account | None:
    """Whose password a link resets; None for one that is used, outdated or not ours."""
    row = reading.connection.execute(
        sa.select(password_resets.c.user_id, password_resets.c.digest).where(
            password_resets.c.tenant_id == reading.caller.tenant_id,
            password_resets.c.id == ticket.id,
            password_resets.c.used_at.is_(None),
            password_resets.c.expires_at > reading.clock.now(),
        )
    ).first()
    if row is None or not ticket.matches(bytes(row.digest)):
        return None
    account = get_account(reading, row.user_id)
    return account if account is not None and account.may_sign_in else None


def invited_account(reading: Reading, ticket: Ticket) -> Account | None:
    """Who may accept an invitation; None for a link that is used, replaced or outdated."""
    row = reading.connection.execute(
        sa.select(users.c.invitation_hash, users.c.invitation_expires_at).where(
            users.c.tenant_id == reading.caller.tenant_id,
            users.c.id == ticket.id,
            users.c.status == UserStatus.INVITED.value,
        )
    ).first()
    if row is None or row.invitation_hash is None:
        return None
    if row.invitation_expires_at <= reading.clock.now():
        return None
    known = ticket.matches(bytes(row.invitation_hash))
    return get_account(reading, ticket.id) if known else None
