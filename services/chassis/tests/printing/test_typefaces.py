"""Typefaces of a document: every character in a font that has it, small, and the same each time."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from chassis.domain import Unavailable
from chassis.printing.typefaces import Typefaces, typefaces_for

GETA = "\N{GETA MARK}"


def plain(marked: str) -> str:
    """What a marked text says."""
    whole = ET.fromstring(f"<p>{marked}</p>")  # noqa: S314 - our own
    for mark in whole.iter("br"):
        mark.text = "\n"
    return "".join(whole.itertext())


def set_in(faces: Typefaces, text: str) -> bytes:
    """A page with a text."""
    written = io.BytesIO()
    canvas = Canvas(written, invariant=1)
    style = ParagraphStyle("x", fontName=faces.name(), wordWrap="CJK")
    paragraph: Any = Paragraph(faces.marked(text), style)
    paragraph.wrap(400, 700)
    paragraph.drawOn(canvas, 20, 400)
    canvas.save()
    return written.getvalue()


def test_characters_of_many_scripts_are_set_in_fonts_that_have_them() -> None:
    text = "Café 您好 简体 ひらがな 한국어"
    with typefaces_for(text) as faces:
        assert plain(faces.marked(text)) == text
        assert GETA not in faces.marked(text)
        assert 'name="document-3-regular"' in faces.marked(text), "Korean is in a font of its own"


_PRINT_AND_TELL = """
import sys
opened = []
sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == "open" else None)
from services.chassis.tests.printing.test_typefaces import set_in
from chassis.printing.typefaces import typefaces_for
with typefaces_for("您好, café") as faces:
    assert set_in(faces, "您好, café").startswith(b"%PDF-")
fonts = (".ttf", ".otf", ".ttc", ".woff", ".woff2", ".pfb", ".afm")
print("\\n".join(path for path in opened if path.lower().endswith(fonts)))
"""


def test_no_font_of_the_system_is_looked_into() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PRINT_AND_TELL],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[4],
        timeout=120,
    )
    opened = {Path(line).resolve() for line in done.stdout.split("\n") if line}
    assert opened, "the fonts of packages"
    assert {path for path in opened if "site-packages" not in path.parts} == set()


def test_what_no_font_has_is_set_as_a_geta_mark_and_markup_is_text() -> None:
    text = "<b>\N{GRINNING FACE}</b> & \x00x"
    with typefaces_for(text) as faces:
        assert plain(faces.marked(text)) == f"<b>{GETA}</b> & x"


def test_the_same_text_is_the_same_document_and_a_small_one() -> None:
    text = "您的報價單 2027"
    documents = []
    for _ in range(2):
        with typefaces_for(text) as faces:
            documents.append(set_in(faces, text))
    assert documents[0] == documents[1]
    assert len(documents[0]) < 60_000, "a font as a whole has megabytes"
    assert len(re.findall(rb"/FontFile2", documents[0])) == 1


def test_documents_that_are_set_at_once_take_turns() -> None:
    texts = ["您好", "你好吗", "こんにちは", "안녕"]
    with typefaces_for("x") as faces:
        alone = set_in(faces, "x")

    def make(text: str) -> str:
        with typefaces_for(text, patience=300) as faces:
            return plain(faces.marked(text))

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(make, texts)) == texts
    with typefaces_for("x") as faces:
        assert set_in(faces, "x") == alone


def test_who_waits_too_long_for_a_turn_is_told_to_try_again() -> None:
    with (
        typefaces_for("x"),
        pytest.raises(Unavailable) as caught,
        typefaces_for("y", patience=0),
    ):
        raise AssertionError("two at once")
    assert caught.value.code == "rendering_busy"
    with typefaces_for("y") as faces:
        assert faces.places["y"] == 0, "the turn is given back"


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=30))
def test_any_text_can_be_marked_and_says_what_can_be_seen_of_it(text: str) -> None:
    with typefaces_for(text) as faces:
        said = plain(faces.marked(text))
    lines = text.replace("\r\n", "\n").replace("\t", "    ")
    seen = [c for c in lines if c == "\n" or c.isprintable()]
    assert len(said) == len(seen)
    assert all(one in (c, GETA) for one, c in zip(said, seen, strict=True))
