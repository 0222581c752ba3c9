"""What a quote asks for and offers, as JSON has it in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sales.document_lines.domain import LineAmounts, LineTerms
from sales.price_books.domain import PriceStep
from sales.quote_approvals.domain import Approvers
from sales.quote_offers.domain import Addressee, Offer, QuoteItem, QuoteLine
from sales.quotes.domain import Approval

TERMS = ("unit_price", "quantity", "discount_percent", "discount_amount", "tax_percent")
AMOUNTS = ("list_amount", "discount", "net", "tax", "total")


def items_document(items: tuple[QuoteItem, ...]) -> list[dict[str, Any]]:
    """What is asked for as JSON has it."""
    return [
        {
            "product_id": str(one.product_id),
            "quantity": f"{one.quantity:f}",
            "choices": [{"option": key, "quantity": pieces} for key, pieces in one.choices],
            "discount_percent": f"{one.discount_percent:f}",
        }
        for one in items
    ]


def item_of(document: Mapping[str, Any]) -> QuoteItem:
    """What a document asks for."""
    return QuoteItem(
        product_id=UUID(document["product_id"]),
        quantity=Decimal(document["quantity"]),
        choices=tuple((one["option"], one["quantity"]) for one in document["choices"]),
        discount_percent=Decimal(document["discount_percent"]),
    )


def offer_document(offer: Offer) -> dict[str, Any]:
    """An offer as JSON has it."""
    return {
        "price_book_id": str(offer.price_book_id),
        "prices_include_tax": offer.prices_include_tax,
        "priced_on": offer.priced_on.isoformat(),
        "lines": [line_document(line) for line in offer.lines],
    }


def line_document(line: QuoteLine) -> dict[str, Any]:
    """A line as JSON has it."""
    return {
        "item": line.item,
        "option": line.option,
        "product_id": str(line.product_id),
        "sku": line.sku,
        "name": dict(line.name),
        "category": line.category,
        "terms": {name: f"{getattr(line.terms, name):f}" for name in TERMS},
        "amounts": {name: f"{getattr(line.amounts, name):f}" for name in AMOUNTS},
        "steps": [
            {"step": one.step, "value": f"{one.value:f}", "because": one.because}
            for one in line.steps
        ],
    }


def offer_of(document: Mapping[str, Any]) -> Offer:
    """The offer that a document gives."""
    return Offer(
        price_book_id=UUID(document["price_book_id"]),
        prices_include_tax=document["prices_include_tax"],
        priced_on=date.fromisoformat(document["priced_on"]),
        lines=tuple(_line_of(one) for one in document["lines"]),
    )


def addressee_document(addressee: Addressee | None) -> dict[str, Any] | None:
    """Whom a quote is made out to as JSON has it."""
    return None if addressee is None else asdict(addressee)


def addressee_of(document: Mapping[str, Any] | None) -> Addressee | None:
    """Whom a document makes a quote out to."""
    return None if document is None else Addressee(**document)


def approval_document(one: Approval) -> dict[str, Any]:
    """A step of approval as JSON has it."""
    approvers = one.approvers
    ids = {
        "rule_id": one.rule_id,
        "role_id": approvers.role_id,
        "user_id": approvers.user_id,
        "deputy_id": approvers.deputy_id,
        "approved_by": one.approved_by,
    }
    return {
        **{name: None if value is None else str(value) for name, value in ids.items()},
        "name": dict(one.name),
        "manager": approvers.manager,
        "approved_at": None if one.approved_at is None else one.approved_at.isoformat(),
    }


def approval_of(document: Mapping[str, Any]) -> Approval:
    """The step that a document gives."""
    ids = {
        name: None if document[name] is None else UUID(document[name])
        for name in ("role_id", "user_id", "deputy_id", "approved_by")
    }
    at = document["approved_at"]
    return Approval(
        rule_id=UUID(document["rule_id"]),
        name=document["name"],
        approvers=Approvers(
            ids["role_id"],
            ids["user_id"],
            ids["deputy_id"],
            # What was submitted before managers were asked does not say it.
            manager=document.get("manager", False),
        ),
        approved_by=ids["approved_by"],
        approved_at=None if at is None else datetime.fromisoformat(at).astimezone(UTC),
    )


def _line_of(document: Mapping[str, Any]) -> QuoteLine:
    return QuoteLine(
        item=document["item"],
        option=document["option"],
        product_id=UUID(document["product_id"]),
        sku=document["sku"],
        name=document["name"],
        category=document["category"],
        terms=LineTerms(**{name: Decimal(document["terms"][name]) for name in TERMS}),
        amounts=LineAmounts(**{name: Decimal(document["amounts"][name]) for name in AMOUNTS}),
        steps=tuple(
            PriceStep(one["step"], Decimal(one["value"]), one["because"])
            for one in document["steps"]
        ),
    )
