"""Which facts somebody wants: types by name, or all that begin alike; and where a feed goes on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from chassis.domain import DomainError

KEPT = timedelta(days=30)
"""How long facts can be read again, as long as the bus keeps them."""
MOST_PATTERNS = 100

_PATTERN = re.compile(r"\*|[A-Za-z][A-Za-z0-9_.-]{0,198}\*?")


def is_pattern(text: str) -> bool:
    """Whether this is a type, or the beginning of types with `*` behind it."""
    return _PATTERN.fullmatch(text) is not None


def matches(pattern: str, kind: str) -> bool:
    """Whether a pattern means a type of fact: itself, or with `*` at its end all that begin so."""
    if pattern.endswith("*"):
        return kind.startswith(pattern[:-1])
    return kind == pattern


def matches_any(patterns: Iterable[str], kind: str) -> bool:
    """Whether one of the patterns means the type."""
    return any(matches(pattern, kind) for pattern in patterns)


class PositionGone(DomainError):
    """A reader has stayed away for so long that facts it has not read are kept no longer."""

    code = "feed_position_gone"
