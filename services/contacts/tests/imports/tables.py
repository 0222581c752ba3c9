"""Tables for the tests to import."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contacts.imports.formats.csv_writer import write_csv

NAMES = ("full_name", "emails", "phones", "external_id:erp", "tags")


def csv_of(
    rows: Iterable[Sequence[str]], header: Sequence[str] = NAMES, encoding: str = "utf-8"
) -> bytes:
    """A file as a spreadsheet would save it."""
    text = b"".join(write_csv(header, rows, byte_order_mark=False)).decode()
    return text.encode(encoding)


def numbered(count: int, first: int = 0) -> list[tuple[str, ...]]:
    """So many people, all different."""
    return [
        (f"王小明{n}", f"ming{n}@example.com.tw", f"+8869{n:08d}", f"e{n}", "")
        for n in range(first, first + count)
    ]
