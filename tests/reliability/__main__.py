"""`python -m tests.reliability`: a run of some minutes on a platform of its own, and its report."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from tests.reliability.checks.all import CHECKS
from tests.reliability.estate import python_path, running_estate
from tests.reliability.faults.deck import all_faults, shuffled_for_ever
from tests.reliability.faults.fault import Fault
from tests.reliability.report import RESULTS, as_text, write
from tests.reliability.run import Plan, Run


@click.command()
@click.option("--seed", type=int, help="Which run; another one each time unless given.")
@click.option("--minutes", type=click.FloatRange(0.2, 60), default=6.0, show_default=True)
@click.option("--only", default="", help="Only faults with this in their name.")
@click.option("--results", type=click.Path(path_type=Path), default=RESULTS, help="Where to.")
def main(seed: int | None, minutes: float, only: str, results: Path) -> None:
    """Write all the time while everything is killed, cut and slowed, then look whether all is there.

    Ends with 1 when something did not hold.
    """
    plan = Plan(secrets.randbelow(1_000_000) if seed is None else seed)
    click.echo(f"seed {plan.seed}: the platform starts")
    os.environ["PYTHONPATH"] = python_path()
    with tempfile.TemporaryDirectory(prefix="rapport-reliability-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL, run as another account by root, gets through
        with running_estate(Path(folder)) as estate:
            run = Run(estate, plan)
            deck = [f for f in all_faults(estate.services) if only in f.name]
            faults = _told(_within(shuffled_for_ever(deck, run.rng), minutes * 60))
            try:
                result = run.through(faults, CHECKS)
            finally:
                # What the platform said about it all; the folder itself goes.
                logs = results / f"seed-{plan.seed}-logs"
                shutil.copytree(estate.platform.state.root / "logs", logs, dirs_exist_ok=True)
    for path in write(result, results):
        click.echo(f"written: {path}")
    click.echo(as_text(result))
    sys.exit(0 if result.is_green else 1)


def _within(faults: Iterable[Fault], seconds: float) -> Iterator[Fault]:
    """Faults as long as there is time for another."""
    deadline = time.monotonic() + seconds
    for fault in faults:
        if time.monotonic() > deadline:
            return
        yield fault


def _told(faults: Iterable[Fault]) -> Iterator[Fault]:
    for fault in faults:
        click.echo(f"  {fault.name}")
        yield fault


if __name__ == "__main__":
    main()
