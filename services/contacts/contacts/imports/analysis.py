"""Looks at an uploaded file: how to read it, what its columns are called and what they may be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from contacts.imports.domain import FileFormat, ReadingOptions
from contacts.imports.fields import CUSTOM, IGNORE, LEFT_OUT
from contacts.imports.mapping import MAX_SAMPLES, Suggestion, suggest_mapping
from contacts.imports.opening import Opened, open_file, shown_cells
from contacts.imports.pieces import UploadedFile
from contacts.quality.problem import shown

_EXAMPLES, _EXAMPLE_LENGTH = 3, 60
_NETWORKS = ("instagram", "facebook", "twitter", "linkedin", "wechat", "whatsapp", "telegram")


class Analysis(NamedTuple):
    """What was found: `found` is kept, `examples` are some values of each column."""

    found: dict[str, Any]
    examples: tuple[tuple[str, ...], ...]


def analyse(file: UploadedFile, options: ReadingOptions, defined: Collection[str]) -> Analysis:
    """Look at the first rows of a file; `defined` are the keys of the tenant's custom fields.

    Raises `UnreadableFile`.
    """
    opened = open_file(file, options)
    try:
        samples = [row.content for row in islice(opened.rows, MAX_SAMPLES)]
    finally:
        opened.close()
    header = opened.header
    cells = [shown_cells(content) for content in samples]
    table = opened.format in (FileFormat.CSV, FileFormat.XLSX)
    suggestions = _suggestions(opened, cells, options, defined) if table else []
    found = {
        "read_as": {**opened.read_as, "format": opened.format},
        "header": list(header),
        "problems": [problem._asdict() for problem in opened.problems],
        "suggestions": suggestions,
    }
    return Analysis(found, _examples(len(header), cells if header else []))


def _suggestions(
    opened: Opened,
    samples: Sequence[Sequence[str]],
    options: ReadingOptions,
    defined: Collection[str],
) -> list[dict[str, Any]]:
    suggested = suggest_mapping(opened.header, samples, options.default_country)
    return [_possible(suggestion, defined) for suggestion in suggested]


def _possible(suggestion: Suggestion, defined: Collection[str]) -> dict[str, Any]:
    """A suggestion that can be followed as it is."""
    field, reason, label = suggestion.field, suggestion.reason, suggestion.label
    if suggestion.header == ERRORS_COLUMN:
        field, reason = IGNORE, "an errors file has added it"
    elif field.startswith(CUSTOM) and field.removeprefix(CUSTOM) not in defined:
        field, reason = IGNORE, f"{reason}; there is no custom field {field.removeprefix(CUSTOM)}"
    elif field in LEFT_OUT:
        field, reason = IGNORE, f"{reason}; a {field} is not taken from tables"
    elif field == "social_handles" and not label:
        name = suggestion.header.lower()
        label = next((network for network in _NETWORKS if network in name), "")
    return {
        "column": suggestion.header,
        "field": field,
        "label": label,
        "confidence": suggestion.confidence,
        "reason": reason,
    }


def _examples(columns: int, rows: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """The first values of each column that differ, cut short."""
    found: list[dict[str, None]] = [{} for _ in range(columns)]
    for row in rows:
        for values, cell in zip(found, row, strict=False):
            if cell and len(values) < _EXAMPLES:
                values[shown(cell, _EXAMPLE_LENGTH)] = None
    return tuple(tuple(values) for values in found)


ERRORS_COLUMN = "import_errors"
"""What an errors file calls the column that says why a row is in it."""
