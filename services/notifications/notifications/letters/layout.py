"""Sets letters on A4 for envelopes with a window, as DIN 5008 (form B) places them; one PDF for many.

From the upper and the left edge: the window shows what lies from 45 to 90 mm and from 20 to 105 mm, of it
the sender's line at 58 mm and the recipient's address from 62.7 to 90 mm, beginning at 25 mm. The text begins
at 98.5 mm, and on further pages at 25 mm; it is 165 mm wide. Marks to fold at are at 105 and 210 mm.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from xml.sax.saxutils import quoteattr

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepInFrame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
)

from chassis.printing.typefaces import Typefaces, typefaces_for
from notifications.letters.blocks import Block, Kind

_LEFT, _WIDTH, _BOTTOM = 25 * mm, 165 * mm, 25 * mm
_TEXT_TOP, _LATER_TOP = 98.5 * mm, 25 * mm
_ADDRESS_TOP, _ADDRESS_HEIGHT, _ADDRESS_WIDTH = 62.7 * mm, 27.3 * mm, 80 * mm
_SENDER_TOP, _SENDER_HEIGHT = 57.5 * mm, 4.5 * mm
_FOLDS, _FOLD_WIDTH = (105 * mm, 210 * mm), 5 * mm
_HEIGHT = A4[1]
_ALWAYS = "/\N{BULLET}"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to be printed: lines of the address as they stand one below the other."""

    id: UUID
    sender: str
    address: Sequence[str]
    subject: str
    blocks: Sequence[Block]


def pdf_of(letters: Sequence[Letter]) -> bytes:
    """The letters one after the other, each from a page of its own on; the same are the same bytes.

    Raises `Unavailable` when too many documents are being made.
    """
    with typefaces_for("\n".join(_texts(letters)) + _ALWAYS) as typefaces:
        return _set(letters, _Styles(typefaces))


def _texts(letters: Sequence[Letter]) -> Iterator[str]:
    for letter in letters:
        yield from (letter.sender, *letter.address, letter.subject)
        for block in letter.blocks:
            yield from (block.mark, block.text)


@dataclass(slots=True)
class _Pages:
    """The pages of one letter as they are set: where it begins, and how many it has by now."""

    place: int
    begins: int = 0
    count: int = 0

    def form(self, number: int) -> str:
        """What the number of a page is called, which is drawn once it is known how many there are."""
        return f"number-{self.place}-{number}"


def _set(letters: Sequence[Letter], styles: _Styles) -> bytes:
    written = io.BytesIO()
    template = BaseDocTemplate(
        written, pagesize=A4, title="Letters", creator="Rapport", invariant=1, pageCompression=1
    )
    story: list[Any] = []
    all_pages = [_Pages(place) for place in range(len(letters))]
    for letter, pages in zip(letters, all_pages, strict=True):
        template.addPageTemplates(_templates(letter, styles, pages))
        if pages.place:
            story += [NextPageTemplate(f"first-{pages.place}"), PageBreak()]
        story += _story(letter, styles)
    template.build([*story, _Numbers(all_pages, styles)])
    return written.getvalue()


def _templates(letter: Letter, styles: _Styles, pages: _Pages) -> list[PageTemplate]:
    first = Frame(_LEFT, _BOTTOM, _WIDTH, _HEIGHT - _TEXT_TOP - _BOTTOM, 0, 0, 0, 0)
    later = Frame(_LEFT, _BOTTOM, _WIDTH, _HEIGHT - _LATER_TOP - _BOTTOM, 0, 0, 0, 0)
    return [
        PageTemplate(
            f"first-{pages.place}",
            [first],
            onPage=_beginning(letter, styles, pages),
            autoNextPageTemplate=f"later-{pages.place}",
        ),
        PageTemplate(f"later-{pages.place}", [later], onPage=_numbering(pages)),
    ]


def _beginning(letter: Letter, styles: _Styles, pages: _Pages) -> Callable[[Any, Any], None]:
    """Draws what the window shows, and has readers of the file find the letter by its id."""
    number = _numbering(pages)

    def draw(canvas: Any, template: Any) -> None:
        pages.begins = template.page
        canvas.bookmarkPage(str(letter.id))
        canvas.addOutlineEntry(str(letter.id), str(letter.id))
        _in_window(canvas, [styles.sender(letter.sender)], _SENDER_TOP, _SENDER_HEIGHT)
        address = [styles.address(line) for line in letter.address]
        _in_window(canvas, address, _ADDRESS_TOP, _ADDRESS_HEIGHT)
        canvas.setLineWidth(0.3)
        for fold in _FOLDS:
            canvas.line(0, _HEIGHT - fold, _FOLD_WIDTH, _HEIGHT - fold)
        number(canvas, template)

    return draw


