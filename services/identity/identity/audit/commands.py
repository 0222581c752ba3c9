"""`audit verify`: checks the chains of all tenants or of one, beside the service."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from uuid import UUID

import click

from chassis.domain import DomainError
from chassis.service import Service
from chassis.settings import WrongSettings, load_settings
from identity.audit.desk import AuditDesk
from identity.audit.domain import Head
from identity.audit.verification import Verification
from identity.operators import login_name
from identity.settings import IdentitySettings
from identity.transaction import IdentityTx

Build = Callable[[IdentitySettings], Service[IdentityTx]]


class NotedHead(click.ParamType["tuple[int, bytes]"]):
    """`NUMBER:HASH`, as it was noted from an earlier verification or an export."""

    name = "number:hash"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, bytes]:
        """The number and the hash."""
        try:
            head = Head.read(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return head.number, head.hash


def audit_commands(build: Build) -> click.Group:
    """`audit verify`."""

    @click.group("audit", help="The audit log.")
    def audit() -> None:
        pass

    @audit.command("verify")
    @click.option(
        "--tenant",
        help="The slug or id of one organisation, or - for what belongs to none; all without it.",
    )
    @click.option(
        "--expect",
        type=NotedHead(),
        multiple=True,
        help="A head that was noted before; the chain still has to contain it. Needs --tenant.",
    )
    @click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
    def verify_chains(
        tenant: str | None, expect: tuple[tuple[int, bytes], ...], *, as_json: bool
    ) -> None:
        """Verify that no entry was changed, removed or exchanged.

        Ends with 1 if one was, and says which is the first of each organisation.
        """
        if expect and tenant is None:
            raise click.UsageError("--expect is about one organisation: name it with --tenant")
        intact = True
        for tenant_id, found in _verified(build, tenant, dict(expect)):
            intact &= found.broken is None
            click.echo(_as_json(tenant_id, found) if as_json else _as_text(tenant_id, found))
        sys.exit(0 if intact else 1)

    return audit


def _verified(
    build: Build, named: str | None, noted: dict[int, bytes]
) -> Iterator[tuple[UUID, Verification]]:
    try:
        settings = load_settings(IdentitySettings)
    except WrongSettings as error:
        raise click.ClickException(f"wrong settings\n{error}") from None
    service = build(settings)
    with closing(service.database):
        desk = AuditDesk(service.operations, login_name())
        try:
            for tenant_id in desk.tenants() if named is None else [desk.tenant(named)]:
                yield tenant_id, desk.verify(tenant_id, noted)
        except DomainError as error:
            raise click.ClickException(error.message) from None


def _as_json(tenant_id: UUID, found: Verification) -> str:
    broken = found.broken
    about: dict[str, Any] = {
        "tenant_id": str(tenant_id),
        "intact": broken is None,
        "entries": found.head.number,
        "head": str(found.head),
    }
    if broken is not None:
        about |= {
            "broken": {
                "number": broken.number,
                "damage": broken.damage.value,
                "message": broken.message,
            }
        }
    return json.dumps(about)


def _as_text(tenant_id: UUID, found: Verification) -> str:
    if found.broken is not None:
        return f"{tenant_id}  BROKEN at entry {found.broken.number}: {found.broken.message}"
    return f"{tenant_id}  intact, {found.head.number} entries, head {found.head}"
