"""Reads quotes, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSON, JSONB

from chassis.domain import NotFound
from chassis.http.money import amount_out, decimal_out, money_out
from chassis.money import rounded, total
from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    date_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from sales.quote_offers.domain import QuoteLine
from sales.quotes.documents import (
    addressee_document,
    approval_document,
    items_document,
    offer_of,
)
from sales.quotes.domain import Quote, QuoteStatus
from sales.quotes.storage import base_total_of, quote_of, quotes

_columns = quotes.c
_LISTED = (
    "id",
    "version",
    "number",
    "revision",
    "status",
    "person_id",
    "company_id",
    "owner_id",
    "opportunity_id",
    "total",
    "valid_until",
    "order_id",
    "created_at",
    "updated_at",
    "sent_at",
    "answered_at",
)
_listed = sa.select(
    *(_columns[name] for name in (*_LISTED, "currency", "total_base", "base_currency"))
)
_all = sa.select(quotes)

QUOTES = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="-created_at",
    filters={
        "status": choice_filter(_columns.status, *QuoteStatus),
        "number": text_filter(_columns.number),
        "person_id": uuid_filter(_columns.person_id),
        "company_id": uuid_filter(_columns.company_id),
        "owner_id": uuid_filter(_columns.owner_id),
        "opportunity_id": uuid_filter(_columns.opportunity_id),
        "valid_until": date_filter(_columns.valid_until),
        "created_at": time_filter(_columns.created_at),
        "sent_at": time_filter(_columns.sent_at),
        "answered_at": time_filter(_columns.answered_at),
    },
)
AWAITING = ListSpec(
    key=_columns.id,
    sorts={"updated_at": _columns.updated_at},
    default_sort="updated_at",
    filters={
        "owner_id": uuid_filter(_columns.owner_id),
        "opportunity_id": uuid_filter(_columns.opportunity_id),
    },
)


def list_quotes(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of quotes."""
    base = _listed.where(_columns.tenant_id == reading.caller.tenant_id)
    base = reading.scope.narrow(base, _columns.owner_id)
    return listing.fetch(reading.connection, base, lambda row: _listed_of(row._mapping))


