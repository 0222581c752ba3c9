"""`audit verify`: checks the chains of all tenants or of one, beside the service."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any
from uuid import UUID

import click

from chassis.context import PLATFORM, Caller
from chassis.domain import DomainError, NotFound
from chassis.service import Service
from chassis.settings import WrongSettings, load_settings
from chassis.storage.scope import EVERYTHING
from identity.audit.queries import tenants_with_entries
from identity.audit.verification import Verification, verify
from identity.callers import identity_itself
from identity.settings import IdentitySettings
from identity.tenants.queries import all_tenants, find_tenant
from identity.transaction import IdentityTx

Build = Callable[[IdentitySettings], Service[IdentityTx]]
_PLATFORM = "-"
"""Names what belongs to no tenant; no slug looks like it."""
_NOBODY = Caller(tenant_id=None, subject="operator")
_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})", re.IGNORECASE)


class NotedHead(click.ParamType["tuple[int, bytes]"]):
    """`NUMBER:HASH`, as it was noted from an earlier verification or an export."""

    name = "number:hash"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, bytes]:
        """The number and the hash."""
        match = _HEAD.fullmatch(str(value))
        if match is None:
            self.fail(f"{value!r} is not NUMBER:HASH with 64 hexadecimal digits", param, ctx)
        return int(match[1]), bytes.fromhex(match[2])


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
        try:
            for tenant_id in _tenants(service, named):
                caller = identity_itself(tenant_id)
                read = partial(service.operations.read, caller, EVERYTHING)
                yield tenant_id, verify(read, noted=noted)
        except DomainError as error:
            raise click.ClickException(error.message) from None


def _tenants(service: Service[IdentityTx], named: str | None) -> list[UUID]:
    """The tenant that is named, or all: also those whose chain has lost its head."""
    look_up = service.operations.look_up
    if named == _PLATFORM:
        return [PLATFORM]
    if named is not None:
        found = look_up(_NOBODY, find_tenant, named)
        if found is None:
            raise NotFound.of("tenant", named)
        return [found]
    registered = [UUID(tenant["tenant_id"]) for tenant in look_up(_NOBODY, all_tenants)]
    return sorted({*registered, *look_up(_NOBODY, tenants_with_entries)})


def _as_json(tenant_id: UUID, found: Verification) -> str:
    broken = found.broken
    about: dict[str, Any] = {
        "tenant_id": str(tenant_id),
        "intact": broken is None,
        "entries": found.head.number,
        "head": f"{found.head.number}:{found.head.hash.hex()}",
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
    head = f"{found.head.number}:{found.head.hash.hex()}"
    return f"{tenant_id}  intact, {found.head.number} entries, head {head}"
