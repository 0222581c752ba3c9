"""Writes CSV (RFC 4180) in chunks of bytes, with formulas defused and, if wanted, the mark that spreadsheets look for."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from contacts.imports.formats.formulas import defused

_CHUNK = 64 * 1024


def write_csv(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, byte_order_mark: bool = True
) -> Iterator[bytes]:
    """UTF-8 with CRLF; the mark makes spreadsheets read it as UTF-8. Zero bytes, which CSV cannot hold, are left out."""
    if byte_order_mark:
        yield codecs.BOM_UTF8
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([defused(name) for name in header])
    for row in rows:
        writer.writerow([defused(cell) for cell in row])
        if buffer.tell() >= _CHUNK:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.replace("\x00", "").encode("utf-8", "replace")
