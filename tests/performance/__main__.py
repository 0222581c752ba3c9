"""`make bench`: runs the rows, prints the table, and writes the results."""

from __future__ import annotations

import json
import platform as machine
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click
import psutil
from rich.console import Console
from rich.table import Table

from tests.performance.figure import Figure
from tests.performance.rows import (
    board,
    coupons,
    customer_view,
    desk_reports,
    facts,
    growth,
    ledger,
    linkage,
    peers,
    requests,
    search,
    sending,
    sign_in,
    startup,
    tickets,
)
from tests.performance.subject import Subject, measured_platform

RESULTS = Path(__file__).parent / "results" / "latest.json"
ROWS: dict[str, Callable[[Subject], Iterator[Figure]]] = {
    "startup": startup.measure,
    "requests": requests.measure,
    "sign_in": sign_in.measure,
    "facts": facts.measure,
    "sending": sending.measure,
    "board": board.measure,
    "ledger": ledger.measure,
    "coupons": coupons.measure,
    "customer_view": customer_view.measure,
    "tickets": tickets.measure,
    "desk_reports": desk_reports.measure,
    "linkage": linkage.measure,
    "growth": growth.measure,
    "search": search.measure,
}
APART = {"peers": peers.measure}
"""Rows that run only when they are named."""


@click.command()
@click.argument("rows", nargs=-1, type=click.Choice([*ROWS, *APART]))
@click.option("--people", default=1_000_000, show_default=True, help="How far to grow.")
def bench(rows: tuple[str, ...], people: int) -> None:
    """Measure ROWS, all of them if none is named, on a platform of its own."""
    console, figures = Console(width=150), list[Figure]()
    with (
        tempfile.TemporaryDirectory(prefix="rapport-bench-") as folder,
        measured_platform(Path(folder), people) as subject,
    ):
        for name in rows or ROWS:
            for figure in {**ROWS, **APART}[name](subject):
                console.print(_line(figure))
                figures.append(figure)
    console.print(_table(figures))
    if not rows:
        _write(figures, people)


def _line(figure: Figure) -> str:
    return f"{figure.name}: {_number(figure.value)} {figure.unit}"


def _number(value: float) -> str:
    """With one digit, or as many as tell a share from another."""
    return f"{value:,.1f}" if value > 1 else f"{value:.4f}"


def _table(figures: list[Figure]) -> Table:
    table = Table(title="What was measured")
    for heading in ("figure", "value", "yardstick", "ratio", "reach", "", "note"):
        table.add_column(heading, justify="left" if heading in ("figure", "note") else "right")
    for figure in figures:
        table.add_row(
            figure.name,
            f"{_number(figure.value)} {figure.unit}",
            "" if figure.yardstick is None else f"{figure.yardstick:,.1f}",
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
            "" if figure.reach is None else f"{'≤' if figure.at_most else '≥'} {figure.reach:g}",
            {True: "[green]reached[/]", False: "[red]missed[/]", None: ""}[figure.is_reached],
            figure.note,
        )
    return table


def _write(figures: list[Figure], people: int) -> None:
    """Machine, commit, versions and figures, for the next comparison."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 - git is where the developer has it
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    content = {
        "at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "commit": commit,
        "machine": {
            "cores": psutil.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
            "processor": machine.machine(),
            "python": sys.version.split()[0],
        },
        "versions": {name: version(name) for name in ("flask", "granian", "psycopg", "sqlalchemy")},
        "people": people,
        "figures": [figure.as_json() for figure in figures],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    bench()
