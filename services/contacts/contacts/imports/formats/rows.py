"""What the readers of tables give: a header, rows with their numbers, and what is wrong with each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from contacts.quality.problem import Problem, shown

MAX_COLUMNS = 500
MAX_CELL = 32_767


class UnreadableFile(Exception):
    """The file cannot be read at all, or not any further; says where, as far as that is known.

    `row` counts as a spreadsheet does (the header is row 1), `column` from 1, `byte_offset` from 0.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        row: int | None = None,
        column: int | None = None,
        byte_offset: int | None = None,
    ) -> None:
        places = (("row", row), ("column", column), ("byte", byte_offset))
        place = ", ".join(f"{name} {value}" for name, value in places if value is not None)
        super().__init__(f"{message} ({place})" if place else message)
        self.code = code
        self.message = message
        self.row = row
        self.column = column
        self.byte_offset = byte_offset


class Row(NamedTuple):
    """One row as it stands in the file: `cells` are all it has, also where they are more or fewer than the header's.

    A row with problems is not to be imported; its cells are there to be shown and corrected.
    """

    number: int
    cells: Sequence[str]
    problems: tuple[Problem, ...] = ()


def _nothing() -> None:
    """There is nothing to close."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file that could be opened: its columns by name, what is odd about them, how it was read, and the rows.

    `rows` reads the file as it goes and raises `UnreadableFile` where it cannot go on. Who does not read to the end
    calls `close`.
    """

    header: tuple[str, ...]
    problems: tuple[Problem, ...]
    read_as: dict[str, str]
    rows: Iterator[Row]
    close: Callable[[], None] = _nothing


def name_columns(cells: Sequence[str]) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """Names that are all there and all different: blank ones are numbered, repeated ones counted.

    Blank cells at the end are no columns. Raises `UnreadableFile` for a header without any name or with too many.
    """
    names = [" ".join(cell.split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise UnreadableFile("header_missing", "the first row has no column names", row=1)
    if len(names) > MAX_COLUMNS:
        message = f"a file has at most {MAX_COLUMNS} columns, this one has {len(names)}"
        raise UnreadableFile("too_many_columns", message, row=1)
    taken: set[str] = set()
    problems: list[Problem] = []
    for place, name in enumerate(names):
        names[place], problem = _distinct(name, place, taken)
        taken.add(names[place])
        problems += [problem] if problem else []
    return tuple(names), tuple(problems)


def _distinct(name: str, place: int, taken: set[str]) -> tuple[str, Problem | None]:
    if len(name) > MAX_CELL:
        message = f"column {place + 1} has a name of more than {MAX_CELL} characters"
        raise UnreadableFile("cell_too_long", message, row=1, column=place + 1)
    wanted, count = name or f"column {place + 1}", 2
    chosen = wanted
    while chosen in taken:
        chosen, count = f"{wanted} ({count})", count + 1
    pointer = f"/header/{place}"
    if not name:
        return chosen, Problem(
            "header_blank", f"column {place + 1} has no name; it is called “{chosen}”", pointer
        )
    if chosen != wanted:
        message = f"“{shown(name)}” is there more than once; column {place + 1} is called “{shown(chosen)}”"
        return chosen, Problem("header_repeated", message, pointer)
    return chosen, None


def row_problems(cells: Sequence[str], columns: int) -> tuple[Problem, ...]:
    """What is wrong with the shape of a row; more blank cells than columns do not matter."""
    problems: list[Problem] = []
    if len(cells) < columns:
        message = f"the row has {len(cells)} cells, the header has {columns}"
        problems.append(Problem("row_short", message))
    elif len(cells) > columns and any(cells[columns:]):
        message = f"the row has {len(cells)} cells, the header has {columns}; is a cell with a separator not quoted?"
        problems.append(Problem("row_long", message))
    if max(map(len, cells), default=0) > MAX_CELL:
        column = next(i for i, cell in enumerate(cells) if len(cell) > MAX_CELL)
        message = f"column {column + 1} has more than {MAX_CELL} characters"
        problems.append(Problem("cell_too_long", message, f"/{column}"))
    return tuple(problems)
