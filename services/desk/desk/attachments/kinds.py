"""What is in a file, by its first bytes: what it is called or said to be is not believed.

Only what is on the list is kept. What a machine would run is refused whatever it looks like, by its
bytes and by the ending of its name; pages and drawings that can run scripts (HTML, SVG) are, too,
and so are documents with macros.
"""

from __future__ import annotations

import io
import re
import zipfile

from chassis.domain import Invalid

_RUNS = frozenset(
    "action apk app appx appxbundle bat cmd com command cpl deb dll dmg docm dotm exe hta htm html"
    " inf ins iso jar js jse lnk mht mhtml mjs msc msi msix msp mst pif pkg potm ppam ppsm pptm"
    " ps1 psm1 py rb reg rpm scf scr sct sh shtml svg svgz sys url vb vbe vbs wsc wsf wsh xhtml"
    " xlam xlsm xltm xml xsl".split()
)
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"{\\rtf1", "application/rtf"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
    b"avif": "image/avif",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
}
_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
_TEXTS = {
    "csv": "text/csv",
    "eml": "message/rfc822",
    "ics": "text/calendar",
    "json": "application/json",
    "log": "text/plain",
    "md": "text/markdown",
    "vcf": "text/vcard",
}
_MARKUP = ("<!doctype", "<html", "<svg", "<?xml", "<script", "<head", "<body", "<?php")
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_ENTRIES = 10_000
_ENTRY = b"PK\x01\x02"


def kind_of(content: bytes, name: str) -> str:
    """The media type of what is in a file. Raises `Invalid` for what is not kept."""
    if not content:
        raise Invalid.at("", "file_empty", "There is nothing in the file.")
    ending = name.lower().rpartition(".")[2] if "." in name else ""
    found = None if ending in _RUNS else _sniffed(content, ending)
    if found is None:
        message = (
            "Files of this kind are not kept: pictures, sound, films, documents and texts are."
        )
        raise Invalid.at("", "file_kind", message)
    return found


def _sniffed(content: bytes, ending: str) -> str | None:
    for start, kind in _STARTS:
        if content.startswith(start):
            return kind
    if content.startswith(b"RIFF"):
        return _RIFF.get(content[8:12])
    if content[4:8] == b"ftyp":
        return _BRANDS.get(content[8:12], "video/mp4")
    if content.startswith(b"PK\x03\x04"):
        return _packed(content)
    return _text(content, ending)


def _packed(content: bytes) -> str | None:
    """What kind of archive it is; None for one that runs things, or is none."""
    if (
        content.count(_ENTRY) > 2 * _MOST_ENTRIES
    ):  # before each takes memory; some may be packed within
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if len(names) > _MOST_ENTRIES or any(_is_run(name) for name in names):
                return None
            if names[:1] == ["mimetype"] and _is_plain(archive.getinfo("mimetype")):
                kind = archive.read("mimetype")
                if kind.startswith(_OPEN_DOCUMENT) and kind.isascii():
                    return kind.decode().strip()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError, ValueError, OSError, EOFError):
        return None
    except NotImplementedError:  # a way of packing that is not known here
        return None
    if "[Content_Types].xml" in names:
        found = [
            kind for folder, kind in _OFFICE.items() if any(n.startswith(folder) for n in names)
        ]
        return found[0] if found else None
    return "application/zip"


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    """Whether it stands there as it is, as OpenDocument wants: what is packed may unpack to anything."""
    return entry.compress_type == zipfile.ZIP_STORED and entry.compress_size < 100


def _is_run(name: str) -> bool:
    """Whether it is something that runs; XML and the like make up documents, and stay."""
    name = name.lower()
    ending = name.rpartition(".")[2]
    return "vbaproject.bin" in name or (ending in _RUNS and ending not in ("xml", "svg", "xsl"))


def _text(content: bytes, ending: str) -> str | None:
    if content.startswith(b"#!") or _NO_TEXT.search(content[:65536]):
        return None
    try:
        beginning = content.decode("utf-8-sig").lstrip()[:512].lower()
    except UnicodeDecodeError:
        return None
    if beginning.startswith(_MARKUP):
        return None
    return _TEXTS.get(ending, "text/plain")
