"""The typefaces that documents are set in: Noto Sans, cut down to the characters of one document.

The fonts come with the package `justmytype-intl-cjk` (SIL Open Font License), so nothing has to be
installed. They are variable: of the few glyphs that are needed, a regular and a bold cut are made
for each document, which takes a fraction of a second and keeps the result small. What Traditional
Chinese fonts lack is looked for in those for Simplified Chinese, Japanese and Korean. A service that
prints names what the extra `printing` of the chassis names.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from threading import Lock
from xml.sax.saxutils import escape

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont as EmbeddedFont

from chassis.domain import Unavailable

_FONTS = (
    "notosanstc/NotoSansTC[wght].ttf",
    "notosanssc/NotoSansSC[wght].ttf",
    "notosansjp/NotoSansJP[wght].ttf",
    "notosanskr/NotoSansKR[wght].ttf",
)
_WEIGHTS = {"regular": 400, "bold": 700}
_ALWAYS = (
    "".join(map(chr, range(0x20, 0x7F)))
    + "\N{HORIZONTAL ELLIPSIS}\N{EN DASH}\N{MINUS SIGN}\N{GETA MARK}"
)
_UNKNOWN = "\N{GETA MARK}"
"""What printers of Chinese and Japanese set for a character that they do not have (U+3013, geta)."""
_PATIENCE = 10
"""Seconds. The fonts that reportlab knows belong to the process, so documents are set in turn."""
_turn = Lock()


@dataclass(frozen=True, slots=True)
class Typefaces:
    """The fonts of one document, by the characters that each of them has."""

    places: dict[str, int]

    def name(self, *, bold: bool = False, place: int = 0) -> str:
        """What a font is called while the document is set."""
        return f"document-{place}-{'bold' if bold else 'regular'}"

    def marked(self, text: str, *, bold: bool = False) -> str:
        """A text as reportlab's paragraphs take it, each character in a font that has it."""
        runs: list[tuple[int, str]] = []
        for char in _clean(text):
            place = self.places.get(char)
            known, place = (char, place) if place is not None else (_UNKNOWN, 0)
            if runs and runs[-1][0] == place:
                runs[-1] = (place, runs[-1][1] + known)
            else:
                runs.append((place, known))
        marked = "".join(
            escape(run)
            if place == 0
            else f'<font name="{self.name(bold=bold, place=place)}">{escape(run)}</font>'
            for place, run in runs
        )
        return marked.replace("\n", "<br/>")


@contextmanager
def typefaces_for(text: str, patience: float = _PATIENCE) -> Iterator[Typefaces]:
    """Fonts that have the characters of a text, while the context lasts.

    Raises `Unavailable` when too many documents wait to be set: within `patience` seconds the turn
    has not come.
    """
    if not _turn.acquire(timeout=patience):
        message = "Too many documents are being made; try again."
        raise Unavailable(message, code="rendering_busy", retry_after=_PATIENCE)
    try:
        yield _registered(text)
    finally:
        _turn.release()


def _registered(text: str) -> Typefaces:
    places, missing = {"\n": 0}, set(_clean(text + _ALWAYS)) - {"\n"}
    faces = Typefaces(places)
    for place, font in enumerate(_FONTS):
        found = {char for char in missing if ord(char) in _covered(font)}
        if not found and place:
            continue
        places.update(dict.fromkeys(found, place))
        missing -= found
        few = _cut(font, "".join(sorted(found)))
        for weight in _WEIGHTS:
            name = faces.name(bold=weight == "bold", place=place)
            _register(name, _weighed(few, weight))
        if not missing:
            break
    return faces


def _register(name: str, font: bytes) -> None:
    """Have reportlab know a font by a name, in place of the last document's.

    `registerFont` would keep the first one of a name for good, and every font of every name.
    """
    pdfmetrics._fonts[name] = EmbeddedFont(name, io.BytesIO(font))  # noqa: SLF001
    pdfmetrics.registerFontFamily(name)


def _clean(text: str) -> str:
    """Without what is no character to be seen."""
    lines = text.replace("\r\n", "\n").replace("\t", "    ")
    return "".join(char for char in lines if char == "\n" or char.isprintable())


@cache
def _covered(font: str) -> frozenset[int]:
    with _opened(font) as read:
        return frozenset(read.getBestCmap())


@contextmanager
def _opened(font: str) -> Iterator[TTFont]:
    source = files("justmytype_intl_cjk").joinpath("fonts", "ofl", *font.split("/"))
    with as_file(source) as path, TTFont(path, lazy=True) as read:
        yield read


def _cut(font: str, text: str) -> bytes:
    """A font with the glyphs of a text, of any weight."""
    options = subset.Options()
    options.name_IDs = [1, 6]
    options.layout_features, options.hinting, options.notdef_outline = [], False, True
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "HVAR", "VORG", "vhea", "vmtx"]
    with _opened(font) as read:
        cutter = subset.Subsetter(options)
        cutter.populate(text=text)
        cutter.subset(read)
        return _saved(read)


def _weighed(font: bytes, weight: str) -> bytes:
    with TTFont(io.BytesIO(font), recalcTimestamp=False) as read:
        made = instantiateVariableFont(read, {"wght": _WEIGHTS[weight]}, inplace=True)
        family = str(made["name"].getDebugName(1)).replace(" ", "")
        made["name"].setName(f"{family}-{weight.title()}", 6, 3, 1, 0x409)
        return _saved(made)


def _saved(font: TTFont) -> bytes:
    font.recalcTimestamp = False  # the same document is the same bytes
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()
