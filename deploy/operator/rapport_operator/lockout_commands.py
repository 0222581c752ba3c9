"""`rapport lockouts`: who has to wait after failed sign-ins, and how they are let try again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from rapport_operator.command_line import AS_JSON, operator_command
from rapport_operator.deployment import Deployment
from rapport_operator.identity_desks import lockout_desk
from rapport_operator.output import OUT, print_json

_HELP = """Who has to wait after failed attempts to sign in.

\b
  rapport lockouts show ada@acme.example   whether and how long an account has to wait
  rapport lockouts lift ada@acme.example   let them try again at once
  rapport lockouts lift 203.0.113.7        an address, such as that of an office

Each wait ends by itself, after a quarter of an hour at most. Needs `signing_secret` of identity in the
deployment's description: the one that RAPPORT_SIGNING_SECRET has there. The audit log has who lifted it:
--operator, or your login name here.
"""
_WHO = click.argument("who", metavar="EMAIL|ADDRESS")


@click.group("lockouts", help=_HELP)
def lockouts() -> None:
    """See `_HELP`."""


@lockouts.command()
@_WHO
@AS_JSON
@operator_command
def show(deployment: Deployment, *, who: str, as_json: bool) -> None:
    """Show whether an account or an address has to wait, and until when."""
    with lockout_desk(deployment) as desk:
        found = desk.shown(who)
    if as_json:
        print_json({name: _written(value) for name, value in found.items()})
    elif found["state"] is None:
        OUT.print(f"{who} need not wait.", markup=False)
    else:
        until = _written(found["until"])
        said = f"{who} is {found['state']} until {until}, after {found['failures']} failures."
        OUT.print(said, markup=False)


@lockouts.command()
@_WHO
@click.option(
    "--operator", metavar="NAME", help="Who does it, for the audit log; your login name here."
)
@AS_JSON
@operator_command
def lift(deployment: Deployment, *, who: str, operator: str | None, as_json: bool) -> None:
    """Let an account or an address try again at once; its failures are forgotten."""
    with lockout_desk(deployment, operator) as desk:
        done = desk.lift(who)
    if as_json:
        print_json(done)
    elif done["lifted"]:
        OUT.print(f"{who} may try again.", markup=False)
    else:
        OUT.print(f"{who} need not wait; nothing was lifted.", markup=False)


def _written(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
