"""`python -m deploy.demo`: people, a sale, a club and a desk in a fresh tenant of the running platform."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click
import httpx
from rich.console import Console
from rich.markup import escape

from deploy.demo.browser import UnexpectedPage
from deploy.demo.demonstration import Demonstration, Plan
from deploy.demo.external_app import Refused
from deploy.demo.febrl import NoFebrlData
from deploy.demo.importing import ImportFailed
from deploy.demo.retaining.cdnow import NoCdnowData
from deploy.demo.showing import Show
from deploy.demo.tenant import NoPlatform, require_answer

_STATE = Path(__file__).resolve().parents[2] / ".rapport"
_WIDTH_OF_A_FILE = 120
"""Columns where the output goes to a file or a pipe, which tell nothing of theirs."""
_FAILURES = (
    NoPlatform,
    NoFebrlData,
    NoCdnowData,
    TimeoutError,
    ImportFailed,
    Refused,
    UnexpectedPage,
    httpx.HTTPError,
)


def gateway_of(state: Path) -> str:
    """Where the platform of a state folder is. Raises `NoPlatform`."""
    try:
        ports = json.loads((state / "platform.json").read_text(encoding="utf-8"))
        return f"http://127.0.0.1:{ports['gateway']}"
    except (FileNotFoundError, ValueError, KeyError):
        raise NoPlatform(f"there is no platform in {state}; `make up` starts one") from None


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--gateway", help="The platform's address, if it is not the one of the state folder.")
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="RAPPORT_LOCAL_STATE",
    default=_STATE,
    help="Where the local platform keeps its state; .rapport in the checkout unless given.",
)
@click.option(
    "--operator-token",
    envvar="RAPPORT_OPERATOR_TOKEN",
    help="For a platform that is not the local one: `python -m identity operators token`.",
)
@click.option("--generated", default=5000, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option(
    "--export-to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the export goes; demo/people.csv in the state folder unless given.",
)
def demo(
    gateway: str | None,
    state: Path,
    operator_token: str | None,
    generated: int,
    export_to: Path | None,
) -> None:
    """Import the people of Febrl and generated people of Taiwan; sell, keep customers, and help one.

    Everything goes through the gateway, as an external app does it. The operator's token that
    creates the tenant comes from the local platform's command line.
    """
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDTH_OF_A_FILE
    try:
        plan = Plan(
            gateway or gateway_of(state),
            state,
            operator_token,
            generated,
            export_to or state / "demo" / "people.csv",
        )
        require_answer(plan.gateway)
        Demonstration(plan, Show(console)).run()
    except _FAILURES as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"[bold red]demo:[/] {escape(str(error))}"
        )
        sys.exit(1)


if __name__ == "__main__":
    demo(prog_name="python -m deploy.demo")
