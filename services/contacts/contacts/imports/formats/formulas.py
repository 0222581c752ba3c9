"""Keeps spreadsheets from running exported text as formulas, in a way that an import can undo exactly.

A cell that begins with one of `= + - @`, a tab or a line break (or a full-width form of the signs) may be run when the
file is opened. Such a cell gets an apostrophe in front, as OWASP advises; so does one that begins with apostrophes
before such a sign, so that taking one off again always gives back what was there. Left alone are plain numbers with
a sign and telephone numbers in E.164 (`-12.5`, `+886912345678`): they are values to a spreadsheet too and do nothing.
"""

import re

_SIGNS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_DANGEROUS = re.compile(f"'*[{_SIGNS}]")
_ESCAPED = re.compile(f"'+[{_SIGNS}]")
_PLAIN_NUMBER = re.compile(r"[+-][0-9]+(?:\.[0-9]+)?")
_FIRST = frozenset("'=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def defused(cell: str) -> str:
    """The cell as it is safe to write."""
    if cell[:1] not in _FIRST or _DANGEROUS.match(cell) is None or _PLAIN_NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"


def as_written(cell: str) -> str:
    """The cell as it was before `defused`."""
    return cell[1:] if cell[:1] == "'" and _ESCAPED.match(cell) is not None else cell
