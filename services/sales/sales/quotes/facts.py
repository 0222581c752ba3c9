"""Facts about quotes to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import quote_events_pb2 as events
from rapport.sales.requests.v1.send_message_pb2 import SendMessage
from rapport.sales.v1.quote_pb2 import QuoteReference
from sales.encoding import id_or_none, money
from sales.quote_approvals.domain import Approvers
from sales.quotes import domain

QUOTE_LINK = "quote_link"
"""The key of the template that notifications has for this."""


def _reference(quote: domain.Quote) -> QuoteReference:
    terms, total, awaited = quote.terms, quote.total, quote.awaited or Approvers()
    return QuoteReference(
        quote_id=str(quote.id),
        number=quote.number,
        revision=quote.revision,
        person_id=id_or_none(terms.person_id),
        company_id=id_or_none(terms.company_id),
        opportunity_id=id_or_none(terms.opportunity_id),
        owner_id=id_or_none(terms.owner_id),
        total=money(total.amount, total.currency),
        awaited_role_id=id_or_none(awaited.role_id),
        awaited_user_id=id_or_none(awaited.user_id),
        deputy_id=id_or_none(awaited.deputy_id),
    )


def _drafted(fact: domain.QuoteDrafted) -> events.QuoteDrafted:
    return events.QuoteDrafted(quote=_reference(fact.quote))


def _changed(fact: domain.QuoteChanged) -> events.QuoteChanged:
    return events.QuoteChanged(quote=_reference(fact.quote))


def _submitted(fact: domain.QuoteSubmitted) -> events.QuoteSubmitted:
    return events.QuoteSubmitted(quote=_reference(fact.quote))


def _step_approved(fact: domain.QuoteStepApproved) -> events.QuoteStepApproved:
    return events.QuoteStepApproved(quote=_reference(fact.quote))


def _step_dropped(fact: domain.QuoteStepDropped) -> events.QuoteStepDropped:
    return events.QuoteStepDropped(quote=_reference(fact.quote))


def _approved(fact: domain.QuoteApproved) -> events.QuoteApproved:
    return events.QuoteApproved(quote=_reference(fact.quote))


def _refused(fact: domain.QuoteRefused) -> events.QuoteRefused:
    return events.QuoteRefused(quote=_reference(fact.quote))


def _sent(fact: domain.QuoteSent) -> events.QuoteSent:
    until = fact.quote.terms.valid_until.isoformat()
    return events.QuoteSent(quote=_reference(fact.quote), valid_until=until)


def _accepted(fact: domain.QuoteAccepted) -> events.QuoteAccepted:
    return events.QuoteAccepted(quote=_reference(fact.quote), order_id=str(fact.quote.order_id))


def _rejected(fact: domain.QuoteRejected) -> events.QuoteRejected:
    return events.QuoteRejected(quote=_reference(fact.quote))


def _expired(fact: domain.QuoteExpired) -> events.QuoteExpired:
    return events.QuoteExpired(quote=_reference(fact.quote))


def _mail_asked(fact: domain.QuoteLinkMailAsked) -> SendMessage:
    quote, message = fact.quote, SendMessage()
    request = message.request
    request.request_id = str(fact.request_id)
    request.person_id = str(fact.person_id)
    request.template, request.channel = QUOTE_LINK, "email"
    total = quote.total
    request.variables.update(
        {
            "link": fact.link,
            "number": quote.number,
            "seller_names": dict(fact.seller),
            "total": {"amount": f"{total.amount:f}", "currency": total.currency},
            "valid_until": quote.terms.valid_until.isoformat(),
        }
    )
    request.expires_at.FromDatetime(quote.expires_at)
    return message


QUOTE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.QuoteDrafted: _drafted,
    domain.QuoteChanged: _changed,
    domain.QuoteSubmitted: _submitted,
    domain.QuoteStepApproved: _step_approved,
    domain.QuoteStepDropped: _step_dropped,
    domain.QuoteApproved: _approved,
    domain.QuoteRefused: _refused,
    domain.QuoteSent: _sent,
    domain.QuoteAccepted: _accepted,
    domain.QuoteRejected: _rejected,
    domain.QuoteExpired: _expired,
    domain.QuoteLinkMailAsked: _mail_asked,
}
