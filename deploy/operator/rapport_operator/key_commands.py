"""`rapport keys`: list, rotate and withdraw the keys that tokens are signed with."""

from __future__ import annotations

import json
from typing import Any

import click

from rapport_operator.command_line import AS_JSON, operator_command
from rapport_operator.deployment import Deployment
from rapport_operator.identity_desks import key_desk
from rapport_operator.output import print_json, table

_HELP = """The keys that tokens are signed with.

\b
  rapport keys list
  rapport keys rotate                    the next key signs in 10 minutes
  rapport keys rotate --at-once          in 45 seconds: the one before may have leaked
  rapport keys withdraw -- KID           then have refused what that one has signed

They rotate by themselves on a schedule; no request fails meanwhile. The operators' audit log has who did
it (rapport audit list --tenant -): --operator, or your login name here.
"""
_OPERATOR = click.option(
    "--operator", metavar="NAME", help="Who does it, for the audit log; your login name here."
)


@click.group("keys", help=_HELP)
def keys() -> None:
    """See `_HELP`."""


@keys.command("list")
@AS_JSON
@operator_command
def list_(deployment: Deployment, *, as_json: bool) -> None:
    """List the keys, the newest first."""
    with key_desk(deployment) as desk:
        _tell(desk.listed(), as_json=as_json)


@keys.command()
@click.option("--at-once", is_flag=True, help="In 45 seconds instead of 10 minutes.")
@_OPERATOR
@AS_JSON
@operator_command
def rotate(deployment: Deployment, *, at_once: bool, operator: str | None, as_json: bool) -> None:
    """Publish the next key; it signs as soon as every service is sure to know it.

    Needs `key_encryption_secret` of identity in the deployment's description: the one that
    RAPPORT_KEY_ENCRYPTION_SECRET has there.
    """
    with key_desk(deployment, operator) as desk:
        _tell(desk.rotate(at_once=at_once), as_json=as_json)


@keys.command()
@click.argument("kid")
@_OPERATOR
@AS_JSON
@operator_command
def withdraw(deployment: Deployment, *, kid: str, operator: str | None, as_json: bool) -> None:
    """Refuse what a key has signed, within 5 minutes; rotate first.

    Write -- before a KID that begins with a hyphen.
    """
    with key_desk(deployment, operator) as desk:
        _tell(desk.withdraw(kid), as_json=as_json)


def _tell(found: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(json.loads(json.dumps(found, default=_written)))
        return
    rows = [(one["kid"], str(one["state"]), one["signs_from"], one["retired_at"]) for one in found]
    table("Signing keys", ("kid", "state", "signs from", "retired"), rows)


def _written(moment: Any) -> str:
    return str(moment.isoformat()).replace("+00:00", "Z")
