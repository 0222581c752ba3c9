"""Sending a quote: contacts is asked about the customer first, then it is one transaction."""

from __future__ import annotations

from uuid import UUID

from chassis.domain import Conflict, Unavailable
from chassis.http.call import Call
from sales.quotes.queries import within_reach
from sales.quotes.recipients import Recipient, Recipients
from sales.transaction import SalesTx


def recipient_of(
    call: Call[SalesTx], recipients: Recipients, quote_id: UUID, *, by_mail: bool
) -> Recipient | None:
    """What contacts knows of the person whom a quote is for.

    None for a quote that is for a company, and when contacts does not answer and no mail is wanted:
    then the document goes without what it would say. With `by_mail` raises `Unavailable` when there
    is no answer, `Conflict` for whoever cannot be reached by mail. Raises `NotFound`.
    """
    terms, tenant_id = call.read(within_reach, quote_id).terms, call.caller.tenant_id
    recipient = None
    if terms.person_id is not None and tenant_id is not None:
        try:
            recipient = recipients.find(tenant_id, terms.person_id)
        except Unavailable:
            if by_mail:
                raise
            return None
    if by_mail and (recipient is None or not recipient.has_mail):
        message = "The customer has no e-mail address that mail can reach: nothing was sent."
        raise Conflict(message, code="customer_unreachable")
    return recipient
