"""What all commands share: the deployment they are about, their options, and how they fail."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import click
import psycopg
from rich.markup import escape

from chassis.clock import SystemClock
from rapport_operator.deployment import Deployment, find_deployment, read_deployment
from rapport_operator.errors import FAILED, OperatorError
from rapport_operator.output import ERR

P = ParamSpec("P")

_AGO = re.compile(r"(?P<number>\d+)(?P<unit>[smhd])\Z")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")


@dataclass(frozen=True, slots=True)
class Words:
    """What was said before the command's own name."""

    deployment: Path | None


class Moment(click.ParamType[Any]):
    """A time: `2026-11-01`, `2026-11-01T09:30:00+08:00` (UTC unless said), or `90m` ago."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Fails the command line for anything else."""
        if isinstance(value, datetime):
            return value
        ago = _AGO.match(str(value))
        if ago:
            distance = timedelta(**{_UNITS[ago["unit"]]: int(ago["number"])})
            return SystemClock().now() - distance
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(
                f"{value!r} is no time: 2026-11-01, 2026-11-01T09:30:00+08:00 or 90m", param, ctx
            )
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def operator_command(
    command: Callable[Concatenate[Deployment, P], None],
) -> Callable[P, None]:
    """Hand the deployment to a command, and turn what is in its way into one message and code 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        words = click.get_current_context().find_object(Words)
        try:
            deployment = read_deployment(find_deployment(words.deployment if words else None))
            command(deployment, *args, **kwargs)
        except OperatorError as error:
            _fail(str(error))
        except psycopg.Error as error:
            _fail(f"a database does not answer: {' '.join(str(error).split())}")

    return run


def _fail(message: str) -> None:
    ERR.print(f"[bold red]rapport:[/] {escape(message)}")
    sys.exit(FAILED)
