"""What files are, by what is in them, and what is left of their names."""

from __future__ import annotations

import io
import zipfile

import pytest

from chassis.domain import Invalid
from desk.attachments.domain import clean_name, require_name
from desk.attachments.kinds import kind_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def packed(*names: str, first: bytes = b"x") -> bytes:
    """An archive with files of these names."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, first)
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (PNG, "photo.png", "image/png"),
        (PNG, "photo.txt", "image/png"),
        (b"\xff\xd8\xff\xe0rest", "照片.jpg", "image/jpeg"),
        (b"%PDF-1.7 and so on", "invoice.pdf", "application/pdf"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a.webp", "image/webp"),
        (b"\x00\x00\x00\x18ftypheic", "a.heic", "image/heic"),
        (b"\x00\x00\x00\x18ftypisom", "a.mp4", "video/mp4"),
        ("序號,日期\n1,2031-01-02\n".encode(), "list.csv", "text/csv"),
        (b"It leaks below.", "note", "text/plain"),
        (b'{"a": 1}', "a.json", "application/json"),
        (packed("a.png", "b.txt"), "both.zip", "application/zip"),
        (
            packed("[Content_Types].xml", "word/document.xml"),
            "letter.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (
            packed("mimetype", first=b"application/vnd.oasis.opendocument.text"),
            "letter.odt",
            "application/vnd.oasis.opendocument.text",
        ),
    ],
)
def test_a_file_is_what_its_bytes_say(content: bytes, name: str, kind: str) -> None:
    assert kind_of(content, name) == kind


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.txt"),
        (b"MZ\x90\x00", "setup.exe"),
        (PNG, "picture.png.exe"),
        (PNG, "picture.SVG"),
        (b"\x7fELF\x02", "tool"),
        (b"#!/bin/sh\nrm -rf /\n", "notes.txt"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "page.txt"),
        (b"\xef\xbb\xbf  <svg onload=alert(1)>", "drawing.txt"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old.doc"),
        (b"PK\x03\x04 that is no archive", "broken.zip"),
        (packed("[Content_Types].xml", "word/vbaProject.bin"), "letter.docx"),
        (packed("run.bat"), "tools.zip"),
        (b"\xff\xfe\x00\x01\x02binary", "blob.bin"),
    ],
)
def test_what_a_machine_would_run_or_nobody_knows_is_refused(content: bytes, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        kind_of(content, name)
    assert next(one.code for one in refused.value.violations) in ("file_kind", "file_empty")


def test_an_archive_is_not_unpacked_to_see_what_it_is() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", b"application/vnd.oasis.opendocument.text")
    # As it stands there, it is a document; packed it could have been gigabytes, whatever it says.
    assert kind_of(held.getvalue(), "a.odt") == "application/zip"
    plain = packed("mimetype", first=b"application/vnd.oasis.opendocument.text")
    assert kind_of(plain, "a.odt") == "application/vnd.oasis.opendocument.text"


def test_an_archive_of_very_many_files_is_refused_before_they_are_counted_one_by_one() -> None:
    with pytest.raises(Invalid):
        kind_of(b"PK\x03\x04" + b"PK\x01\x02" * 20_001, "a.zip")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\photo.jpg", "photo.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\r\nb\x00.txt", "ab.txt"),
        (" .hidden. ", "hidden"),
        ("..", "attachment"),
        ("\ud800", "attachment"),
        ("發票.pdf", "發票.pdf"),
        ("票" * 200 + ".pdf", "票" * 83 + ".pdf"),
    ],
)
def test_of_a_name_that_others_chose_one_plain_name_is_left(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@pytest.mark.parametrize("name", ["../a", "a/b", "a\\b", "a\u202eb", "a\nb", ".", "a.", "x" * 256])
def test_a_name_that_is_more_than_a_name_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        require_name(name)
