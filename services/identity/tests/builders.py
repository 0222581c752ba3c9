"""Makes what tests of identity begin with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from chassis.context import Caller, service_caller
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from identity.roles.storage import roles
from identity.tenants.domain import TenantDetails
from identity.tenants.operations import FirstUser, create_tenant
from identity.transaction import IdentityTx
from identity.users.operations import ProfileChanges, accept_invitation, invite_user

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Organisation:
    """A tenant with its administrator and built-in roles, and ways to call on its behalf."""

    identity: ServiceHarness[IdentityTx]
    tenant_id: UUID
    administrator_id: UUID
    roles: dict[str, UUID]

    def administrator(self) -> ApiClient:
        """The administrator's own client."""
        return self.user(self.administrator_id, "administrator")

    def user(self, user_id: UUID, *role_keys: str, teams: tuple[UUID, ...] = ()) -> ApiClient:
        """A user whose token has these built-in roles."""
        token = self.identity.tokens.user(
            self.tenant_id, user_id, roles=[self.roles[key] for key in role_keys], teams=teams
        )
        self.identity.service.directory.forget(self.tenant_id)
        return ApiClient(self.identity.app, token, self.tenant_id)

    def app(self, *scopes: str) -> ApiClient:
        """An external app with these permissions."""
        return self.identity.app_client(self.tenant_id, *scopes)

    def member(self, *role_keys: str, name: str = "Ann Lee") -> UUID:
        """A new active user with these built-in roles."""
        run, caller = self.identity.service.operations.run, self.caller
        invited = run(
            caller,
            invite_user,
            f"{uuid4().hex}@example.com",
            ProfileChanges(name=name),
            [self.roles[key] for key in role_keys],
        )
        run(caller, accept_invitation, invited.ticket)
        return invited.user.id

    @property
    def caller(self) -> Caller:
        """Identity itself, at work for this tenant."""
        return service_caller("identity", self.tenant_id)

    def facts(self) -> list[str]:
        """The types of the facts so far, oldest first, without the package."""
        return [kind.rpartition(".")[2] for kind, _ in self.identity.facts(self.tenant_id)]


def organisation(identity: ServiceHarness[IdentityTx], name: str = "Acme") -> Organisation:
    """A new tenant."""
    tenant_id = identity.new_tenant()
    made = identity.service.operations.run(
        service_caller("identity", tenant_id),
        create_tenant,
        f"t-{tenant_id}",
        TenantDetails(name, "zh-Hant", "Asia/Taipei", "TW"),
        FirstUser(f"admin-{tenant_id}@example.com", "Ada Chen"),
        lambda _tx, _user: None,
    )
    with identity.service.database.tenant_transaction(tenant_id) as connection:
        rows = connection.execute(
            sa.select(roles.c.key, roles.c.id).where(roles.c.tenant_id == tenant_id)
        )
        by_key = {row.key: row.id for row in rows}
    return Organisation(identity, tenant_id, made.administrator.id, by_key)
