"""How records of what a desk knows are made for the estate: articles, customers' things, contracts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.testing.client import ApiAnswer

_NAME = "Amphitrite"
"""The estate's mark."""
_SKU = "A-4711"


def _good(answer: ApiAnswer, path: str) -> ApiAnswer:
    """An answer that has to be a success."""
    assert answer.status_code in (200, 201, 204), f"{path}: {answer.text}"
    return answer


def _article(owned: Any) -> str:
    """An article that readers see, so that it has a first version."""
    owner, path = owned.owner("desk"), "/v1/desk/articles"
    said = {"key": "amphitrite", "language": "en", "title": _NAME, "body": _NAME}
    body = {**said, "section_id": owned.ids["article_section_id"]}
    article_id = str(_good(owner.post(path, body), path).json["id"])
    _good(owner.post(f"{path}/{article_id}/publish"), path)
    return article_id


def _feedback(owned: Any) -> str:
    """What a reader says of the article."""
    path = f"/v1/desk/articles/{owned.ids['article_id']}/feedback"
    said = {"visitor": _NAME, "helpful": True, "comment": _NAME, "language": "en"}
    return str(_good(owned.owner("desk").post(path, said), path).json["id"])


def _registration(owned: Any) -> str:
    """What the person says is theirs, which somebody has to look at."""
    path = "/v1/desk/asset-registrations"
    said = {"product_sku": _SKU, "serial_number": "R-1", "order_number": _NAME}
    body = {**said, "person_id": owned.ids["person_id"]}
    return str(_good(owned.owner("desk").post(path, body), path).json["id"])


def _entitlement(owned: Any) -> str:
    """A contract of the person that a ticket uses."""
    owner, path, tickets = owned.owner("desk"), "/v1/desk/entitlements", "/v1/desk/tickets"
    days = {"starts_on": "2020-01-01", "ends_on": "2190-12-31"}
    body = {"name": _NAME, "person_id": owned.ids["person_id"], **days}
    entitlement_id = str(_good(owner.post(path, body), path).json["id"])
    ticket = _good(owner.post(tickets, {"subject": _NAME}), tickets).json
    used = f"{path}/{entitlement_id}/uses/{ticket['id']}"
    _good(owner.put(used, {}), used)
    return entitlement_id


def knowing_recipes(posted: Callable[..., Any]) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; in this order."""
    return {
        "article_section_id": posted(
            "/v1/desk/article-sections", key="amphitrite", name={"en": _NAME}
        ),
        "article_id": _article,
        "article_feedback_id": _feedback,
        "asset_model_id": posted(
            "/v1/desk/asset-models", product_sku=_SKU, name=_NAME, registration="review"
        ),
        "asset_id": posted(
            "/v1/desk/assets",
            product_sku=_SKU,
            serial_number=_SKU,
            person_id=lambda owned: owned.ids["person_id"],
        ),
        "asset_registration_id": _registration,
        "service_product_id": posted("/v1/desk/service-products", sku="A-4712", name=_NAME),
        "entitlement_id": _entitlement,
        "language": lambda _: "en",
    }
