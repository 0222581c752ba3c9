"""Quotes as PDF: what is in them is read back, Chinese included, and the same is the same bytes."""

from __future__ import annotations

import base64
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from chassis.clock import MovableClock
from chassis.domain import Conflict
from chassis.testing.client import ApiAnswer, ApiClient
from sales.document_lines.domain import LineAmounts, LineTerms, amounts_of
from sales.quote_documents.document import MOST_LINES, QuoteDocument
from sales.quote_documents.layout import pdf_of
from sales.quote_offers.domain import QuoteLine
from services.sales.tests.builders import Sales, good, lasting_app, refused
from services.sales.tests.catalogue import price_all, price_book, product
from services.sales.tests.quoting import QUOTES, draft, sent
from services.sales.tests.sending import LETTERHEAD, SELLER

NAMES = {"en": "Grinder for coffee bars", "zh-Hant": "專業磨豆機"}


def read(answer: ApiAnswer) -> PdfReader:
    """The PDF of an answer."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/pdf"
    return PdfReader(io.BytesIO(answer.data))


def text_of(reader: PdfReader) -> str:
    """All that is written in a PDF, without its line breaks."""
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def pdf(client: ApiClient, quote: dict[str, Any], **query: Any) -> ApiAnswer:
    """Ask for the PDF of a quote."""
    return client.get(f"{QUOTES}/{quote['id']}/pdf", query_string=query)


def grinders(client: ApiClient, **more: Any) -> dict[str, Any]:
    """A sent quote of two grinders with a tenth off."""
    one = product(client, sku="G-200", name=NAMES)
    price_all(client, price_book(client), one, "18500")
    items = [{"product_id": one["id"], "quantity": "2", "discount_percent": "10"}]
    return sent(client, items=items, **more)


def test_what_was_sent_is_printed_in_the_language_of_the_customer(app: ApiClient) -> None:
    good(app.put(LETTERHEAD, SELLER))
    addressee = {"name": "王小明", "address": "台北市信義區", "tax_id": "53212345"}
    terms = {"addressee": addressee, "language": "zh-Hant", "conditions": "免運費。"}
    quote = grinders(app, valid_until="2999-12-31", **terms)
    chinese, english = text_of(read(pdf(app, quote))), text_of(read(pdf(app, quote, language="en")))
    figures = (
        "18,500.00",
        "\N{MINUS SIGN}3,700.00",
        "33,300.00",
        "31,714.29",
        "1,585.71",
        "G-200",
        "53212345",
    )
    for text in (chinese, english):
        assert quote["number"] in text
        assert [each for each in (*figures, "王小明", "免運費。") if each not in text] == []
    for each in (
        "報價單",
        "專業磨豆機",
        "安菲咖啡股份有限公司",
        "統一編號 24567890",
        "2999年12月31日",
    ):
        assert each in chinese
    for each in ("Quotation", NAMES["en"], "Amphitrite", "Payment within 30 days.", "31 Dec 2999"):
        assert each in english
    assert "TWD 33,300.00" in english
    assert "第 1 頁，共 1 頁" in chinese


def test_reading_needs_a_token_and_reach(sales: Sales, app: ApiClient) -> None:
    quote = draft(app)
    path = f"{QUOTES}/{quote['id']}/pdf"
    assert refused(sales.anonymous().get(path)) == (401, "token_missing")
    assert sales.app_client(sales.new_tenant()).get(path).status_code == 404
    assert app.tenant_id is not None
    others = sales.user_client(app.tenant_id, {"sales.quotes.read": "own"}, user_id=uuid4())
    assert others.get(path).status_code == 404


def test_a_version_stays_as_it_was_sent(clock: MovableClock, timed: Sales) -> None:
    app = lasting_app(timed, clock)
    good(app.put(LETTERHEAD, SELLER))
    quote = grinders(app)
    first = pdf(app, quote).data
    good(app.put(LETTERHEAD, {**SELLER, "name": {"en": "Another Name Ltd."}}))
    clock.move(timedelta(days=40))
    path = f"{QUOTES}/{quote['id']}"
    good(app.patch(path, {"conditions": "Something else."}))
    drafted = text_of(read(pdf(app, quote)))
    assert "Draft" in drafted
    assert "Another Name Ltd." in drafted
    assert pdf(app, quote, revision=1).data == first
    good(app.post(f"{path}/submit"))
    good(app.post(f"{path}/send"))
    second = read(pdf(app, quote))
    assert "version 2" in text_of(second)
    assert "Something else." in text_of(second)
    assert second.metadata is not None
    made = second.metadata.creation_date
    assert made is not None
    assert abs(made - clock.now()) < timedelta(seconds=2)
    assert refused(app.get(f"{path}/pdf?revision=3"))[0] == 404


def test_a_long_quote_repeats_its_header_and_counts_its_pages(app: ApiClient) -> None:
    one = product(app, name=NAMES)
    price_all(app, price_book(app), one, "10")
    reader = read(pdf(app, sent(app, items=[{"product_id": one["id"]}] * 100)))
    pages = [page.extract_text() for page in reader.pages]
    assert len(pages) > 3
    assert all("Unit price" in page for page in pages[:-1])
    assert [f"Page {n} of {len(pages)}" in page for n, page in enumerate(pages, 1)] == [True] * len(
        pages
    )
    assert sum(page.count("Grinder") for page in pages) == 100


def test_the_fonts_are_in_it_and_no_more_of_them_than_is_needed(app: ApiClient) -> None:
    answer = pdf(app, grinders(app, conditions="體積小，包含簡体字與ひらがな與 한국어 📦 <b>&amp;"))
    reader = read(answer)
    page: Any = reader.pages[0]
    fonts = dict(page["/Resources"]["/Font"])
    embedded = [font.get_object() for font in fonts.values()]
    files = [f["/FontDescriptor"]["/FontFile2"] for f in embedded if "/FontDescriptor" in f]
    assert len(files) > 2
    assert len(answer.data) < 150_000
    text = text_of(reader)
    assert "簡体字與ひらがな與 한국어 〓 <b>&amp;" in text


def test_a_logo_is_printed(app: ApiClient) -> None:
    written = io.BytesIO()
    Image.new("RGBA", (40, 20), (11, 107, 99, 128)).save(written, "PNG")
    logo = base64.b64encode(written.getvalue()).decode()
    good(app.put(LETTERHEAD, {**SELLER, "logo": logo}))
    (image,) = read(pdf(app, grinders(app))).pages[0].images
    assert image.image is not None
    assert image.image.size == (40, 20)


def document(lines: list[QuoteLine], *, inclusive: bool) -> QuoteDocument:
    """What these lines make."""
    now = datetime(2026, 11, 29, tzinfo=UTC)
    return QuoteDocument(
        number="Q2026-000001",
        revision=1,
        is_draft=False,
        made_at=now,
        valid_until=now.date(),
        currency="TWD",
        prices_include_tax=inclusive,
        lines=lines,
        conditions="",
        language="en",
        addressee=None,
        letterhead=None,
    )


def line(place: int, terms: LineTerms, amounts: LineAmounts) -> QuoteLine:
    """A line of something."""
    return QuoteLine(place, None, UUID(int=1), "A-1", NAMES, "", terms, amounts, ())


@given(
    st.lists(
        st.builds(
            LineTerms,
            unit_price=st.decimals("0.01", "9999", places=2),
            quantity=st.integers(1, 99).map(Decimal),
            discount_percent=st.integers(0, 100).map(Decimal),
            tax_percent=st.sampled_from([Decimal(0), Decimal(5), Decimal("7.7")]),
        ),
        min_size=1,
        max_size=12,
    ),
    st.booleans(),
)
def test_what_is_printed_adds_up_by_hand(terms: list[LineTerms], inclusive: bool) -> None:  # noqa: FBT001 - drawn
    worked_out = amounts_of(terms, "TWD", prices_include_tax=inclusive).lines
    lines = [line(n, *pair) for n, pair in enumerate(zip(terms, worked_out, strict=True))]
    printed = document(lines, inclusive=inclusive)
    assert sum(share.net for share in printed.taxes) == printed.net
    assert printed.net + sum(share.tax for share in printed.taxes) == printed.total
    column = sum(printed.line_amount(each) for each in lines)
    assert column == (printed.total if inclusive else printed.net)
    assert printed.list_amount - printed.discount == column


def test_more_lines_than_can_be_printed_are_refused() -> None:
    terms = LineTerms(Decimal(1), Decimal(1))
    amounts = amounts_of([terms], "TWD", prices_include_tax=True).lines[0]
    with pytest.raises(Conflict) as refusal:
        pdf_of(document([line(0, terms, amounts)] * (MOST_LINES + 1), inclusive=True), "en")
    assert refusal.value.code == "quote_too_long_to_print"


def test_documents_that_are_made_at_once_do_not_mix_up_their_fonts() -> None:
    terms = LineTerms(Decimal(1), Decimal(1))
    amounts = amounts_of([terms], "TWD", prices_include_tax=True).lines[0]
    said = ("早安您好", "晚安再見", "謝謝光臨", "恭喜發財")
    documents = [
        replace(document([line(0, terms, amounts)], inclusive=True), conditions=each)
        for each in said
    ]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda each: pdf_of(each, "zh-Hant"), documents))
    texts = [text_of(PdfReader(io.BytesIO(each))) for each in made]
    assert [[each in text for each in said].count(True) for text in texts] == [1] * 4
    assert [each in text for each, text in zip(said, texts, strict=True)] == [True] * 4
    assert made == [pdf_of(each, "zh-Hant") for each in documents]
