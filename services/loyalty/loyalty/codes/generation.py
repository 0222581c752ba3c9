"""Draws codes from the operating system's chance, the only one that nobody can foresee."""

from __future__ import annotations

import secrets

from loyalty.codes.domain import LONG, CodeShape


def new_code(shape: CodeShape = LONG) -> str:
    """A new code in its normal form; see `CodeShape.written` for how people see it."""
    return shape.new(secrets.randbelow)