def list_awaiting(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of the quotes whose next step of approval the caller can take, whoever's they are."""
    base = _listed.where(_columns.tenant_id == reading.caller.tenant_id, _can_approve(reading))
    return listing.fetch(reading.connection, base, lambda row: _listed_of(row._mapping))


def get_quote(reading: Reading, quote_id: UUID) -> dict[str, Any]:
    """The quote as the API shows one. Raises `NotFound`."""
    return shown(within_reach(reading, quote_id))


def explain_quote(reading: Reading, quote_id: UUID) -> dict[str, Any]:
    """Where every price of a quote comes from. Raises `NotFound`."""
    quote = within_reach(reading, quote_id)
    return {
        "price_book_id": quote.offer.price_book_id,
        "priced_on": quote.offer.priced_on,
        "total": money_out(quote.total),
        "lines": [
            {
                "item": line.item,
                "option": line.option,
                "sku": line.sku,
                "total": f"{line.amounts.total:f}",
                "steps": [
                    {"step": one.step, "value": decimal_out(one.value), "because": one.because}
                    for one in line.steps
                ],
            }
            for line in quote.offer.lines
        ],
    }


def list_versions(reading: Reading, quote_id: UUID) -> dict[str, Any]:
    """All that went to the customer, the first one first. Raises `NotFound`."""
    within_reach(reading, quote_id)
    about = {"tenant_id": reading.caller.tenant_id, "quote_id": quote_id}
    return {
        "items": [
            {
                "revision": row["revision"],
                "total": amount_out(rounded(row["total"], row["currency"]), row["currency"]),
                "valid_until": row["valid_until"],
                "conditions": row["conditions"],
                "lines": [_line(line) for line in offer_of(row["offer"]).lines],
                "sent_at": row["sent_at"],
            }
            for row in reading.fetch_all(_VERSIONS, about)
        ]
    }


def find_quote(reading: Reading, quote_id: UUID) -> Quote | None:
    """The quote, whoever asks: for those whose right to see it is known otherwise."""
    statement = _all.where(_columns.tenant_id == reading.caller.tenant_id, _columns.id == quote_id)
    row = reading.connection.execute(statement).mappings().first()
    return None if row is None else quote_of(row)


def within_reach(reading: Reading, quote_id: UUID) -> Quote:
    """The quote, for whom it is within reach, and for those who approve it. Raises `NotFound`."""
    quote, caller = find_quote(reading, quote_id), reading.caller
    if quote is not None and (
        reading.scope.allows(quote.terms.owner_id)
        or quote.awaits(caller.user_id, caller.role_ids or ())
    ):
        return quote
    raise NotFound.of("quote", quote_id)


def shown(quote: Quote) -> dict[str, Any]:
    """A quote as the API shows one, without reading it back."""
    terms, offer, currency = quote.terms, quote.offer, quote.terms.currency
    sums = {
        name: money_out(total([getattr(one.amounts, name) for one in offer.lines], currency))
        for name in ("list_amount", "discount", "net", "tax", "total")
    }
    own = ("id", "version", "number", "revision", "status", "order_id", "answer", "accepted_by")
    times = ("created_at", "updated_at", "sent_at", "answered_at")
    of_terms = ("person_id", "company_id", "owner_id", "opportunity_id", "valid_until", "currency")
    words = ("channel", "branch", "conditions", "language")
    return {
        **{name: getattr(quote, name) for name in (*own, *times)},
        **{name: getattr(terms, name) for name in (*of_terms, *words)},
        **sums,
        "base_total": money_out(quote.base_total),
        "addressee": addressee_document(terms.addressee),
        "prices_include_tax": offer.prices_include_tax,
        "price_book_id": offer.price_book_id,
        "priced_on": offer.priced_on,
        "items": items_document(terms.items),
        "lines": [_line(line) for line in offer.lines],
        "approvals": [
            {**approval_document(one), "approved_at": one.approved_at} for one in quote.approvals
        ],
    }


def _line(line: QuoteLine) -> dict[str, Any]:
    plain = ("item", "option", "product_id", "sku", "name", "category")
    terms = ("quantity", "unit_price", "discount_percent", "tax_percent")
    amounts = ("list_amount", "discount", "net", "tax", "total")
    return {
        **{name: getattr(line, name) for name in plain},
        **{name: decimal_out(getattr(line.terms, name)) for name in terms},
        **{name: f"{getattr(line.amounts, name):f}" for name in amounts},
    }


def _can_approve(reading: Reading) -> sa.ColumnElement[bool]:
    """Whether the open step is for the caller, as `Quote.approve` has it: an app takes none."""
    user_id, role_ids = reading.caller.user_id, reading.caller.role_ids or ()
    if user_id is None:
        return sa.false()
    step = (
        sa.func.json_array_elements(_columns.approvals)
        .table_valued(sa.column("document", JSON), with_ordinality="place")
        .render_derived("step")
    )
    document, me = step.c.document, str(user_id)
    first = sa.select(document).where(document["approved_by"].astext.is_(None))
    awaited = first.order_by(step.c.place).limit(1).subquery("awaited").c.document
    for_me = sa.or_(
        awaited["user_id"].astext == me,
        awaited["deputy_id"].astext == me,
        awaited["role_id"].astext.in_([str(role_id) for role_id in role_ids]),
    )
    taken = sa.literal([{"approved_by": me}], JSONB)
    return sa.and_(
        _columns.status == QuoteStatus.IN_APPROVAL,
        _columns.submitted_by.is_distinct_from(user_id),
        sa.not_(sa.cast(_columns.approvals, JSONB).contains(taken)),
        sa.exists().where(for_me),
    )


def _listed_of(row: Mapping[Any, Any]) -> dict[str, Any]:
    quote = {name: row[_columns[name]] for name in _LISTED}
    currency = row[_columns.currency]
    total_out = amount_out(rounded(quote["total"], currency), currency)
    base = {name: row[_columns[name]] for name in ("total_base", "base_currency")}
    return {**quote, "total": total_out, "base_total": money_out(base_total_of(base))}


_VERSIONS = Statement(
    "SELECT revision, currency, total, valid_until, conditions, offer, sent_at"
    " FROM quote_versions WHERE tenant_id = %(tenant_id)s AND quote_id = %(quote_id)s"
    " ORDER BY revision"
)
