"""What operators and administrators do to tenants; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from identity.authority import require_full_reach
from identity.roles.built_in import ADMINISTRATOR
from identity.roles.operations import keep_built_in_roles
from identity.tenants.domain import Tenant, TenantDetails
from identity.tickets import Ticket
from identity.users.domain import INVITATION_LASTS, Invitation, Profile, User

if TYPE_CHECKING:
    from identity.transaction import IdentityTx


@dataclass(frozen=True, slots=True)
class FirstUser:
    """Who is to administer a new tenant."""

    email: str
    name: str


@dataclass(frozen=True, slots=True)
class CreatedTenant:
    """A new tenant and its administrator; with the ticket of the invitation, if invited."""

    tenant: Tenant
    administrator: User
    ticket: Ticket | None = None


def create_tenant(
    tx: IdentityTx,
    slug: str,
    details: TenantDetails,
    first: FirstUser,
    set_password: Callable[[IdentityTx, User], None],
) -> CreatedTenant:
    """Create the tenant of this transaction, with an administrator who may sign in at once.

    Raises `Invalid`, `Conflict` when the slug is taken.
    """
    tenant, administrator_role, profile = _begin(tx, slug, details, first)
    user = User.activate_first(
        tx.ids.new(), first.email, profile, [administrator_role], tx.clock.now()
    )
    tx.users.add(user)
    tx.flush()
    set_password(tx, user)
    return CreatedTenant(tenant, user)


def found_tenant(
    tx: IdentityTx, slug: str, details: TenantDetails, first: FirstUser
) -> CreatedTenant:
    """Create the tenant of this transaction, and invite its administrator.

    Raises `Invalid`, `Conflict` when the slug is taken.
    """
    tenant, administrator_role, profile = _begin(tx, slug, details, first)
    ticket, now = Ticket.issue(tx.tenant_id, tx.ids.new()), tx.clock.now()
    invitation = Invitation(ticket.digest, now + INVITATION_LASTS)
    user = User.invite(ticket.id, first.email, profile, [administrator_role], invitation, now)
    tx.users.add(user)
    return CreatedTenant(tenant, user, ticket)


def _begin(
    tx: IdentityTx, slug: str, details: TenantDetails, first: FirstUser
) -> tuple[Tenant, UUID, Profile]:
    tenant = Tenant.create(tx.tenant_id, slug, details, tx.clock.now())
    tx.tenants.add(tenant)
    roles = keep_built_in_roles(tx)
    profile = Profile(first.name, tenant.details.locale, tenant.details.time_zone)
    return tenant, roles[ADMINISTRATOR].id, profile


def change_tenant(tx: IdentityTx, change: Callable[[TenantDetails], TenantDetails]) -> Tenant:
    """Change the caller's own organisation. Raises `Invalid`."""
    require_full_reach(tx.scope)
    tenant = tx.tenants.own()
    tenant.change(change(tenant.details), tx.clock.now())
    return tenant


def suspend_tenant(tx: IdentityTx) -> Tenant:
    """Let nobody of the tenant in, for the time being. Raises `NotFound`."""
    tenant = tx.tenants.own()
    tenant.suspend(tx.clock.now())
    return tenant


def resume_tenant(tx: IdentityTx) -> Tenant:
    """Serve a suspended tenant again. Raises `NotFound`."""
    tenant = tx.tenants.own()
    tenant.resume(tx.clock.now())
    return tenant
