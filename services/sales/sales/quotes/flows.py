"""Sending a quote: contacts is asked about the customer first, then it is one transaction."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from chassis.context import Caller
from chassis.domain import Conflict, Unavailable
from chassis.http.call import Call
from sales.quote_offers.domain import QuoteTerms
from sales.quotes.queries import within_reach
from sales.quotes.recipients import Recipient, Recipients
from sales.transaction import SalesTx


def recipient_of(
    call: Call[SalesTx], recipients: Recipients, quote_id: UUID, *, by_mail: bool
) -> Recipient | None:
    """What contacts knows of the customer whom a quote is for.

    None when contacts does not answer and no mail is wanted: then the document goes without what it
    would say. With `by_mail` raises `Unavailable` when there is no answer, `Conflict` for whoever
    cannot be reached by mail. Raises `NotFound`.
    """
    terms = call.read(within_reach, quote_id).terms
    try:
        recipient = _asked(call.caller, recipients, terms)
    except Unavailable:
        if by_mail:
            raise
        return None
    if by_mail and not recipient.has_mail:
        message = "The customer has no e-mail address that mail can reach: nothing was sent."
        raise Conflict(message, code="customer_unreachable")
    return recipient


def _asked(caller: Caller, recipients: Recipients, terms: QuoteTerms) -> Recipient:
    person, company = None, ""
    if terms.person_id is not None and caller.tenant_id is not None:
        person = recipients.person(caller.tenant_id, terms.person_id)
    if terms.company_id is not None and terms.addressee is None:
        company = recipients.company_name(caller, terms.company_id)
    known = person or Recipient(terms.person_id)
    return replace(known, company_id=terms.company_id, company=company)
