"""Why a row is not as it was hoped for."""

from __future__ import annotations

from typing import NamedTuple


class Reason(NamedTuple):
    """`column` is where it lies, if it is one column's doing; `code` is for programs."""

    column: str
    code: str
    message: str
