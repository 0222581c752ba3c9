"""The report of a run, as text for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from tests.reliability.result import Result, Window

RESULTS = Path(__file__).with_name("results")


def as_text(result: Result) -> str:
    """The report as a page of text."""
    return "\n".join(_lines(result)) + "\n"


def write(result: Result, folder: Path = RESULTS) -> list[Path]:
    """Write both forms below a folder, named by the seed and as the latest; gives the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {**asdict(result), "green": result.is_green, "complaints": result.complaints}
    texts = {"txt": as_text(result), "json": json.dumps(whole, indent=2, default=str) + "\n"}
    paths = []
    for kind, text in texts.items():
        for name in ("latest", f"seed-{result.seed}"):
            paths.append(folder / f"{name}.{kind}")
            paths[-1].write_text(text, encoding="utf-8")
    return paths


def _lines(result: Result) -> Iterator[str]:
    minutes, seconds = divmod(round(result.seconds), 60)
    yield f"Reliability run, seed {result.seed}, {result.began:%Y-%m-%d %H:%M} UTC, {minutes} min {seconds} s"
    yield (
        f"Writes: {_named(result.writes)}, sent {result.attempts} times in all;"
        f" {result.replays} answers were given again to the same key"
    )
    yield f"Started again after a kill: {_named(result.restarts) or 'nothing'}"
    settled = result.settled_after
    yield "Not settled" if settled is None else f"Every fact settled {settled:.1f} s after the load"
    yield ""
    yield "Each fault: when, for how long; writes accepted / refused / unknown meanwhile; recovery; reads of those not hit"
    for window in result.windows:
        yield from _window(window)
    yield ""
    yield "Invariants"
    for finding in result.findings:
        word = "holds " if finding.holds else "BROKEN"
        yield f"  {word}  {finding.invariant} ({_named(finding.counts)})"
    yield ""
    if result.is_green:
        yield "Everything held."
    else:
        yield "WRONG:"
        yield from (f"  {complaint}" for complaint in result.complaints)


def _window(window: Window) -> Iterator[str]:
    lasted = window.inflicted - window.began
    writes = " / ".join(str(window.writes.get(n, 0)) for n in ("accepted", "refused", "unknown"))
    recovery = ", ".join(
        f"{name} {'never' if seconds is None else f'{seconds:.1f} s'}"
        for name, seconds in window.recovery.items()
    )
    reads = ", ".join(f"{name} {ok}/{all_}" for name, (ok, all_) in window.reads.items())
    yield f"  {window.began:6.1f} s  {window.fault} ({lasted:.1f} s)"
    yield f"            writes {writes}; back: {recovery or '-'}; answered: {reads or '-'}"


def _named(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in numbers.items())
