"""What a cell of a workbook says, as text: shared strings, dates by their number format, numbers without noise."""

import tempfile
from array import array
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import IO
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from contacts.imports.formats.rows import MAX_CELL, UnreadableFile
from contacts.imports.formats.xlsx_archive import (
    Attributes,
    XlsxArchive,
    local,
    parsing,
    xml_parser,
)

MAX_SHARED_STRINGS = 20_000_000
_KEPT_IN_MEMORY = 16 * 1024**2
_REMEMBERED = 20_000
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a workbook's times have no zone
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
_FIRST_REAL_DAY = 60
_LAST_DAYS = {_EPOCH: 2_958_465, _EPOCH_1904: 2_957_003}
_DAY_SECONDS = 86_400
_DIGITS_OF_A_DOUBLE = 15


class SharedStrings:
    """The workbook's table of strings; what does not fit into a few megabytes lies in a temporary file."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(_KEPT_IN_MEMORY)  # noqa: SIM115 - as long as the table
        self._ends = array("Q", [0])
        self._text = lru_cache(maxsize=_REMEMBERED)(self._read)

    def append(self, text: str) -> None:
        """One more string, cut one character after the bound of a cell so that it is seen to be too long."""
        data = text[: MAX_CELL + 1].encode("utf-8", "replace")
        self._file.write(data)
        self._ends.append(self._ends[-1] + len(data))
        if len(self._ends) > MAX_SHARED_STRINGS:
            raise UnreadableFile(
                "xlsx_too_large", f"the workbook has more than {MAX_SHARED_STRINGS} strings"
            )

    def __getitem__(self, index: int) -> str:
        return self._text(index) if 0 <= index < len(self._ends) - 1 else ""

    def _read(self, index: int) -> str:
        start, end = self._ends[index], self._ends[index + 1]
        self._file.seek(start)
        return self._file.read(end - start).decode()

    def close(self) -> None:
        self._text.cache_clear()
        self._file.close()


def read_shared_strings(archive: XlsxArchive) -> SharedStrings:
    """The table, read as a stream; phonetic guides to Japanese strings are left out."""
    reader = _StringsReader()
    part = archive.part("sharedStrings")
    if part is not None:
        parser = xml_parser()
        parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
        parser.CharacterDataHandler = reader.text
        with archive.open(part) as stream:
            _read_to_the_end(parser, stream, reader.strings)
    return reader.strings


def _read_to_the_end(
    parser: "expat.XMLParserType", stream: IO[bytes], strings: SharedStrings
) -> None:
    try:
        for _ in parsing(parser, stream):
            pass
    except BaseException:
        strings.close()
        raise


class _StringsReader:
    """Puts the runs of rich text together."""

    def __init__(self) -> None:
        self.strings = SharedStrings()
        self._pieces: list[str] = []
        self._in_text = False
        self._in_phonetic = False

    def start(self, name: str, _: Attributes) -> None:
        element = local(name)
        if element == "t":
            self._in_text = not self._in_phonetic
        elif element == "rPh":
            self._in_phonetic = True

    def end(self, name: str) -> None:
        element = local(name)
        if element == "si":
            self.strings.append("".join(self._pieces))
            self._pieces.clear()
        elif element == "t":
            self._in_text = False
        elif element == "rPh":
            self._in_phonetic = False

    def text(self, data: str) -> None:
        if self._in_text and len(self._pieces) <= MAX_CELL:
            self._pieces.append(data[: MAX_CELL + 1])


class Formats:
    """Which cell styles show a number as a date, and from which day the workbook counts."""

    def __init__(self, archive: XlsxArchive) -> None:
        self._epoch = _EPOCH
        self._is_date: list[bool] = []
        archive.parse(archive.workbook, self._workbook_property)
        part = archive.part("styles")
        if part is not None:
            self._read_styles(archive, part)

    def _workbook_property(self, name: str, attributes: Attributes) -> None:
        if name == "workbookPr" and attributes.get("date1904") in {"1", "true"}:
            self._epoch = _EPOCH_1904

    def _read_styles(self, archive: XlsxArchive, part: str) -> None:
        codes = dict(BUILTIN_FORMATS)
        within: list[str] = []

        def start(name: str, attributes: Attributes) -> None:
            if name == "numFmt":
                codes[whole_number(attributes.get("numFmtId")) or 0] = attributes.get(
                    "formatCode", ""
                )
            elif name == "xf" and within[-1:] == ["cellXfs"]:
                code = codes.get(whole_number(attributes.get("numFmtId")) or 0, "")
                self._is_date.append(bool(is_date_format(code)))
            within.append(name)

        def end(_: str) -> None:
            within.pop()

        archive.parse(part, start, end)

    def number(self, raw: str, style: str | None) -> str:
        """A stored number as text: a date or time in ISO form if its style shows one, else the plain number."""
        place = whole_number(style) or 0
        is_date = place < len(self._is_date) and self._is_date[place]
        if raw.isdigit() and not is_date:
            return raw if len(raw) == 1 or raw[0] != "0" else raw.lstrip("0") or "0"
        try:
            value = float(raw)
        except ValueError:
            return raw
        if is_date and 0 <= value < _LAST_DAYS[self._epoch]:
            return self._date(value)
        return _plain(value)

    def _date(self, value: float) -> str:
        days, seconds = int(value), round((value - int(value)) * _DAY_SECONDS)
        if days == 0 and self._epoch is _EPOCH:
            return (_EPOCH + timedelta(seconds=seconds % _DAY_SECONDS)).time().isoformat()
        # Workbooks count a 29 February 1900 that never was, so days before it are one off.
        early = self._epoch is _EPOCH and days < _FIRST_REAL_DAY
        moment = self._epoch + timedelta(days=days + early, seconds=seconds)
        return moment.date().isoformat() if seconds in {0, _DAY_SECONDS} else moment.isoformat()


def _plain(value: float) -> str:
    """A number without exponent and without the noise of binary fractions (0.1 + 0.2 is 0.3)."""
    if value.is_integer() and abs(value) < 10**_DIGITS_OF_A_DOUBLE:
        return str(int(value))
    short = f"{value:.{_DIGITS_OF_A_DOUBLE}g}"
    return short if "e" not in short else f"{Decimal(short):f}"


def whole_number(text: str | None) -> int | None:
    """A place or an id, as the XML of a workbook holds one; None for what is none."""
    fits = text and text.isascii() and text.isdigit() and len(text) < 10
    return int(text) if text and fits else None
