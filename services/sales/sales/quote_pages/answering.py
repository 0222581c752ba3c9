"""What the bearer of a link sees and says: one transaction each, as the API has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chassis.domain import NotFound
from chassis.storage.unit_of_work import Reading
from sales.quote_documents.document import QuoteDocument
from sales.quote_documents.reading import sent_document
from sales.quote_pages.links import QuoteLink
from sales.quotes.domain import Quote, QuoteStatus
from sales.quotes.operations import accept_quote, reject_quote
from sales.quotes.queries import find_quote
from sales.transaction import SalesTx


class Standing(StrEnum):
    """What has become of the version that a link is for."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a link leads to. `document` is absent once the version is withdrawn or superseded."""

    standing: Standing
    number: str
    answered_at: datetime | None = None
    accepted_by: str = ""
    document: QuoteDocument | None = None


def look_at(reading: Reading, link: QuoteLink) -> Shown:
    """What a link leads to; looking changes nothing. Raises `NotFound`."""
    quote = find_quote(reading, link.quote_id)
    if quote is None:
        raise NotFound.of("quote", link.quote_id)
    standing = standing_of(quote, link, reading.clock.now())
    if standing in (Standing.WITHDRAWN, Standing.SUPERSEDED):
        return Shown(standing, quote.number)
    document = sent_document(reading, link.quote_id, link.revision)
    return Shown(standing, quote.number, quote.answered_at, quote.accepted_by, document)


def accept(tx: SalesTx, link: QuoteLink, name: str) -> Standing:
    """Have what the link is for ordered, once, however often it is said. Raises `NotFound`.

    Where it can no longer be accepted, that is the answer and nothing changes.
    """
    standing = _standing_now(tx, link)
    if standing is Standing.OPEN:
        accept_quote(tx, link.quote_id, name)
        return Standing.ACCEPTED
    return standing


def reject(tx: SalesTx, link: QuoteLink, reason: str) -> Standing:
    """Note that the customer does not want it, and why. Answers and raises as `accept` does."""
    standing = _standing_now(tx, link)
    if standing is Standing.OPEN:
        reject_quote(tx, link.quote_id, reason)
        return Standing.REJECTED
    return standing


def standing_of(quote: Quote, link: QuoteLink, now: datetime) -> Standing:
    """What has become of the version that a link is for."""
    if link.revision != quote.revision or quote.sent_at is None:
        is_replaced = quote.sent_at is not None
        return Standing.SUPERSEDED if is_replaced else Standing.WITHDRAWN
    if quote.status is QuoteStatus.SENT:
        if quote.terms.person_id is None and quote.terms.company_id is None:
            # Its person was erased: there is nobody left to order.
            return Standing.WITHDRAWN
        return Standing.EXPIRED if now >= quote.expires_at else Standing.OPEN
    return Standing(quote.status.value)


def _standing_now(tx: SalesTx, link: QuoteLink) -> Standing:
    # Locked from here on, so that two answers take turns.
    return standing_of(tx.quotes.get(link.quote_id), link, tx.clock.now())
