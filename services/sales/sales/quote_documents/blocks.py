"""The parts of a printed quote, from top to bottom."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Image, KeepTogether, Spacer, Table

from sales.quote_documents.document import QuoteDocument
from sales.quote_documents.styles import ACCENT, INK, RULE, SOFT, TINT, Styles
from sales.quote_documents.words import QuoteWords, amount, number, price
from sales.quote_offers.domain import QuoteLine

_LOGO = (48 * mm, 20 * mm)
_COLUMNS = (0.06, 0.39, 0.09, 0.14, 0.13, 0.06, 0.13)
_GAP = 5.5 * mm
_PLAIN = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
]


def story(document: QuoteDocument, words: QuoteWords, styles: Styles, width: float) -> list[Any]:
    """Everything, in order."""
    parts = [
        [_letterhead(document, words, styles, width)],
        [_title(document, words, styles)],
        [_parties(document, words, styles, width)],
        [_lines(document, words, styles, width)],
        [KeepTogether([_totals(document, words, styles, width)])],
        *_small_print(document, words, styles),
        [KeepTogether([_acceptance(words, styles, width)])],
    ]
    return [one for part in parts for one in (*part, Spacer(0, _GAP))][:-1]


def _letterhead(document: QuoteDocument, words: QuoteWords, styles: Styles, width: float) -> Any:
    letterhead = document.letterhead
    if letterhead is None:
        return Spacer(0, 0)
    reached = [letterhead.phone, letterhead.email, letterhead.website]
    said = [
        words.of(letterhead.address),
        words("tax_id", tax_id=letterhead.tax_id) if letterhead.tax_id else "",
        " · ".join(filter(None, reached)),
    ]
    named = styles.strong(words.of(letterhead.name), right=True)
    about = [styles.small(text, right=True, color=SOFT) for text in said if text]
    logo = "" if letterhead.logo is None else _logo(letterhead.logo)
    table = Table([[logo, [named, *about]]], colWidths=[width * 0.4, width * 0.6])
    table.setStyle([*_PLAIN, ("LINEBELOW", (0, 0), (-1, -1), 1.2, ACCENT)])
    table.setStyle([("BOTTOMPADDING", (0, 0), (-1, -1), 4 * mm)])
    return table


def _logo(picture: bytes) -> Any:
    image = Image(io.BytesIO(picture), hAlign="LEFT")
    scale = min(_LOGO[0] / image.imageWidth, _LOGO[1] / image.imageHeight)
    image.drawWidth, image.drawHeight = image.imageWidth * scale, image.imageHeight * scale
    return image


def _title(document: QuoteDocument, words: QuoteWords, styles: Styles) -> Any:
    draft = f" ({words('draft')})" if document.is_draft else ""
    return styles.title(words("title") + draft)


def _parties(document: QuoteDocument, words: QuoteWords, styles: Styles, width: float) -> Any:
    to: list[Any] = []
    addressee = document.addressee
    if addressee is not None:
        tax_id = words("tax_id", tax_id=addressee.tax_id) if addressee.tax_id else ""
        more = [styles.text(text) for text in (addressee.address, tax_id) if text]
        to = [styles.column(words("to")), styles.strong(addressee.name), *more]
    facts = [
        ("number", document.number),
        ("version", str(document.revision)),
        ("date", words.day(document.made_at.date())),
        ("valid_until", words.day(document.valid_until)),
        ("currency", document.currency),
    ]
    rows = [
        [styles.text(words(key), color=SOFT), styles.text(said, bold=key == "number", right=True)]
        for key, said in facts
    ]
    right = width * 0.4
    about = Table(rows, colWidths=[right * 0.4, right * 0.6])
    about.setStyle([*_PLAIN, ("BOTTOMPADDING", (0, 0), (-1, -1), 1)])
    table = Table([[to, about]], colWidths=[width - right, right])
    table.setStyle([*_PLAIN, ("RIGHTPADDING", (0, 0), (0, 0), 10 * mm)])
    return table


def _lines(document: QuoteDocument, words: QuoteWords, styles: Styles, width: float) -> Any:
    heads = ("position", "description", "quantity", "unit_price", "discount", "tax", "line_amount")
    header = [styles.column(words(key), right=n > 1) for n, key in enumerate(heads)]
    rows = [_line(document, line, words, styles) for line in document.lines]
    table = Table(
        [header, *rows], colWidths=[width * share for share in _COLUMNS], repeatRows=1, splitByRow=1
    )
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 4),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
            ("BACKGROUND", (0, 0), (-1, 0), TINT),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, ACCENT),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
        ]
    )
    return table


def _line(document: QuoteDocument, line: QuoteLine, words: QuoteWords, styles: Styles) -> list[Any]:
    is_option = line.option is not None
    indent = 4 * mm if is_option else 0
    about = [styles.cell(words.of(line.name), indent=indent)]
    if line.sku:
        about.append(styles.small(line.sku, color=SOFT, indent=indent))
    off = line.amounts.discount
    return [
        styles.cell("" if is_option else str(line.item + 1)),
        about,
        styles.cell(number(line.terms.quantity), right=True),
        styles.cell(price(line.terms.unit_price, document.currency), right=True),
        styles.cell(f"\N{MINUS SIGN}{amount(off)}" if off else "", right=True),
        styles.cell(f"{number(line.terms.tax_percent)} %", right=True),
        styles.cell(amount(document.line_amount(line)), right=True),
    ]


def _totals(document: QuoteDocument, words: QuoteWords, styles: Styles, width: float) -> Any:
    rows = [
        [styles.text(label), styles.text(said, right=True)]
        for label, said in _sums(document, words)
    ]
    whole = f"{document.currency} {amount(document.total)}"
    rows.append([styles.strong(words("total")), styles.strong(whole, right=True)])
    right = width * 0.48
    sums = Table(rows, colWidths=[right * 0.55, right * 0.45])
    sums.setStyle(
        [
            *_PLAIN,
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
            ("LINEABOVE", (0, -1), (-1, -1), 1.2, ACCENT),
            ("TOPPADDING", (0, -1), (-1, -1), 4),
        ]
    )
    note = "prices_include_tax" if document.prices_include_tax else "prices_exclude_tax"
    table = Table([[styles.small(words(note), color=SOFT), sums]], colWidths=[width - right, right])
    table.setStyle(_PLAIN)
    return table


def _sums(document: QuoteDocument, words: QuoteWords) -> Iterator[tuple[str, str]]:
    if document.discount:
        yield words("list_amount"), amount(document.list_amount)
        yield words("discounts"), f"\N{MINUS SIGN}{amount(document.discount)}"
    yield words("net"), amount(document.net)
    for share in document.taxes:
        label = words("tax_of", rate=number(share.percent), net=amount(share.net))
        yield label, amount(share.tax)


def _small_print(document: QuoteDocument, words: QuoteWords, styles: Styles) -> Iterator[list[Any]]:
    terms = "" if document.letterhead is None else words.of(document.letterhead.terms)
    for key, text in (("conditions", document.conditions), ("terms", terms)):
        if text.strip():
            yield [styles.heading(words(key)), styles.text(text)]


def _acceptance(words: QuoteWords, styles: Styles, width: float) -> Any:
    right = width * 0.48
    table = Table(
        [["", styles.heading(words("acceptance"))], ["", ""], ["", _signature(words, styles)]],
        colWidths=[width - right, right],
        rowHeights=[None, 14 * mm, None],
    )
    table.setStyle([*_PLAIN, ("LINEABOVE", (1, 2), (1, 2), 0.6, INK)])
    return table


def _signature(words: QuoteWords, styles: Styles) -> Any:
    return styles.small(words("signature"), color=SOFT)
