"""Sets quotas, and pays commissions, over REST as an app does."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.testing.client import ApiAnswer, ApiClient
from services.sales.tests.builders import ORDERS, define_reason, good, place
from services.sales.tests.forecasting import SalesForce, money

QUOTAS = "/v1/sales/quotas"
ATTAINMENTS = "/v1/sales/quota-attainments"
PLANS = "/v1/sales/commission-plans"
STATEMENTS = "/v1/sales/commission-statements"


def quota_of(user_id: UUID, amount: str | None = "1000", **more: Any) -> dict[str, Any]:
    """A target of what is won in January 2031."""
    target = {} if amount is None else {"amount": money(amount)}
    given = {"user_id": str(user_id), "period": "2031-01", "measure": "revenue_won", **target}
    return {**given, **more}


def plan_for(*people: UUID, **more: Any) -> dict[str, Any]:
    """A monthly plan on what is won, at 10 per cent, and half as much again above the quota."""
    return {
        "name": {"en": "Hunters", "zh-Hant": "開發業務"},
        "currency": "TWD",
        "frequency": "month",
        "basis": "won",
        "rate": "10",
        "tiers": [
            {"from_percent": "0", "multiplier": "1"},
            {"from_percent": "100", "multiplier": "1.5"},
        ],
        "valid_from": "2031-01-01",
        "participants": [{"user_id": str(one)} for one in people],
        **more,
    }


def define_plan(client: ApiClient, *people: UUID, **more: Any) -> dict[str, Any]:
    """A plan that is there."""
    return good(client.post(PLANS, plan_for(*people, **more)))


def close(client: ApiClient, plan: dict[str, Any], user_id: UUID, period: str) -> ApiAnswer:
    """Try to close a statement."""
    body = {"plan_id": plan["id"], "user_id": str(user_id), "period": period}
    return client.post(STATEMENTS, body)


def open_statement(
    client: ApiClient, plan: dict[str, Any], user_id: UUID, period: str
) -> ApiAnswer:
    """Ask for a statement as it would be closed now."""
    query = f"plan_id={plan['id']}&user_id={user_id}&period={period}"
    return client.get(f"{STATEMENTS}/open?{query}")


def lines(statement: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """The lines of a statement: their kind, the period they are about, what counts, what is owed."""
    return [
        (one["kind"], one["period"], one["credited"]["amount"], one["amount"]["amount"])
        for one in statement["lines"]
    ]


def deliver(
    force: SalesForce, owner: UUID, *priced: tuple[str, str], **more: Any
) -> dict[str, Any]:
    """An order of products by category and price, tax of 5 % within, that is delivered now."""
    products = [
        {"name": "Beans", "unit_price": price, "tax_percent": "5", "category": category}
        for category, price in priced
    ]
    order = place(force.app, *products, owner_id=str(owner), **more)
    return good(force.app.post(f"{ORDERS}/{order['id']}/deliver", {}))


def refund(force: SalesForce, order: dict[str, Any], amount: str) -> dict[str, Any]:
    """Some of an order's money is paid back now."""
    if not force.app.get("/v1/sales/reasons?kind=refund").json["items"]:
        define_reason(force.app, "refund", "late")
    body = {"reason": "late", "amount": money(amount)}
    return good(force.app.post(f"{ORDERS}/{order['id']}/refund", body))
