"""Tenants over REST: their own for administrators, all of them for operators."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import Response

from chassis.domain import IdFactory
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from identity.tenants import operations, queries
from identity.tenants.domain import Tenant, TenantDetails
from identity.tenants.models import FoundedTenantOut, TenantIn, TenantOut, TenantPatch
from identity.tenants.operations import CreatedTenant, FirstUser
from identity.transaction import IdentityTx
from identity.users.invitations import Invitations

READ = "identity.tenant.read"
WRITE = "identity.tenant.write"
MANAGE = "identity.tenants.manage"

own_tenant = Routes("/v1/identity/tenant", tag="tenants")
tenants = Routes("/v1/identity/tenants", tag="tenants")


@own_tenant.get("", permission=READ, returns=TenantOut)
def get_own_tenant(call: Call[IdentityTx]) -> Reply:
    """Get one's own organisation."""
    tenant = call.read(queries.get_own_tenant)
    return Reply(tenant, version=tenant["version"])


@own_tenant.patch("", permission=WRITE, body=TenantPatch, returns=TenantOut)
def change_own_tenant(call: Call[IdentityTx], body: TenantPatch) -> Response:
    """Change what is mentioned of one's own organisation."""
    return call.run(
        lambda tx: operations.change_tenant(tx, body.changed), _shown, call.caller.tenant_id
    )


@tenants.get("", permission=MANAGE, tenantless=True, listing=queries.TENANTS, returns=TenantOut)
def list_tenants(call: Call[IdentityTx], listing: Listing) -> Reply:
    """List all organisations; for operators."""
    return Reply(call.operations.look_up(call.caller, queries.list_tenants, listing))


@tenants.get("/<uuid:tenant_id>", permission=MANAGE, tenantless=True, returns=TenantOut)
def get_tenant(call: Call[IdentityTx], tenant_id: UUID) -> Reply:
    """Get an organisation; for operators."""
    tenant = _within(call, tenant_id).read(queries.get_tenant, tenant_id)
    return Reply(tenant, version=tenant["version"])


@tenants.post("/<uuid:tenant_id>/suspend", permission=MANAGE, tenantless=True, returns=TenantOut)
def suspend_tenant(call: Call[IdentityTx], tenant_id: UUID) -> Response:
    """Suspend an organisation: its tokens are refused everywhere within two seconds."""
    return _within(call, tenant_id).run(operations.suspend_tenant, _shown)


@tenants.post("/<uuid:tenant_id>/resume", permission=MANAGE, tenantless=True, returns=TenantOut)
def resume_tenant(call: Call[IdentityTx], tenant_id: UUID) -> Response:
    """Serve a suspended organisation again."""
    return _within(call, tenant_id).run(operations.resume_tenant, _shown)


def founding_routes(invitations: Invitations, ids: IdFactory) -> Routes:
    """The route by which operators create tenants."""
    routes = Routes("/v1/identity/tenants", tag="tenants")

    @routes.post(
        "", permission=MANAGE, tenantless=True, body=TenantIn, returns=FoundedTenantOut, status=201
    )
    def found_tenant(call: Call[IdentityTx], body: TenantIn) -> Response:
        """Create an organisation and invite its administrator; for operators.

        The link of the invitation is also in this answer, and never again.
        """
        details = TenantDetails(body.name, body.locale, body.time_zone, body.country)
        first = FirstUser(body.admin_email, body.admin_name)
        founded: list[CreatedTenant] = []

        def found(tx: IdentityTx) -> CreatedTenant:
            founded[:] = [operations.found_tenant(tx, body.slug, details, first)]
            return founded[0]

        within = _within(call, ids.new())
        answer = within.run(found, lambda tx, made: _founded(tx, made, invitations))
        for made in founded:
            if made.ticket is not None:
                name = made.tenant.details.name
                invitations.send(made.administrator, made.ticket, name)
        return answer

    return routes


def _within(call: Call[IdentityTx], tenant_id: UUID) -> Call[IdentityTx]:
    """The operator's call, carried out in one tenant."""
    return replace(call, caller=replace(call.caller, tenant_id=tenant_id))


def _founded(tx: IdentityTx, made: CreatedTenant, invitations: Invitations) -> Reply:
    if made.ticket is None:
        raise AssertionError("the administrator of a founded tenant is invited")
    body = {
        **queries.get_tenant(tx, made.tenant.id),
        "administrator_id": made.administrator.id,
        "invitation_url": invitations.link(made.ticket),
    }
    return Reply.created(f"/v1/identity/tenants/{made.tenant.id}", body, made.tenant.version)


def _shown(tx: IdentityTx, tenant: Tenant) -> Reply:
    return Reply(queries.get_tenant(tx, tenant.id), version=tenant.version)
