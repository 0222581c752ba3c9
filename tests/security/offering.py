"""How records of what is offered are made for the estate: prices, quotes, orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.testing.client import ApiAnswer

from .forecasting import forecasting_recipes

_NAME = {"en": "Amphitrite"}
"""The estate's mark, as a name."""


def offering_recipes(
    posted: Callable[..., Any], good: Callable[[ApiAnswer, str], ApiAnswer]
) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; in this order."""

    def price_book(owned: Any) -> str:
        """A price book by which the product has a price."""
        owner, path = owned.owner("sales"), "/v1/sales/price-books"
        body = {"name": _NAME, "currency": "TWD", "valid_from": "2026-01-01"}
        taxes = {"standard": "5"}
        price_book_id = str(good(owner.post(path, {**body, "taxes": taxes}), path).json["id"])
        price = f"{path}/{price_book_id}/prices/{owned.ids['product_id']}"
        good(owner.put(price, {"tiers": [{"unit_price": "1"}]}), price)
        return price_book_id

    def rate(owned: Any) -> str:
        """A rate into the currency that the tenant adds up in."""
        owner, settings = owned.owner("sales"), "/v1/sales/currency-settings"
        good(owner.put(settings, {"base_currency": "TWD"}), settings)
        path = "/v1/sales/exchange-rates"
        body = {"currency": "USD", "rate": "31", "valid_from": "2026-01-01"}
        return str(good(owner.post(path, body), path).json["id"])

    return {
        "rate_id": rate,
        "product_id": posted("/v1/sales/products", sku="A-4711", name=_NAME),
        "price_book_id": price_book,
        "membership_id": posted(
            "/v1/sales/customer-group-members",
            group="wholesale",
            person_id=lambda owned: owned.ids["person_id"],
        ),
        "approval_rule_id": posted(
            "/v1/sales/quote-approval-rules",
            name=_NAME,
            over_percent="15",
            user_id=lambda owned: owned.ids["user_id"],
        ),
        **_approvals(posted, good),
        **_documents(posted),
        **forecasting_recipes(posted),
    }


def _approvals(
    posted: Callable[..., Any], good: Callable[[ApiAnswer, str], ApiAnswer]
) -> dict[str, Any]:
    def asked(owned: Any) -> str:
        """A request of the administrator's, since apps ask for nothing."""
        path, kind = "/v1/sales/approval-requests", owned.ids["approval_type_id"]
        body = {"approval_type_id": kind, "subject": _NAME["en"]}
        return str(good(owned.user("sales").post(path, body), path).json["id"])

    step = {"key": "lead", "name": _NAME, "approver": "user"}
    return {
        "approval_type_id": posted(
            "/v1/sales/approval-types",
            key="expense",
            name=_NAME,
            steps=lambda owned: [{**step, "user_id": owned.ids["user_id"]}],
        ),
        "approval_request_id": asked,
    }


def _documents(posted: Callable[..., Any]) -> dict[str, Any]:
    return {
        "quote_id": posted(
            "/v1/sales/quotes",
            person_id=lambda owned: owned.ids["person_id"],
            currency="TWD",
            valid_until="2999-12-31",
            conditions=_NAME["en"],
            items=lambda owned: [{"product_id": owned.ids["product_id"]}],
        ),
        "order_id": posted(
            "/v1/sales/orders",
            person_id=lambda owned: owned.ids["person_id"],
            currency="TWD",
            lines=[{"name": _NAME["en"], "unit_price": "1"}],
            external_ids=[{"system": "erp", "id": "A-4711"}],
        ),
        "subscription_id": posted(
            "/v1/sales/subscriptions",
            name=_NAME["en"],
            person_id=lambda owned: owned.ids["person_id"],
            currency="TWD",
            term_months=12,
            lines=[{"name": _NAME["en"], "unit_price": "1"}],
        ),
    }
