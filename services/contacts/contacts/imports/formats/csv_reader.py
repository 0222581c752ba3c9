"""Reads CSV of any size row by row: encoding and delimiter found out, shape checked, one bad row never the end.

What our own export did to cells that a spreadsheet would run as formulas is undone (see `formulas`).
"""

import csv
import io
import re
from collections import Counter
from itertools import islice

from contacts.imports.formats.csv_rows import CsvRows
from contacts.imports.formats.encodings import ENCODINGS, SAMPLE, Detected, detect_encoding
from contacts.imports.formats.lines import ByteStream, Lines, line_end_of
from contacts.imports.formats.rows import MAX_COLUMNS, Table, UnreadableFile

DELIMITERS = (",", ";", "\t", "|")
_SNIFFED_ROWS = 50
_HINT = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)


def read_csv(stream: ByteStream, encoding: str = "", delimiter: str = "") -> Table:
    """Opens a CSV file; what is not given is found out.

    Raises `UnreadableFile` for what is no CSV, and so do the rows where the file stops being readable (a byte that is
    none in the encoding, quotes that are wrong all over).
    """
    sample = stream.read(SAMPLE)
    rest = Joined(sample, stream)
    if not sample:
        raise UnreadableFile("file_empty", "the file is empty", byte_offset=0)
    detected = _given(encoding, sample) if encoding else detect_encoding(sample)
    text = sample[detected.mark :].decode(detected.encoding, errors="ignore")
    end = line_end_of(text)
    hint = _HINT.fullmatch(text.partition(end)[0] + end)
    separator = delimiter or (hint.group(1) if hint else _sniff(text, end))
    lines = Lines(rest, detected.encoding, detected.mark, end=end)
    rows = CsvRows(lines, separator, skip_first=hint is not None)
    header, problems = rows.header()
    read_as = {"format": "csv", "encoding": detected.encoding, "delimiter": separator}
    return Table(header, problems, read_as, iter(rows))


def _given(encoding: str, sample: bytes) -> Detected:
    if encoding not in ENCODINGS:
        known = ", ".join(ENCODINGS)
        raise UnreadableFile("encoding_unknown", f"“{encoding}” is none of the encodings {known}")
    try:
        found = detect_encoding(sample)
    except UnreadableFile as error:
        if error.code != "encoding_unknown":
            raise
        return Detected(encoding, 0)  # the rows will say where it is not so
    return Detected(encoding, found.mark if found.encoding == encoding else 0)


class Joined:
    """The sample and, behind it, the rest of the stream."""

    def __init__(self, sample: bytes, stream: ByteStream) -> None:
        self._sample = io.BytesIO(sample)
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        return self._sample.read(size) or self._stream.read(size)


def _sniff(text: str, end: str) -> str:
    """The delimiter with which the first rows have the same number of cells, the more cells the better."""
    lines = text.split(end)
    whole = lines[:-1] if len(lines) > 1 else lines
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        score = _consistency([f"{line}\n" for line in whole[: _SNIFFED_ROWS * 4]], delimiter)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _consistency(lines: list[str], delimiter: str) -> float:
    try:
        rows = list(
            islice((row for row in csv.reader(lines, delimiter=delimiter) if row), _SNIFFED_ROWS)
        )
    except csv.Error:
        return 0.0
    if not rows or len(rows[0]) < 2:
        return 0.0
    width, count = Counter(map(len, rows)).most_common(1)[0]
    agreeing = count / len(rows) if width == len(rows[0]) else 0.5 * count / len(rows)
    return agreeing * (1 + min(width, MAX_COLUMNS) / MAX_COLUMNS)
