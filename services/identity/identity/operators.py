"""Under which name a command's operator acts: the audit log has it."""

from __future__ import annotations

import getpass
import re
from typing import Any

import click

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_UNNAMED = "command"
"""For a login without a name, as in a container that runs as a bare number."""


def is_operator_name(text: str) -> bool:
    """Whether an operator may be called so."""
    return _NAME.fullmatch(text) is not None


class OperatorName(click.ParamType["str"]):
    """What an operator is called: letters, digits and `._@-`."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Fails the command line for anything else."""
        if not is_operator_name(str(value)):
            self.fail(f"{value!r} is not 1 to 64 letters, digits and ._@-", param, ctx)
        return str(value)


def login_name() -> str:
    """Who is logged in on this machine, as far as that is a name."""
    try:
        found = getpass.getuser()
    except (KeyError, OSError):
        return _UNNAMED
    return found if is_operator_name(found) else _UNNAMED


AS_OPERATOR = click.option(
    "--operator",
    type=OperatorName(),
    default=login_name,
    metavar="NAME",
    help="Who does it, for the audit log; your login name on this machine unless you say.",
)
