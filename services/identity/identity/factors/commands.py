"""The command for second factors: for the administrator who has lost theirs, and has no colleague to ask."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing

import click

from chassis.context import Caller
from chassis.domain import DomainError, NotFound
from chassis.service import Service
from chassis.settings import WrongSettings, load_settings
from identity.callers import operator_at_work
from identity.factors.operations import reset_factors
from identity.operators import AS_OPERATOR
from identity.settings import IdentitySettings
from identity.sign_in.queries import users_by_email
from identity.tenants.queries import find_tenant
from identity.transaction import IdentityTx

Build = Callable[[IdentitySettings], Service[IdentityTx]]
_OPERATOR = Caller(tenant_id=None, subject="operator")


def factor_commands(build: Build) -> click.Group:
    """`factors reset`."""

    @click.group("factors", help="Second factors of users, for operators.")
    def factors() -> None:
        pass

    @factors.command("reset")
    @click.option("--tenant", required=True, help="The organisation, by its slug or id.")
    @click.option("--email", required=True, help="Whose factors; make sure who it is that asks.")
    @AS_OPERATOR
    def reset(tenant: str, email: str, operator: str) -> None:
        """Take all second factors and recovery codes of a user away; all of their sessions end."""
        try:
            settings = load_settings(IdentitySettings)
        except WrongSettings as error:
            raise click.ClickException(f"wrong settings\n{error}") from None
        service = build(settings)
        with closing(service.database):
            try:
                removed = _reset(service, tenant, email, operator)
            except DomainError as error:
                raise click.ClickException(error.message) from None
        click.echo(json.dumps({"email": email, "removed": removed}, ensure_ascii=False))

    return factors


def _reset(service: Service[IdentityTx], tenant: str, email: str, operator: str) -> int:
    """Raises `NotFound` when there is no such organisation, or no active user of it with this address."""
    tenant_id = service.operations.look_up(_OPERATOR, find_tenant, tenant)
    if tenant_id is None:
        raise NotFound.of("tenant", tenant)
    with service.database.system_transaction() as connection:
        found = dict(users_by_email(connection, email))
    if tenant_id not in found:
        raise NotFound.of("active user", email)
    return service.operations.run(
        operator_at_work(tenant_id, operator), reset_factors, found[tenant_id]
    )
