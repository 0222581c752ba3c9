"""The typed answer of a normaliser that could not make sense of what it was given."""

from typing import NamedTuple


class Problem(NamedTuple):
    """What is wrong with one value, and where it stands in the record.

    `code` is stable and meant for programs, `message` is meant for the person who typed the value,
    `pointer` is a JSON pointer into the record (empty while the value has no place yet).
    """

    code: str
    message: str
    pointer: str = ""

    def at(self, pointer: str) -> "Problem":
        """The same problem, with the place of the value that has it."""
        return Problem(self.code, self.message, pointer)


def shown(value: str, bound: int = 60) -> str:
    """The value as a message may quote it: one line, bounded."""
    line = value if value.isprintable() else "".join(c if c.isprintable() else " " for c in value)
    return line if len(line) <= bound else f"{line[: bound - 1]}…"
