"""Quotes on their way to the customer, over REST: sent, printed, and the link to read and answer by."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from chassis.domain import Conflict
from chassis.http.call import Call
from chassis.http.query_string import Query
from chassis.http.reply import Reply, Stream
from chassis.http.routes import Routes
from chassis.storage.unit_of_work import Reading
from sales.quote_documents.document import QuoteDocument
from sales.quote_documents.layout import pdf_of
from sales.quote_documents.reading import document_of
from sales.quote_pages.links import QuoteLink, QuoteLinks
from sales.quotes import operations
from sales.quotes.api import READ, WRITE
from sales.quotes.domain import Quote
from sales.quotes.flows import recipient_of
from sales.quotes.models import QuoteOut, Written
from sales.quotes.queries import shown, within_reach
from sales.quotes.recipients import Recipients
from sales.transaction import SalesTx

PDF = "application/pdf"


class SendQuery(Query):
    """Whether notifications is to mail the link to the customer."""

    mail: Literal["true", "false"] = "false"


class PdfQuery(Query):
    """Which version, the last one unless it is said; in which language, the quote's own likewise."""

    revision: int | None = None
    language: Written | None = None


class QuoteLinkOut(BaseModel):
    """Where the customer reads and answers a version. Whoever has the address can answer."""

    revision: int
    address: str


class SentQuoteOut(QuoteOut):
    """A quote that went to the customer; `mailed` is whether a mail with its link is on the way."""

    mailed: bool


def sending_routes(recipients: Recipients, links: QuoteLinks) -> Routes:
    """The routes, with who is asked about customers, and what makes links."""
    routes = Routes("/v1/sales/quotes", tag="quotes")

    @routes.post(
        "/<uuid:quote_id>/send",
        permission=WRITE,
        query=SendQuery,
        returns=SentQuoteOut,
        conditional=True,
        problems=(409, 503),
    )
    def send_quote(call: Call[SalesTx], query: SendQuery, quote_id: UUID) -> Response:
        """Note that an approved quote went to the customer, or with `mail=true` have it go.

        From now on it can be accepted, in time. 409 `customer_unreachable` when there is no address
        to mail to, and then nothing is sent.
        """
        by_mail = query.mail == "true"
        recipient = recipient_of(call, recipients, quote_id, by_mail=by_mail)

        def send(tx: SalesTx) -> Quote:
            quote = operations.send_quote(tx, quote_id, recipient)
            if by_mail:
                operations.ask_for_mail(tx, quote, links.address(_link(tx.tenant_id, quote)))
            return quote

        def reply(_tx: SalesTx, quote: Quote) -> Reply:
            return Reply({**shown(quote), "mailed": by_mail}, version=quote.version)

        return call.run(send, reply)

    @routes.get("/<uuid:quote_id>/link", permission=WRITE, returns=QuoteLinkOut, problems=(409,))
    def get_quote_link(call: Call[SalesTx], quote_id: UUID) -> Reply:
        """Get the address at which the customer reads and answers what was sent last."""
        quote, tenant_id = call.read(within_reach, quote_id), call.caller.tenant_id
        if quote.sent_at is None or tenant_id is None:
            message = "Nothing of it is with the customer: send it first."
            raise Conflict(message, code="quote_status")
        address = links.address(_link(tenant_id, quote))
        return Reply({"revision": quote.revision, "address": address})

    @routes.get(
        "/<uuid:quote_id>/pdf",
        permission=READ,
        query=PdfQuery,
        media_type=PDF,
        problems=(409, 503),
    )
    def get_quote_pdf(call: Call[SalesTx], query: PdfQuery, quote_id: UUID) -> Stream:
        """Get a quote as a PDF: as it was sent, or as a draft while it was not."""
        document = call.read(_document, quote_id, query.revision)
        return pdf_stream(document, query.language or document.language)

    return routes


def pdf_stream(document: QuoteDocument, language: str) -> Stream:
    """The document as an answer. It is made after the transaction: that takes a while."""
    name = f"{document.number}-{document.revision}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Stream([pdf_of(document, language)], PDF, headers)


def _document(reading: Reading, quote_id: UUID, revision: int | None) -> QuoteDocument:
    return document_of(reading, within_reach(reading, quote_id), revision)


def _link(tenant_id: UUID, quote: Quote) -> QuoteLink:
    return QuoteLink(tenant_id, quote.id, quote.revision)
