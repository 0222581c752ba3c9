"""Tenants as those see them who run the platform: list, create, suspend, resume (ID-1, PL-11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from chassis.clock import SystemClock, TimeOrderedIds
from chassis.context import Caller
from chassis.domain import NotFound
from chassis.storage.unit_of_work import Operations
from identity.callers import operator_at_work
from identity.desks import DeskAccess, at_the_desk, opened
from identity.facts import ENCODER
from identity.problems import CONFLICTS
from identity.roles.operations import keep_built_in_roles
from identity.tenants import operations
from identity.tenants.domain import Tenant, TenantDetails
from identity.tenants.operations import FirstUser
from identity.tenants.queries import all_tenants, find_tenant
from identity.transaction import IdentityTx
from identity.users.domain import INVITATION_LASTS
from identity.users.invitations import PAGE

_NOBODY = Caller(tenant_id=None, subject="operator")


@contextmanager
def open_desk(access: DeskAccess, operator: str | None = None) -> Iterator[TenantDesk]:
    """A desk over identity's database. Raises `Invalid` for a name that the log would confuse."""
    name = at_the_desk(operator)
    with opened(access) as database:
        run = Operations(
            database,
            IdentityTx,
            facts=ENCODER,
            conflicts=CONFLICTS,
            clock=SystemClock(),
            ids=TimeOrderedIds(),
        )
        yield TenantDesk(run, name)


class TenantDesk:
    """What an operator does with organisations; each has it in its audit log."""

    def __init__(self, run: Operations[IdentityTx], operator: str) -> None:
        self._run = run
        self._operator = operator

    def listed(self) -> list[dict[str, Any]]:
        """All organisations, by name."""
        return [dict(one) for one in self._run.look_up(_NOBODY, all_tenants)]

    def found(self, slug: str, details: TenantDetails, administrator: FirstUser) -> dict[str, Any]:
        """A new organisation whose administrator is invited: nobody gets a password to begin with.

        `invitation_path` is the way to accept, behind the platform's own address: known only now,
        good once, and mailed to nobody. Raises `Invalid`, `Conflict` when the slug is taken.
        """
        caller = operator_at_work(TimeOrderedIds().new(), self._operator)
        made = self._run.run(caller, operations.found_tenant, slug, details, administrator)
        return {
            "tenant_id": str(made.tenant.id),
            "tenant_slug": made.tenant.slug,
            "admin_email": made.administrator.email,
            "invitation_path": f"{PAGE}?ticket={made.ticket}",
            "invitation_days": INVITATION_LASTS.days,
        }

    def suspend(self, named: str) -> dict[str, Any]:
        """Have an organisation's tokens refused, by its slug or id. Raises `NotFound`."""
        return self._changed(named, operations.suspend_tenant)

    def resume(self, named: str) -> dict[str, Any]:
        """Serve a suspended organisation again. Raises `NotFound`."""
        return self._changed(named, operations.resume_tenant)

    def refresh_roles(self) -> Iterator[str]:
        """Bring the built-in roles of each organisation to this version's; gives the slugs, one by one."""
        for tenant in self.listed():
            caller = operator_at_work(UUID(tenant["tenant_id"]), self._operator)
            self._run.run(caller, keep_built_in_roles)
            yield tenant["tenant_slug"]

    def _changed(self, named: str, change: Callable[[IdentityTx], Tenant]) -> dict[str, Any]:
        tenant_id = self._run.look_up(_NOBODY, find_tenant, named)
        if tenant_id is None:
            raise NotFound.of("tenant", named)
        tenant = self._run.run(operator_at_work(tenant_id, self._operator), change)
        return {
            "tenant_id": str(tenant_id),
            "tenant_slug": tenant.slug,
            "status": tenant.status.value,
        }
