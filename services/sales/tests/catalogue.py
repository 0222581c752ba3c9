"""Makes products and price books over REST, as an app does."""

from __future__ import annotations

from itertools import count
from typing import Any

from chassis.testing.client import ApiAnswer, ApiClient
from services.sales.tests.builders import good

PRODUCTS = "/v1/sales/products"
PRICE_BOOKS = "/v1/sales/price-books"
GROUPS = "/v1/sales/customer-group-members"
CHECK = "/v1/sales/configurations/check"
_numbers = count(1)


def product(client: ApiClient, **more: Any) -> dict[str, Any]:
    """A product with an article number of its own."""
    body = {"sku": f"A-{next(_numbers)}", "name": {"en": "Grinder", "zh-Hant": "磨豆機"}, **more}
    return good(client.post(PRODUCTS, body))


def rule(key: str, kind: str, *options: str, **more: Any) -> dict[str, Any]:
    """A rule with words of its own."""
    message = {"en": f"{key} does not hold.", "zh-Hant": f"不符合{key}。"}
    return {"key": key, "kind": kind, "options": list(options), "message": message, **more}


def bundle(
    client: ApiClient, options: dict[str, int], *rules: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """A product with new products as options, of which so many may be taken."""
    chosen_from = [
        {"key": key, "product_id": product(client)["id"], "most": most}
        for key, most in options.items()
    ]
    return product(client, bundle={"options": chosen_from, "rules": list(rules)}, **more)


def price_book(client: ApiClient, **more: Any) -> dict[str, Any]:
    """A price book that holds since long ago, with tax within its prices."""
    body = {
        "name": {"en": "List"},
        "currency": "TWD",
        "valid_from": "2020-01-01",
        "taxes": {"standard": "5"},
        **more,
    }
    return good(client.post(PRICE_BOOKS, body))


def put_price(
    client: ApiClient, book: dict[str, Any], product_id: str, *tiers: tuple[str, str]
) -> ApiAnswer:
    """Try to say what a product costs: unit prices from quantities on."""
    asked = [{"from_quantity": since, "unit_price": price} for since, price in tiers]
    return client.put(f"{PRICE_BOOKS}/{book['id']}/prices/{product_id}", {"tiers": asked})


def price_all(client: ApiClient, book: dict[str, Any], sold: dict[str, Any], price: str) -> None:
    """One price for a product and for each of its options."""
    options = sold["bundle"]["options"] if sold["bundle"] else []
    for product_id in (sold["id"], *(option["product_id"] for option in options)):
        good(put_price(client, book, product_id, ("1", price)))


def check(client: ApiClient, sold: dict[str, Any], *chosen: str, **more: Any) -> dict[str, Any]:
    """What the service says about a choice of one piece each."""
    choices = [{"option": key} for key in chosen]
    return good(client.post(CHECK, {"product_id": sold["id"], "choices": choices, **more}))
