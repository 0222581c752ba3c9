"""Quotes over REST."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.quotes import operations, queries
from sales.quotes.domain import Quote
from sales.quotes.models import (
    AnswerIn,
    ExplanationOut,
    ListedQuoteOut,
    QuoteIn,
    QuoteOut,
    QuotePatch,
    QuoteVersionsOut,
    changed,
    terms_in,
)
from sales.quotes.queries import shown
from sales.transaction import SalesTx

READ = "sales.quotes.read"
WRITE = "sales.quotes.write"
APPROVE = "sales.quotes.approve"

quotes = Routes("/v1/sales/quotes", tag="quotes")

_STEP: Mapping[str, Any] = {"returns": QuoteOut, "conditional": True, "problems": (409,)}
"""What every step on a quote's way has in common: it shows the quote, or says why it is not its turn."""


@quotes.get("", permission=READ, listing=queries.QUOTES, returns=ListedQuoteOut)
def list_quotes(call: Call[SalesTx], listing: Listing) -> Reply:
    """List quotes, the latest first unless asked otherwise."""
    return Reply(call.read(queries.list_quotes, listing))


@quotes.get("/awaiting-me", permission=APPROVE, listing=queries.AWAITING, returns=ListedQuoteOut)
def list_quotes_awaiting_me(call: Call[SalesTx], listing: Listing) -> Reply:
    """List the quotes whose next step of approval is the caller's, what waits longest first."""
    return Reply(call.read(queries.list_awaiting, listing))


@quotes.post("", permission=WRITE, body=QuoteIn, returns=QuoteOut, status=201, problems=(409,))
def draft_quote(call: Call[SalesTx], body: QuoteIn) -> Response:
    """Begin a quote, at the prices that apply to the customer today.

    A configuration that breaks rules is refused with the words of every one of them.
    """
    terms = terms_in(body)

    def reply(_tx: SalesTx, quote: Quote) -> Reply:
        return Reply.created(f"{quotes.prefix}/{quote.id}", shown(quote), quote.version)

    return call.run(lambda tx: operations.draft_quote(tx, terms), reply)


@quotes.get("/<uuid:quote_id>", permission=READ, returns=QuoteOut)
def get_quote(call: Call[SalesTx], quote_id: UUID) -> Reply:
    """Get a quote; those who approve it may, too, whoever's it is."""
    quote = call.read(queries.get_quote, quote_id)
    return Reply(quote, version=quote["version"])


@quotes.patch(
    "/<uuid:quote_id>", permission=WRITE, body=QuotePatch, returns=QuoteOut, problems=(409,)
)
def change_quote(call: Call[SalesTx], body: QuotePatch, quote_id: UUID) -> Response:
    """Offer something else, at the prices of today.

    What was approved is void, and what was sent is withdrawn: it becomes a new version.
    """
    return _run(
        call, lambda tx: operations.change_quote(tx, quote_id, lambda old: changed(old, body))
    )


@quotes.get("/<uuid:quote_id>/explain", permission=READ, returns=ExplanationOut)
def explain_quote(call: Call[SalesTx], quote_id: UUID) -> Reply:
    """Explain every price of a quote, step by step."""
    return Reply(call.read(queries.explain_quote, quote_id))


@quotes.get("/<uuid:quote_id>/versions", permission=READ, returns=QuoteVersionsOut)
def list_quote_versions(call: Call[SalesTx], quote_id: UUID) -> Reply:
    """List all that went to the customer, as it was, the first one first."""
    return Reply(call.read(queries.list_versions, quote_id))


@quotes.post("/<uuid:quote_id>/submit", permission=WRITE, **_STEP)
def submit_quote(call: Call[SalesTx], quote_id: UUID) -> Response:
    """Ask for the approvals that the discounts need; without any it is approved at once."""
    return _run(call, lambda tx: operations.submit_quote(tx, quote_id))


@quotes.post("/<uuid:quote_id>/approve", permission=APPROVE, **_STEP)
def approve_quote(call: Call[SalesTx], quote_id: UUID) -> Response:
    """Take the next step of approval. 403 for whoever it is not for, or has submitted the quote."""
    return _run(call, lambda tx: operations.approve_quote(tx, quote_id))


@quotes.post("/<uuid:quote_id>/refuse", permission=APPROVE, body=AnswerIn, **_STEP)
def refuse_quote(call: Call[SalesTx], body: AnswerIn, quote_id: UUID) -> Response:
    """Send a quote back to its author, in place of the next step of approval."""
    return _run(call, lambda tx: operations.refuse_quote(tx, quote_id, body.reason))


@quotes.post("/<uuid:quote_id>/accept", permission=WRITE, **_STEP)
def accept_quote(call: Call[SalesTx], quote_id: UUID) -> Response:
    """Note that the customer accepts: it is ordered, once, however often this is said."""
    return _run(call, lambda tx: operations.accept_quote(tx, quote_id))


@quotes.post("/<uuid:quote_id>/reject", permission=WRITE, body=AnswerIn, **_STEP)
def reject_quote(call: Call[SalesTx], body: AnswerIn, quote_id: UUID) -> Response:
    """Note that the customer does not want it, and why."""
    return _run(call, lambda tx: operations.reject_quote(tx, quote_id, body.reason))


def _run(call: Call[SalesTx], operation: Callable[[SalesTx], Quote]) -> Response:
    return call.run(operation, lambda _tx, quote: Reply(shown(quote), version=quote.version))
