"""Makes quotes over REST, as an app does."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from chassis.testing.client import ApiClient
from services.sales.tests.builders import good
from services.sales.tests.catalogue import price_all, price_book, product

QUOTES = "/v1/sales/quotes"
APPROVAL_RULES = "/v1/sales/quote-approval-rules"


def draft(client: ApiClient, sold: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A quote of one piece for a company; without a product that is sold, of a new one for 100."""
    if sold is None and "items" not in more:
        sold = product(client)
        price_all(client, price_book(client), sold, "100")
    body = {
        "company_id": str(uuid4()),
        "currency": "TWD",
        "valid_until": "2999-12-31",
        "items": [{"product_id": sold["id"]}] if sold else [],
        **more,
    }
    return good(client.post(QUOTES, body))


def sent(client: ApiClient, **more: Any) -> dict[str, Any]:
    """A quote that went to the customer, since no rule asks for an approval."""
    path = f"{QUOTES}/{draft(client, **more)['id']}"
    good(client.post(f"{path}/submit"))
    return good(client.post(f"{path}/send"))
