"""Who may be told of which facts: each needs its own permission, over all records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from chassis.context import Reach
from chassis.domain import Forbidden, Invalid
from notifications.feed.catalogue import FactType, fact_types
from notifications.feed.domain import MOST_PATTERNS, is_pattern, matches


class Reaching(Protocol):
    """Whoever has permissions: a caller, or what an endpoint's owner was granted."""

    def reach(self, permission: str) -> Reach | None:
        """How far the permission goes; None is not at all."""
        ...


def may_read(reader: Reaching, kind: FactType) -> bool:
    """Whether all facts of the type may be told to this reader."""
    return reader.reach(kind.read_permission) is Reach.ALL


def readable(reader: Reaching) -> list[FactType]:
    """All types whose facts may be told to this reader."""
    return [kind for kind in fact_types().values() if may_read(reader, kind)]


def chosen(reader: Reaching, patterns: Iterable[str] | None, where: str) -> frozenset[str]:
    """The types that a reader asks for and may read; without patterns all that it may.

    A pattern with `*` means those of its types that may be read. Raises `Invalid` for one that
    means nothing, with `where` it stands, and `Forbidden` for a type that may not be read and
    when nothing is left.
    """
    allowed = readable(reader)
    if patterns is not None:
        meant = {kind.name for pattern in patterns for kind in _meant(reader, pattern, where)}
        allowed = [kind for kind in allowed if kind.name in meant]
    if not allowed:
        raise Forbidden(
            "None of these facts may be read: each needs its permission, over all records.",
            code="permission_missing",
        )
    return frozenset(kind.name for kind in allowed)


def require_all(reader: Reaching, patterns: Iterable[str], where: str) -> None:
    """Raise `Forbidden` unless everything that the patterns mean may be read, `Invalid` as above."""
    for place, pattern in enumerate(patterns):
        for kind in known_by(pattern, f"{where}/{place}"):
            if not may_read(reader, kind):
                raise lacking(kind)


def lacking(kind: FactType) -> Forbidden:
    """The refusal of a type that may not be read."""
    return Forbidden(
        f"{kind.name} needs the permission {kind.read_permission} over all records.",
        code="permission_missing",
    )


def known_by(pattern: str, where: str) -> list[FactType]:
    """The types that a pattern means. Raises `Invalid` when there is none."""
    found = [kind for kind in fact_types().values() if matches(pattern, kind.name)]
    if not found:
        raise Invalid.at(where, "fact_type_unknown", f"There is no type of fact {pattern}.")
    return found


def parsed(text: str, where: str) -> list[str]:
    """The patterns of a comma-separated list. Raises `Invalid`."""
    patterns = text.split(",")
    if len(patterns) > MOST_PATTERNS:
        raise Invalid.at(where, "too_many", f"At most {MOST_PATTERNS} types may be named.")
    for pattern in patterns:
        require_well_formed(pattern, where)
    return patterns


def require_well_formed(pattern: str, where: str) -> None:
    """Raise `Invalid` for what can be no type of fact."""
    if not is_pattern(pattern):
        raise Invalid.at(where, "fact_type_malformed", f"{pattern!r} is no type of fact.")


def _meant(reader: Reaching, pattern: str, where: str) -> list[FactType]:
    found = known_by(pattern, where)
    if not pattern.endswith("*") and not may_read(reader, found[0]):
        raise lacking(found[0])
    return found
