"""`rapport tenants`: list, create, suspend and resume organisations, and renew their built-in roles."""

from __future__ import annotations

from typing import Any

import click

from rapport_operator.command_line import AS_JSON, operator_command
from rapport_operator.deployment import Deployment
from rapport_operator.descriptions import module_of
from rapport_operator.identity_desks import IDENTITY, public_address, tenant_desk
from rapport_operator.output import OUT, bars, print_json, table

_HELP = """Organisations: list, create, suspend and resume them.

\b
  rapport tenants list
  rapport tenants create --name Acme --slug acme --admin-email ada@acme.example
  rapport tenants suspend acme
  rapport tenants resume acme
  rapport tenants refresh-roles                     after an upgrade

It writes to identity's database with the logins of the deployment's description. The audit log of the
organisation has who did it: --operator, or your login name here.
"""
_OPERATOR = click.option(
    "--operator", metavar="NAME", help="Who does it, for the audit log; your login name here."
)
_TENANT = click.argument("tenant", metavar="SLUG|ID")
_DETAILS = ("name", "locale", "time_zone", "country")


@click.group("tenants", help=_HELP)
def tenants() -> None:
    """See `_HELP`."""


@tenants.command("list")
@AS_JSON
@operator_command
def list_(deployment: Deployment, *, as_json: bool) -> None:
    """List all organisations, by name."""
    with tenant_desk(deployment) as desk:
        found = desk.listed()
    if as_json:
        print_json(found)
    elif found:
        rows = [(one["tenant_slug"], one["name"], one["status"], one["tenant_id"]) for one in found]
        table("Organisations", ("slug", "name", "status", "id"), rows)
    else:
        OUT.print("No organisations yet: rapport tenants create")


@tenants.command()
@click.option("--name", required=True, help="What the organisation is called.")
@click.option("--slug", required=True, help="a-z, 0-9 and -; names it in commands, for good.")
@click.option("--admin-email", required=True, help="Who is invited to administer it.")
@click.option("--admin-name", default="Administrator", show_default=True)
@click.option("--locale", default="en", show_default=True)
@click.option("--time-zone", default="UTC", show_default=True)
@click.option("--country", default="", help="Two letters, such as TW.")
@_OPERATOR
@AS_JSON
@operator_command
def create(deployment: Deployment, /, *, operator: str | None, as_json: bool, **given: str) -> None:
    """Create an organisation, and print the link by which its administrator chooses a password.

    The link works once, and is shown only now. It is not mailed: hand it over, or have the
    administrator be invited anew over REST.
    """
    details = module_of(IDENTITY, "tenants.domain").TenantDetails(*(given[n] for n in _DETAILS))
    first = module_of(IDENTITY, "tenants.operations").FirstUser(
        given["admin_email"], given["admin_name"]
    )
    with tenant_desk(deployment, operator) as desk:
        made = desk.found(given["slug"], details, first)
    days, path = made.pop("invitation_days"), made.pop("invitation_path")
    made["invitation_url"] = f"{public_address(deployment)}{path}"
    if as_json:
        print_json(made)
        return
    OUT.print(f"Created {made['tenant_slug']} ({made['tenant_id']}).", markup=False)
    OUT.print(f"{made['admin_email']} accepts here, within {days} days:", markup=False)
    OUT.print(made["invitation_url"], markup=False)


@tenants.command()
@_TENANT
@_OPERATOR
@AS_JSON
@operator_command
def suspend(deployment: Deployment, *, tenant: str, operator: str | None, as_json: bool) -> None:
    """Suspend an organisation: its tokens are refused within two seconds, its data stay."""
    with tenant_desk(deployment, operator) as desk:
        _tell(desk.suspend(tenant), as_json=as_json)


@tenants.command()
@_TENANT
@_OPERATOR
@AS_JSON
@operator_command
def resume(deployment: Deployment, *, tenant: str, operator: str | None, as_json: bool) -> None:
    """Serve a suspended organisation again."""
    with tenant_desk(deployment, operator) as desk:
        _tell(desk.resume(tenant), as_json=as_json)


@tenants.command("refresh-roles")
@_OPERATOR
@AS_JSON
@operator_command
def refresh_roles(deployment: Deployment, *, operator: str | None, as_json: bool) -> None:
    """Bring the built-in roles of all organisations to this version's; after an upgrade."""
    with tenant_desk(deployment, operator) as desk, bars(hidden=as_json) as shown:
        total, done = len(desk.listed()), 0
        for done, _slug in enumerate(desk.refresh_roles(), start=1):
            shown.reach("organisations", done, total)
    if as_json:
        print_json({"tenants": done})
    else:
        OUT.print(f"The built-in roles of {done:,} organisations are this version's.")


def _tell(changed: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(changed)
    else:
        OUT.print(f"{changed['tenant_slug']} is {changed['status']}.", markup=False)
