"""Opens the archive that an XLSX file is, within bounds, and finds the parts that a reader needs.

Why not openpyxl's read-only mode: it keeps every shared string and an emptied element for every row in memory, and
pads rows to the dimensions that the file claims, so that neither memory nor time is bounded by us.
"""

import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import IO, Any, BinaryIO
from xml.parsers import expat

from contacts.imports.formats.rows import UnreadableFile

MAX_PARTS = 10_000
MAX_SHEETS = 200
MAX_UNPACKED = 8 * 1024**3
MAX_RATIO = 250
_RATIO_COUNTS_FROM = 64 * 1024**2
_SMALL_PART = 16 * 1024**2
_CHUNK = 64 * 1024
_ENCRYPTED = b"\xd0\xcf\x11\xe0"
_RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships id"
_STRICT_RELATIONSHIP = "http://purl.oclc.org/ooxml/officeDocument/relationships id"

_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)

Attributes = dict[str, str]


class XlsxArchive:
    """The parts of a workbook by their names."""

    def __init__(self, stream: BinaryIO) -> None:
        self._zip = _opened(stream)
        self._names = {info.filename.lower().lstrip("/"): info for info in self._zip.infolist()}
        self.workbook = self._target_of("", "officeDocument") or "xl/workbook.xml"

    def sheets(self) -> dict[str, str]:
        """The names of the sheets, in order, with the parts that hold them."""
        found: list[tuple[str, str]] = []

        def start(name: str, attributes: Attributes) -> None:
            if name == "sheet":
                relationship = attributes.get(_RELATIONSHIP) or attributes.get(_STRICT_RELATIONSHIP)
                found.append((attributes.get("name", ""), relationship or ""))

        self.parse(self.workbook, start)
        if len(found) > MAX_SHEETS:
            message = f"a workbook has at most {MAX_SHEETS} sheets, this one has {len(found)}"
            raise UnreadableFile("too_many_sheets", message)
        targets = self._relationships(self.workbook)
        parts = {name: targets[key][1] for name, key in found if key in targets}
        return {name: part for name, part in parts.items() if self.has(part)}

    def part(self, kind: str) -> str | None:
        """The part of the workbook of a kind (`sharedStrings`, `styles`), if there is one."""
        part = self._target_of(self.workbook, kind)
        return part if part is not None and self.has(part) else None

    def has(self, part: str) -> bool:
        """Whether the archive holds a part; names are compared without case, as the standard wants."""
        return part.lower() in self._names

    @contextmanager
    def open(self, part: str) -> Iterator[IO[bytes]]:
        """A part to read; what is broken inside it is an `UnreadableFile`."""
        info = self._names.get(part.lower())
        if info is None:
            raise UnreadableFile("xlsx_broken", f"the workbook lacks its part {part}")
        try:
            with self._zip.open(info) as stream:
                yield stream
        except _DAMAGED as error:
            raise UnreadableFile(
                "xlsx_broken", f"part {part} of the workbook is damaged"
            ) from error
        except expat.ExpatError as error:
            raise UnreadableFile(
                "xlsx_broken", f"part {part} is not well-formed: {error}"
            ) from error

    def parse(
        self,
        part: str,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Reads a small part at once, calling back for its elements by their local names."""
        if self._names[part.lower()].file_size > _SMALL_PART:
            raise UnreadableFile("xlsx_broken", f"part {part} of the workbook is too large")
        with self.open(part) as stream:
            parser = xml_parser()
            parser.StartElementHandler = lambda name, attributes: start(local(name), attributes)
            if end is not None:
                finish = end
                parser.EndElementHandler = lambda name: finish(local(name))
            if text is not None:
                parser.CharacterDataHandler = text
            for _ in parsing(parser, stream):
                pass

    def _relationships(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part refers to by key: the kind and the part."""
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        found: dict[str, tuple[str, str]] = {}
        if not self.has(rels):
            return found

        def start(element: str, attributes: Attributes) -> None:
            if element == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                path = (
                    target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                )
                kind = attributes.get("Type", "").rpartition("/")[2]
                found[attributes.get("Id", "")] = (kind, posixpath.normpath(path))

        self.parse(rels, start)
        return found

    def _target_of(self, part: str, kind: str) -> str | None:
        return next((path for k, path in self._relationships(part).values() if k == kind), None)


def _opened(stream: BinaryIO) -> zipfile.ZipFile:
    magic = stream.read(4)
    stream.seek(0)
    if not magic:
        raise UnreadableFile("file_empty", "the file is empty", byte_offset=0)
    if magic == _ENCRYPTED:
        message = (
            "this is an encrypted workbook or an old .xls file; save it as .xlsx without a password"
        )
        raise UnreadableFile("xlsx_encrypted", message)
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableFile("not_xlsx", "this is not an XLSX file, or it is cut off") from error
    parts = archive.infolist()
    if len(parts) > MAX_PARTS:
        raise UnreadableFile("xlsx_too_large", f"the workbook has more than {MAX_PARTS} parts")
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if unpacked > MAX_UNPACKED:
        message = f"the workbook unpacks to more than {MAX_UNPACKED // 1024**3} GiB"
        raise UnreadableFile("xlsx_too_large", message)
    if unpacked > _RATIO_COUNTS_FROM and unpacked > MAX_RATIO * max(packed, 1):
        message = f"the workbook unpacks to more than {MAX_RATIO} times its size; that is no ordinary file"
        raise UnreadableFile("xlsx_too_large", message)
    return archive


def xml_parser() -> "expat.XMLParserType":
    """A parser that names elements `namespace local` and refuses what workbooks never have: document types."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.buffer_size = _CHUNK
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def parsing(parser: "expat.XMLParserType", stream: IO[bytes]) -> Iterator[None]:
    """Feeds a part to a parser; stops after every piece, so that what was found can be passed on."""
    while chunk := stream.read(_CHUNK):
        parser.Parse(chunk)
        yield
    parser.Parse(b"", True)  # noqa: FBT003 - taken by place only
    yield


def _refuse(*_: Any) -> None:
    raise UnreadableFile("xlsx_broken", "the workbook declares a document type, which none should")


@lru_cache(maxsize=1024)
def local(name: str) -> str:
    """The name of an element without its namespace."""
    return name.rpartition(" ")[2]
