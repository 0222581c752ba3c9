"""What the demonstration shows: tables and bars on a terminal, plain lines in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from deploy.demo.importing import Column, Delivery, Outcome


class Show:
    """Prints what happens, step by step."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._step = 0

    def step(self, title: str) -> None:
        """Begin the next step."""
        self._step += 1
        self._console.print()
        self._console.rule(f"[bold]{self._step}. {escape(title)}", align="left", style="dim")

    def say(self, text: str) -> None:
        """A line."""
        self._console.print(escape(text))

    def table(self, headings: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
        """A table; a heading with # is of numbers. The last column is cut where it is too wide."""
        cells = [[str(cell) for cell in row] for row in rows]
        table = Table(box=None, pad_edge=False, header_style="dim", show_header=any(headings))
        for heading in headings:
            name = heading.removeprefix("#")
            table.add_column(name, justify="right" if name != heading else "left", no_wrap=True)
        widths = [max(map(cell_len, column)) for column in zip(headings, *cells, strict=True)]
        room = max(1, self._console.width - sum(width + 2 for width in widths[:-1]))
        for row in cells:
            last = Text(row[-1])
            last.truncate(room, overflow="ellipsis")
            table.add_row(*map(Text, row[:-1]), last)
        self._console.print(table)

    @contextmanager
    def bar(self, title: str, total: int) -> Iterator[Callable[[int], None]]:
        """A progress bar; what it gives is told how much is done."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console) as progress:
            task = progress.add_task(escape(title), total=total)
            yield lambda done: progress.update(task, completed=done)
            progress.update(task, completed=total)

    def columns(self, columns: Iterable[Column]) -> None:
        """What the columns of a file were taken for."""
        self.table(
            ("column", "suggested", "#sure", "mapped to"),
            (
                (each.name, each.suggested, f"{each.confidence:.0%}", _mapped(each))
                for each in columns
            ),
        )

    def outcome(self, delivery: Delivery, outcome: Outcome) -> None:
        """What an import came to."""
        run = outcome.run
        counts = ", ".join(
            f"{run[name]:,} {said}"
            for name, said in (
                ("created", "created"),
                ("updated", "updated"),
                ("skipped", "skipped"),
                ("failed", "refused"),
                ("suspected", "perhaps known already"),
            )
            if run[name]
        )
        self.say(
            f"{delivery.name}: {outcome.rows:,} rows in {outcome.seconds:.1f} s, "
            f"{outcome.rows_per_second:,.0f} rows a second: {counts}"
        )

    def refused(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows that were refused, and why."""
        self.table(
            ("#row", "column", "code", "what is wrong"),
            (
                (row["row"], reason["column"], reason["code"], reason["message"])
                for row in rows
                for reason in row["reasons"]
            ),
        )

    def found(self, typed: str, seconds: float, items: list[Mapping[str, Any]]) -> None:
        """What a search has found."""
        many = "1 hit" if len(items) == 1 else f"{len(items)} hits"
        self.say(f"“{typed}”: {many}, {seconds * 1000:.0f} ms with the way there and back")
        self.table(
            ("", "", ""),
            (
                (
                    "  " + str(item["title"]),
                    item["subtitle"],
                    "corrected" if item["corrected"] else f"by {item['matched_on']}",
                )
                for item in items[:4]
            ),
        )


def seen_from_here(path: Path) -> Path:
    """A path as one would type it here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _mapped(column: Column) -> str:
    if column.field == "ignore":
        return "left out"
    return column.field if column.field != column.suggested else "as suggested"
