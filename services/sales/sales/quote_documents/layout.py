"""Sets a quote on A4: letterhead, lines with a header on each page, totals by tax, terms, page x of y."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from chassis.domain import Conflict
from chassis.http.words import catalogues, words_for
from chassis.printing.typefaces import typefaces_for
from sales.quote_documents.blocks import story
from sales.quote_documents.document import MOST_LINES, QuoteDocument
from sales.quote_documents.styles import SOFT, Styles
from sales.quote_documents.words import QuoteWords

CATALOGUE = catalogues(QuoteWords, "sales.quote_documents")
_MARGIN = 18 * mm
_TOP, _BOTTOM = 15 * mm, 20 * mm
_WIDTH = A4[0] - 2 * _MARGIN


def pdf_of(document: QuoteDocument, language: str) -> bytes:
    """The document in a language; the same one is always the same bytes.

    Raises `Conflict` for one with too many lines to be printed, `Unavailable` when too many others
    are being made.
    """
    if len(document.lines) > MOST_LINES:
        message = f"A quote of more than {MOST_LINES} lines is not printed."
        raise Conflict(message, code="quote_too_long_to_print")
    words = words_for(CATALOGUE, (language,))
    with typefaces_for("\n".join(_texts(document, words))) as typefaces:
        styles = Styles(typefaces)
        # Only once it is set is it known how many pages there are.
        _, pages = _set(document, words, styles, "")
        return _set(document, words, styles, str(pages))[0]


def _texts(document: QuoteDocument, words: QuoteWords) -> Iterator[str]:
    """All that may be printed, numbers apart."""
    yield from words.texts
    yield "·"
    yield document.conditions
    yield document.number
    addressee, letterhead = document.addressee, document.letterhead
    if addressee is not None:
        yield from (addressee.name, addressee.address, addressee.tax_id)
    if letterhead is not None:
        for texts in (letterhead.name, letterhead.address, letterhead.terms):
            yield words.of(texts)
        yield from (letterhead.tax_id, letterhead.phone, letterhead.email, letterhead.website)
    for line in document.lines:
        yield from (words.of(line.name), line.sku)


def _set(
    document: QuoteDocument, words: QuoteWords, styles: Styles, pages: str
) -> tuple[bytes, int]:
    """The document, and how many pages it has."""
    written = io.BytesIO()
    template = BaseDocTemplate(
        written,
        pagesize=A4,
        title=f"{words('title')} {document.number}",
        author=_seller(document, words),
        creator="Rapport",
        lang=words.language,
        invariant=1,
        displayDocTitle=1,
    )
    height = A4[1] - _TOP - _BOTTOM
    frame = Frame(_MARGIN, _BOTTOM, _WIDTH, height, 0, 0, 0, 0)
    footer = _footer(document, words, styles, pages)
    template.addPageTemplates(PageTemplate("page", [frame], onPage=footer))
    template.build(story(document, words, styles, _WIDTH))
    return written.getvalue(), int(template.page)


def _seller(document: QuoteDocument, words: QuoteWords) -> str:
    return "" if document.letterhead is None else words.of(document.letterhead.name)


def _footer(
    document: QuoteDocument, words: QuoteWords, styles: Styles, pages: str
) -> Callable[[Any, Any], None]:
    about = words("about", number=document.number, revision=document.revision)
    seller = _seller(document, words)
    left = styles.small(f"{seller} · {about}" if seller else about, color=SOFT)

    def draw(canvas: Any, template: Any) -> None:
        # When it was sent, and not when it happens to be printed: the same document, the same bytes.
        canvas.setDateFormatter(lambda *_: f"D:{document.made_at:%Y%m%d%H%M%S}Z")
        page = words("page", page=template.page, pages=pages)
        right = styles.small(page, color=SOFT, right=True)
        for text, start, share in ((left, 0.0, 0.75), (right, 0.75, 0.25)):
            _, height = text.wrap(_WIDTH * share, _BOTTOM)
            text.drawOn(canvas, _MARGIN + _WIDTH * start, 14 * mm - height)

    return draw
