"""How answers look: tables for people, JSON for programs, progress on the error stream."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)
_WIDTH_OF_A_FILE = 1_000


def print_json(answer: Any) -> None:
    """An answer for programs."""
    OUT.print_json(json.dumps(answer, ensure_ascii=False))


def table(title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table with a title; numbers stand on the right."""
    known = [list(row) for row in rows]
    made = Table(box=None, pad_edge=False, title=title, title_justify="left", title_style="bold")
    for column, heading in enumerate(headings):
        numbers = bool(known) and all(isinstance(row[column], int | float) for row in known)
        made.add_column(heading, justify="right" if numbers else "left", overflow="fold")
    for row in known:
        made.add_row(*(escape(_shown(value)) for value in row))
    # A file or a pipe has no width that anything would have to be folded for.
    wide = Console(file=OUT.file, width=_WIDTH_OF_A_FILE, highlight=False)
    (OUT if OUT.is_terminal else wide).print(made)
    OUT.print()


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.1f}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return "" if value is None else str(value)


class Bars:
    """Progress bars by name."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, Any] = {}

    def reach(self, name: str, done: int, total: int | None = None) -> None:
        """Show that so much is done."""
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(escape(name), total=total)
        self._progress.update(self._tasks[name], completed=done, total=total)


@contextmanager
def bars(*, hidden: bool) -> Iterator[Bars]:
    """Progress on the error stream while a block runs; nothing when hidden or without a terminal."""
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=ERR,
        disable=hidden or not ERR.is_terminal,
        transient=True,
    )
    with progress:
        yield Bars(progress)
