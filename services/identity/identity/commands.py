"""Commands for operators, run beside the service with its own database credentials."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from contextlib import closing
from typing import Any
from uuid import UUID

import click

from chassis.context import Caller
from chassis.domain import DomainError, NotFound
from chassis.service import Service
from chassis.settings import WrongSettings, load_settings
from identity.callers import operator_at_work
from identity.domain import email_key
from identity.operators import AS_OPERATOR
from identity.roles.operations import keep_built_in_roles
from identity.settings import IdentitySettings
from identity.sign_in.domain import PasswordReason
from identity.sign_in.hashing import PasswordCost, PasswordHasher
from identity.sign_in.operations import set_password
from identity.tenants import operations, queries
from identity.tenants.domain import Tenant, TenantDetails
from identity.tenants.operations import FirstUser
from identity.transaction import IdentityTx

Build = Callable[[IdentitySettings], Service[IdentityTx]]
_OPERATOR = Caller(tenant_id=None, subject="operator")
_PASSWORD_BYTES = 15  # 120 random bits, 20 characters


def tenant_commands(build: Build) -> click.Group:
    """`tenants create`, `list`, `suspend`, `activate` and `refresh-roles`."""

    @click.group("tenants", help="Organisations, for operators.")
    def tenants() -> None:
        pass

    @tenants.command("create")
    @click.option("--name", required=True, help="What the organisation is called.")
    @click.option("--slug", required=True, help="a-z, 0-9 and -; names it in commands.")
    @click.option("--admin-email", required=True)
    @click.option("--admin-name", default="Administrator", show_default=True)
    @click.option("--locale", default="en", show_default=True)
    @click.option("--time-zone", default="UTC", show_default=True)
    @click.option("--country", default="")
    @click.option("--output", type=click.Choice(["json"]), default="json", show_default=True)
    @AS_OPERATOR
    def create(operator: str, **given: str) -> None:
        """Create an organisation; its administrator's random password is shown only now."""
        _run(build, lambda work: work.create_tenant(given, operator))

    @tenants.command("list")
    def list_all() -> None:
        """List all organisations, one JSON object a line."""
        _run(build, lambda work: work.list_tenants())

    @tenants.command("suspend")
    @click.argument("tenant")
    @AS_OPERATOR
    def suspend(tenant: str, operator: str) -> None:
        """Suspend an organisation, named by its slug or id."""
        _run(build, lambda work: [work.change(tenant, operator, operations.suspend_tenant)])

    @tenants.command("activate")
    @click.argument("tenant")
    @AS_OPERATOR
    def activate(tenant: str, operator: str) -> None:
        """Serve a suspended organisation again."""
        _run(build, lambda work: [work.change(tenant, operator, operations.resume_tenant)])

    @tenants.command("refresh-roles")
    @AS_OPERATOR
    def refresh_roles(operator: str) -> None:
        """Bring every organisation's built-in roles to this version's; after an upgrade."""
        _run(build, lambda work: work.refresh_roles(operator))

    return tenants


class TenantWork:
    """What the commands do."""

    def __init__(self, service: Service[IdentityTx], settings: IdentitySettings) -> None:
        self._service = service
        self._settings = settings

    def create_tenant(self, given: dict[str, str], operator: str) -> list[dict[str, Any]]:
        """A new tenant and its administrator. Raises `Invalid`, `Conflict`."""
        details = TenantDetails(
            given["name"], given["locale"], given["time_zone"], given["country"]
        )
        first = FirstUser(given["admin_email"], given["admin_name"])
        password = secrets.token_urlsafe(_PASSWORD_BYTES)
        hashed = self._hasher().hash(password, email_key(first.email))
        made = self._service.operations.run(
            operator_at_work(self._service.ids.new(), operator),
            operations.create_tenant,
            given["slug"],
            details,
            first,
            lambda tx, user: set_password(tx, user.id, hashed, PasswordReason.FOUNDED),
        )
        about = {
            "tenant_id": str(made.tenant.id),
            "tenant_slug": made.tenant.slug,
            "admin_email": made.administrator.email,
            "password": password,
        }
        return [about]

    def list_tenants(self) -> list[dict[str, Any]]:
        """All tenants by their names."""
        return self._service.operations.look_up(_OPERATOR, queries.all_tenants)

    def change(
        self, named: str, operator: str, operation: Callable[[IdentityTx], Tenant]
    ) -> dict[str, Any]:
        """Do something to one tenant. Raises `NotFound`."""
        found = self._service.operations.look_up(_OPERATOR, queries.find_tenant, named)
        if found is None:
            raise NotFound.of("tenant", named)
        tenant = self._service.operations.run(operator_at_work(found, operator), operation)
        return {
            "tenant_id": str(found),
            "tenant_slug": tenant.slug,
            "status": tenant.status.value,
        }

    def refresh_roles(self, operator: str) -> list[dict[str, Any]]:
        """Bring the built-in roles of all tenants up to date."""
        everyone = self.list_tenants()
        for tenant in everyone:
            caller = operator_at_work(UUID(tenant["tenant_id"]), operator)
            self._service.operations.run(caller, keep_built_in_roles)
        return [{"tenants": len(everyone)}]

    def _hasher(self) -> PasswordHasher:
        settings = self._settings
        cost = PasswordCost(settings.password_memory_kib, settings.password_passes)
        return PasswordHasher(cost, settings.signing_secret.get_secret_value(), 1)


def _run(build: Build, work: Callable[[TenantWork], list[dict[str, Any]]]) -> None:
    """Do the work and print what it gives, one JSON object a line; a refusal in one clear line."""
    try:
        settings = load_settings(IdentitySettings)
    except WrongSettings as error:
        raise click.ClickException(f"wrong settings\n{error}") from None
    service = build(settings)
    with closing(service.database):
        try:
            answers = work(TenantWork(service, settings))
        except DomainError as error:
            found = [f"{v.pointer}: {v.message}" for v in error.violations]
            raise click.ClickException("; ".join([error.message, *found])) from None
    for answer in answers:
        click.echo(json.dumps(answer, ensure_ascii=False))