def _in_window(canvas: Any, lines: list[Any], top: float, height: float) -> None:
    """Draw lines below `top`, smaller where they would not fit."""
    if lines:
        frame = Frame(_LEFT, _HEIGHT - top - height, _ADDRESS_WIDTH, height, 0, 0, 0, 0)
        frame.addFromList([KeepInFrame(_ADDRESS_WIDTH, height, lines, mode="shrink")], canvas)


def _numbering(pages: _Pages) -> Callable[[Any, Any], None]:
    """Counts the pages of a letter, and leaves room for their numbers."""

    def draw(canvas: Any, template: Any) -> None:
        pages.count = template.page - pages.begins + 1
        canvas.doForm(pages.form(pages.count))

    return draw


class _Numbers(Flowable):  # type: ignore[misc]
    """Comes last, and says which page of how many each is; a letter of one page needs no number."""

    def __init__(self, all_pages: Sequence[_Pages], styles: _Styles) -> None:
        super().__init__()
        self._all_pages = all_pages
        self._styles = styles

    def draw(self) -> None:
        """Draw the numbers that the pages refer to."""
        for pages in self._all_pages:
            for number in range(1, pages.count + 1):
                self.canv.beginForm(pages.form(number))
                if pages.count > 1:
                    text = self._styles.number(f"{number} / {pages.count}")
                    _, height = text.wrap(_WIDTH, _BOTTOM)
                    text.drawOn(self.canv, _LEFT, 15 * mm - height)
                self.canv.endForm()


def _story(letter: Letter, styles: _Styles) -> list[Any]:
    story: list[Any] = []
    if letter.subject:
        story += [styles.subject(letter.subject), Spacer(0, 6 * mm)]
    story += [styles.block(block) for block in letter.blocks]
    # A letter that says nothing has its page as well.
    return story or [Spacer(0, 1)]


class _Styles:
    """Makes paragraphs in the typefaces of one document."""

    def __init__(self, typefaces: Typefaces) -> None:
        self._typefaces = typefaces

    def sender(self, text: str) -> Any:
        """The line above the address, to which what cannot be delivered goes back."""
        return self._plain(text, 7)

    def address(self, text: str) -> Any:
        """A line of the recipient's address."""
        return self._plain(text, 11, leading=13)

    def subject(self, text: str) -> Any:
        """What it is about."""
        return self._plain(text, 11, bold=True)

    def number(self, text: str) -> Any:
        """Which page it is."""
        return self._plain(text, 8, alignment=2)

    def block(self, block: Block) -> Any:
        """A part of the text."""
        is_heading = block.kind is Kind.HEADING
        marked = "".join(self._marked(run.text, bold=run.bold or is_heading) for run in block.runs)
        more: dict[str, Any] = {"spaceAfter": 10}
        if is_heading:
            more = {"spaceAfter": 5, "spaceBefore": 5, "keepWithNext": 1}
        if block.kind is Kind.ITEM:
            more = {"spaceAfter": 4, "leftIndent": 6 * mm, "bulletFontName": self._typefaces.name()}
        style = self._style(11 if is_heading else 10.5, block.text, **more)
        return Paragraph(marked, style, bulletText=block.mark or None)

    def _plain(self, text: str, size: float, *, bold: bool = False, **more: Any) -> Any:
        style = self._style(size, text, bold=bold, **more)
        return Paragraph(self._typefaces.marked(text, bold=bold), style)

    def _marked(self, text: str, *, bold: bool) -> str:
        marked = self._typefaces.marked(text, bold=bold)
        name = quoteattr(self._typefaces.name(bold=True))
        return f"<font name={name}>{marked}</font>" if bold else marked

    def _style(self, size: float, text: str, *, bold: bool = False, **more: Any) -> ParagraphStyle:
        # Chinese breaks between any two characters, other scripts between words.
        wraps = "CJK" if any(ord(char) > 0x2E7F for char in text) else None
        about = {"leading": size * 1.4, "wordWrap": wraps, **more}
        return ParagraphStyle(
            "letter", fontName=self._typefaces.name(bold=bold), fontSize=size, **about
        )
