"""How quotes are kept: one row each, and a row for each version that went to a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import Money, NotFound
from chassis.money import rounded
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement, json_text
from sales.quote_offers.domain import QuoteTerms
from sales.quotes.documents import (
    addressee_document,
    addressee_of,
    approval_document,
    approval_of,
    item_of,
    items_document,
    offer_document,
    offer_of,
)
from sales.quotes.domain import Quote, QuoteStatus

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")
_metadata = sa.MetaData()

quotes = sa.Table(
    "quotes",
    _metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("number", _word, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("status", _word, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("company_id", _uuid),
    sa.Column("owner_id", _uuid),
    sa.Column("opportunity_id", _uuid),
    sa.Column("channel", _word, nullable=False),
    sa.Column("branch", _word, nullable=False),
    sa.Column("currency", _word, nullable=False),
    sa.Column("discount", sa.Numeric(20, 4), nullable=False),
    sa.Column("total", sa.Numeric(20, 4), nullable=False),
    sa.Column("valid_until", sa.Date, nullable=False),
    sa.Column("conditions", sa.Text, nullable=False),
    sa.Column("language", _word, nullable=False),
    sa.Column("addressee", sa.JSON),
    sa.Column("items", sa.JSON, nullable=False),
    sa.Column("offer", sa.JSON, nullable=False),
    sa.Column("approvals", sa.JSON, nullable=False),
    sa.Column("submitted_by", _uuid),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("accepted_by", sa.Text, nullable=False),
    sa.Column("total_base", sa.Numeric(20, 4)),
    sa.Column("base_currency", _word),
    sa.Column("order_id", _uuid),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("sent_at", _time),
    sa.Column("answered_at", _time),
)
_TERMS = ("currency", "valid_until", "person_id", "company_id", "owner_id", "opportunity_id")
_WORDS = ("channel", "branch", "conditions", "language")
_OWN = ("number", "revision", "submitted_by", "answer", "accepted_by", "order_id")
_TIMES = ("created_at", "updated_at", "sent_at", "answered_at")


class QuotesRepository(Repository[Quote]):
    """Quotes for a change."""

    table = quotes
    kind = "quote"
    owner: ClassVar[str | None] = "owner_id"

    def next_number(self, year: int) -> str:
        """The next number of a year; whoever takes one at the same time waits for this commit."""
        row = self._tx.fetch_one(_NEXT, {"tenant_id": self._tx.tenant_id, "year": year})
        if row is None:
            raise RuntimeError("counting gave no number")
        return f"Q{year}-{row['last']:06}"

    def for_approver(self, quote_id: UUID) -> Quote:
        """The quote for one who approves it, whose own or team's it need not be.

        Raises `NotFound` when it is neither within reach nor theirs to approve.
        """
        caller = self._tx.caller
        for row in self._all([quote_id]):
            quote = self._aggregate(row)
            awaited = quote.awaits(caller.user_id, caller.role_ids or ())
            if awaited or self._tx.scope.allows(quote.terms.owner_id):
                return self._adopt(quote)
        raise NotFound.of(self.kind, quote_id)

    def waiting_for(self, approval_rule_id: UUID) -> Sequence[Quote]:
        """The quotes that wait for a step of a rule, whoever's they are."""
        step = [{"rule_id": str(approval_rule_id), "approved_by": None}]
        about = {"tenant_id": self._tx.tenant_id, "step": json_text(step)}
        ids = [row["id"] for row in self._tx.fetch_all(_WAITING, about)]
        return [self._adopt(self._aggregate(row)) for row in self._all(ids)]

    def keep_version(self, version_id: UUID, quote: Quote, letterhead: int | None) -> None:
        """Keep what goes to the customer as it is now, with the number of its letterhead."""
        self._tx.write(
            _KEEP,
            {
                "tenant_id": self._tx.tenant_id,
                "id": version_id,
                "quote_id": quote.id,
                "revision": quote.revision,
                "person_id": quote.terms.person_id,
                "currency": quote.terms.currency,
                "total": quote.total.amount,
                "valid_until": quote.terms.valid_until,
                "conditions": quote.terms.conditions,
                "language": quote.terms.language,
                "addressee": json_text(addressee_document(quote.terms.addressee)),
                "letterhead": letterhead,
                "offer": json_text(offer_document(quote.offer)),
                "sent_at": quote.sent_at,
            },
        )

    def _aggregate(self, row: sa.RowMapping) -> Quote:
        return quote_of(row)

    def _row(self, aggregate: Quote) -> dict[str, Any]:
        terms, base = aggregate.terms, aggregate.base_total
        return {
            **{name: getattr(terms, name) for name in (*_TERMS, *_WORDS)},
            "addressee": addressee_document(terms.addressee),
            **{name: getattr(aggregate, name) for name in _OWN},
            "status": aggregate.status,
            "discount": terms.discount,
            "total": aggregate.total.amount,
            "total_base": None if base is None else base.amount,
            "base_currency": None if base is None else base.currency,
            "items": items_document(terms.items),
            "offer": offer_document(aggregate.offer),
            "approvals": [approval_document(one) for one in aggregate.approvals],
            **{name: getattr(aggregate, name) for name in _TIMES},
        }


def quote_of(row: Mapping[str, Any] | sa.RowMapping) -> Quote:
    """The quote that a row of the table stands for."""
    return Quote(
        id=row["id"],
        version=row["version"],
        status=QuoteStatus(row["status"]),
        terms=QuoteTerms(
            **{name: row[name] for name in (*_TERMS, *_WORDS)},
            addressee=addressee_of(row["addressee"]),
            items=tuple(item_of(one) for one in row["items"]),
            discount=Decimal(row["discount"]),
        ),
        offer=offer_of(row["offer"]),
        approvals=tuple(approval_of(one) for one in row["approvals"]),
        base_total=base_total_of(row),
        **{name: row[name] for name in (*_OWN, *_TIMES)},
    )


def base_total_of(row: Mapping[str, Any] | sa.RowMapping) -> Money | None:
    """What a quote is worth in the base currency, as its row says."""
    amount, currency = row["total_base"], row["base_currency"]
    return None if amount is None else Money(rounded(amount, currency), currency)


_NEXT = Statement(
    "INSERT INTO quote_numbers AS n (tenant_id, year, last) VALUES (%(tenant_id)s, %(year)s, 1)"
    " ON CONFLICT (tenant_id, year) DO UPDATE SET last = n.last + 1 RETURNING last"
)
_WAITING = Statement(
    "SELECT id FROM quotes WHERE tenant_id = %(tenant_id)s AND status = 'in_approval'"
    " AND approvals::jsonb @> %(step)s::jsonb ORDER BY id"
)
_KEEP = Statement(
    "INSERT INTO quote_versions (tenant_id, id, quote_id, revision, person_id, currency, total,"
    " valid_until, conditions, language, addressee, letterhead, offer, sent_at) VALUES (%(tenant_id)s, %(id)s, %(quote_id)s,"
    " %(revision)s, %(person_id)s, %(currency)s, %(total)s, %(valid_until)s, %(conditions)s,"
    " %(language)s, %(addressee)s, %(letterhead)s, %(offer)s, %(sent_at)s)"
)
