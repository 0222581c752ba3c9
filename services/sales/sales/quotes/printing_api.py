"""Quotes as PDF, over REST."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.http.call import Call
from chassis.http.query_string import Query
from chassis.http.reply import Stream
from chassis.http.routes import Routes
from chassis.storage.unit_of_work import Reading
from sales.quote_documents.document import QuoteDocument
from sales.quote_documents.layout import pdf_of
from sales.quote_documents.reading import document_of
from sales.quotes.api import READ
from sales.quotes.models import Written
from sales.quotes.queries import within_reach
from sales.transaction import SalesTx

PDF = "application/pdf"

printed_quotes = Routes("/v1/sales/quotes", tag="quotes")


class PdfQuery(Query):
    """Which version, the last one unless it is said; in which language, the quote's own likewise."""

    revision: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    language: Written | None = None


@printed_quotes.get(
    "/<uuid:quote_id>/pdf",
    permission=READ,
    query=PdfQuery,
    media_type=PDF,
    problems=(409, 503),
)
def get_quote_pdf(call: Call[SalesTx], query: PdfQuery, quote_id: UUID) -> Stream:
    """Get a quote as a PDF: as it was sent, or as a draft while it was not."""
    document = call.read(_document, quote_id, query.revision)
    # After the transaction: it takes a while.
    written = pdf_of(document, query.language or document.language)
    name = f"{document.number}-{document.revision}.pdf"
    return Stream([written], PDF, {"Content-Disposition": f'inline; filename="{name}"'})


def _document(reading: Reading, quote_id: UUID, revision: int | None) -> QuoteDocument:
    return document_of(reading, within_reach(reading, quote_id), revision)
