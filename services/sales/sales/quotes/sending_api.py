"""Quotes on their way to the customer, over REST: sent, and the link to read and answer by."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from chassis.domain import Conflict
from chassis.http.call import Call
from chassis.http.query_string import Query
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from sales.quote_pages.links import QuoteLink, QuoteLinks
from sales.quotes import operations
from sales.quotes.api import WRITE
from sales.quotes.domain import Quote
from sales.quotes.flows import recipient_of
from sales.quotes.models import QuoteOut
from sales.quotes.queries import shown, within_reach
from sales.quotes.recipients import Recipients
from sales.transaction import SalesTx


class SendQuery(Query):
    """Whether notifications is to mail the link to the customer."""

    mail: Literal["true", "false"] = "false"


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

    return routes


def _link(tenant_id: UUID, quote: Quote) -> QuoteLink:
    return QuoteLink(tenant_id, quote.id, quote.revision)
