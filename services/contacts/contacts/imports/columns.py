"""Says which column of the file something is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.domain import Violation
from contacts.imports.domain import ColumnTarget
from contacts.imports.fields import ADDRESS, CUSTOM, EXTERNAL_ID
from contacts.imports.reasons import Reason
from contacts.quality.problem import Problem

_FIELDS = {
    "handles": ("line_ids", "social_handles"),
    "important_dates": ("birthday",),
    "postal_addresses": ADDRESS,
}


class Columns:
    """The columns of a file, by the fields that they are mapped to."""

    def __init__(self, header: Sequence[str], targets: Sequence[ColumnTarget]) -> None:
        self._header = header
        places = {name: place for place, name in enumerate(header)}
        self._targets = sorted((places[t.column], t) for t in targets if t.column in places)

    def reason_of(self, problem: Problem) -> Reason:
        """What is wrong with the shape of a row; the problem may point to a column by number."""
        place = problem.pointer.removeprefix("/")
        known = place.isdigit() and int(place) < len(self._header)
        return Reason(self._header[int(place)] if known else "", problem.code, problem.message)

    def reason(self, wrong: Violation, content: Any) -> Reason:
        """What is wrong with a value of a row."""
        return Reason(self._column(wrong.pointer, content), wrong.code, wrong.message)

    def _column(self, pointer: str, content: Any) -> str:
        if not self._targets or not pointer:
            return pointer.removeprefix("/")
        _, name, *rest = pointer.split("/")
        fields = _FIELDS.get(name, (name,))
        if name == "custom_fields":
            fields = (f"{CUSTOM}{rest[0]}",) if rest else ()
        matching = [
            (place, target)
            for place, target in self._targets
            if target.field in fields
            or (name == "external_ids" and target.field.startswith(EXTERNAL_ID))
        ]
        exact = [pair for pair in matching if rest and pair[1].field == rest[-1]]
        filled = [pair for pair in exact or matching if _is_filled(content, pair[0])]
        if not filled:
            return matching[0][1].column if matching else ""
        index = int(rest[0]) if rest and rest[0].isdigit() else 0
        return filled[min(index, len(filled) - 1)][1].column


def _is_filled(content: Any, place: int) -> bool:
    return place < len(content) and bool(content[place].strip())
