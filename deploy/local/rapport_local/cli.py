"""The commands `up`, `down`, `status`, `logs`, `exec`, `operate` and `reset` of the local platform."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from rapport_local.errors import PlatformError
from rapport_local.logs import follow_logs, show_logs
from rapport_local.platform import CHECKOUT, Platform, UpReport
from rapport_local.status import PartStatus, platform_status, what_to_do

P = ParamSpec("P")
_OUT = Console(highlight=False, soft_wrap=True)
_ERR = Console(stderr=True, highlight=False, soft_wrap=True)
_COLOURS = {"ready": "green", "not ready": "yellow", "stopped": "red"}


def says_what_is_wrong(command: Callable[P, None]) -> Callable[P, None]:
    """Turn what is in the platform's way into one message and exit code 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except PlatformError as error:
            _ERR.print(f"[bold red]rapport:[/] {escape(str(error))}")
            sys.exit(1)
        except PermissionError as error:
            _ERR.print(
                f"[bold red]rapport:[/] {escape(str(error))}: it belongs to another account; run this as that one"
            )
            sys.exit(1)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="RAPPORT_LOCAL_STATE",
    default=CHECKOUT / ".rapport",
    help="Where everything is kept; .rapport in the checkout unless given.",
)
@click.pass_context
def cli(context: click.Context, state: Path) -> None:
    """Rapport on this machine: database, broker, services and gateway, all real."""
    context.obj = state


@cli.command()
@click.option(
    "--ports-from", type=int, envvar="PORTS_FROM", help="The first port (18000); 0 takes free ones."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@click.pass_obj
@says_what_is_wrong
def up(state: Path, ports_from: int | None, *, as_json: bool) -> None:
    """Start what does not run and wait until everything is ready."""
    if as_json:
        platform = Platform(state, ports_from)
        report = platform.up()
        _OUT.print_json(json.dumps(asdict(report) | {"gateway_url": platform.gateway_url}))
        return
    with _ERR.status("starting") as spinner:

        def tell(line: str) -> None:
            spinner.update(escape(line))
            if not _ERR.is_terminal:
                _ERR.print(f"  {escape(line)}")

        platform = Platform(state, ports_from, tell=tell)
        report = platform.up()
    _say_where(platform, report)


def _say_where(platform: Platform, report: UpReport) -> None:
    if report.started:
        _OUT.print(f"Rapport is ready after {report.seconds:.1f} s.")
    else:
        _OUT.print("Rapport was running already, and is ready.")
    _OUT.print(f"  address    {platform.gateway_url}")
    _OUT.print(f"  API docs   {platform.gateway_url}/docs")
    _OUT.print(f"  state      {platform.state.root}")
    tenant = report.first_tenant
    if tenant is None:
        return
    if tenant.password is None:
        _OUT.print(
            f"  sign in    {tenant.admin_email}, with the password shown when it was created"
        )
        return
    secret = f"e-mail    {tenant.admin_email}\npassword  {tenant.password}"
    _OUT.print(
        Panel(
            escape(secret), title="Administrator of the first tenant: shown only now", expand=False
        )
    )


@cli.command()
@click.pass_obj
@says_what_is_wrong
def down(state: Path) -> None:
    """Stop everything; the data stays."""
    stopped = Platform(state, tell=lambda line: _ERR.print(f"  {escape(line)}")).down()
    _OUT.print(f"Stopped {', '.join(stopped)}." if stopped else "Nothing was running.")


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
@click.pass_obj
@says_what_is_wrong
def status(state: Path, *, as_json: bool) -> None:
    """Show what runs, where, and how much memory it takes; exit code 3 unless everything is ready."""
    parts = platform_status(Platform(state))
    if as_json:
        _OUT.print_json(json.dumps([asdict(part) for part in parts]))
    elif parts:
        _OUT.print(_status_table(parts))
        for line in what_to_do(parts):
            _OUT.print(escape(line))
    else:
        _OUT.print(f"There is no platform in {state}; `make up` starts one.")
    if not parts or any(part.state != "ready" for part in parts):
        sys.exit(3)


def _status_table(parts: list[PartStatus]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("part", "state", "pid", "address"):
        table.add_column(heading, no_wrap=True)
    table.add_column("memory", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for part in parts:
        colour, pid = _COLOURS[part.state], str(part.pid or "")
        memory = f"{part.memory_bytes / 2**20:.0f} MiB" if part.pid else ""
        table.add_row(
            part.part,
            f"[{colour}]{part.state}[/]",
            pid,
            part.address,
            memory,
            "",
        )
    table.add_row(
        "", "", "", "", f"{sum(part.memory_bytes for part in parts) / 2**20:.0f} MiB", "in all"
    )
    return table


@cli.command()
@click.argument("part", required=False)
@click.option(
    "-n",
    "--lines",
    default=100,
    show_default=True,
    type=click.IntRange(1),
    help="How many lines of each.",
)
@click.option("-f", "--follow", is_flag=True, help="Stay and show what is added.")
@click.pass_obj
@says_what_is_wrong
def logs(state: Path, part: str | None, lines: int, *, follow: bool) -> None:
    """Show the end of one part's log, or of all."""
    shown = show_logs(Platform(state), part, lines, click.echo)
    if follow:
        follow_logs(shown, click.echo)


@cli.command(
    "exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
@click.argument("service")
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
@says_what_is_wrong
def execute(state: Path, service: str, words: tuple[str, ...]) -> None:
    """Run a service's own command with this platform's settings, such as: exec identity tenants list."""
    platform = Platform(state)
    known = {definition.name: definition for definition in platform.services}
    if service not in known:
        raise PlatformError(f"there is no service `{service}`; there are {', '.join(known)}")
    if not platform.exists:
        raise PlatformError(f"there is no platform in {state}; `make up` starts one")
    definition = known[service]
    command = [sys.executable, "-m", definition.module, *words]
    sys.exit(
        subprocess.run(
            command, env=platform.environments.serving(definition), check=False
        ).returncode
    )


@cli.command(
    context_settings={
        "ignore_unknown_options": True,
        "allow_interspersed_args": False,
        "help_option_names": [],
    }
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
@says_what_is_wrong
def operate(state: Path, words: tuple[str, ...]) -> None:
    """Run the command `rapport` for this platform, such as: operate doctor, operate dead-letters list."""
    platform = Platform(state)
    if not platform.state.operator.exists():
        raise PlatformError(f"there is no platform in {state}; `make up` starts one")
    command = [sys.executable, "-m", "rapport_operator", "--deployment"]
    command += [str(platform.state.operator), *words]
    sys.exit(subprocess.run(command, check=False).returncode)


@cli.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
@says_what_is_wrong
def reset(state: Path, *, yes: bool) -> None:
    """Stop everything and delete all data."""
    if not yes:
        click.confirm(
            f"Delete everything in {state}, all data of all tenants included?", abort=True
        )
    Platform(state).reset()
    _OUT.print(f"{state} is gone.")


def main() -> None:
    """Run the command line."""
    cli(prog_name="python -m rapport_local")
