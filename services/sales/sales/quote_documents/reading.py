"""Reads what of a quote its customer is shown: a version as it was sent, or a draft as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis.domain import NotFound
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from sales.letterheads.storage import letterhead_numbered, newest_letterhead
from sales.quote_documents.document import QuoteDocument
from sales.quotes.documents import addressee_of, offer_of
from sales.quotes.domain import Quote


def document_of(reading: Reading, quote: Quote, revision: int | None) -> QuoteDocument:
    """A version of a quote, the last one unless one is named; what never left is a draft.

    Raises `NotFound` for a version that there never was.
    """
    if revision is None:
        revision = quote.revision
    if revision == quote.revision and quote.sent_at is None:
        return _draft(reading, quote)
    return sent_document(reading, quote.id, revision)


def sent_document(reading: Reading, quote_id: UUID, revision: int) -> QuoteDocument:
    """What went to the customer, as it was. Raises `NotFound`."""
    about = {"tenant_id": reading.caller.tenant_id, "quote_id": quote_id, "revision": revision}
    row = reading.fetch_one(_VERSION, about)
    if row is None:
        raise NotFound(f"The quote has no version {revision} that was sent.")
    return _sent(reading, row)


def _sent(reading: Reading, row: Mapping[str, Any]) -> QuoteDocument:
    offer, letterhead = offer_of(row["offer"]), row["letterhead"]
    plain = ("number", "revision", "valid_until", "currency", "conditions", "language")
    return QuoteDocument(
        **{name: row[name] for name in plain},
        is_draft=False,
        made_at=row["sent_at"],
        prices_include_tax=offer.prices_include_tax,
        lines=offer.lines,
        addressee=addressee_of(row["addressee"]),
        letterhead=None if letterhead is None else letterhead_numbered(reading, letterhead),
    )


def _draft(reading: Reading, quote: Quote) -> QuoteDocument:
    terms, offer = quote.terms, quote.offer
    plain = ("valid_until", "currency", "conditions", "language", "addressee")
    return QuoteDocument(
        **{name: getattr(terms, name) for name in plain},
        number=quote.number,
        revision=quote.revision,
        is_draft=True,
        made_at=quote.updated_at,
        prices_include_tax=offer.prices_include_tax,
        lines=offer.lines,
        letterhead=newest_letterhead(reading)[1],
    )


_VERSION = Statement(
    "SELECT q.number, v.revision, v.valid_until, v.currency, v.conditions, v.language, v.addressee,"
    " v.letterhead, v.offer, v.sent_at FROM quote_versions v"
    " JOIN quotes q ON q.tenant_id = v.tenant_id AND q.id = v.quote_id"
    " WHERE v.tenant_id = %(tenant_id)s AND v.quote_id = %(quote_id)s AND v.revision = %(revision)s"
)
