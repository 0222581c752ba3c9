"""After the signature: what comes back, what is counted, what managers see, and how colleagues work together."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.demo.external_app import ExternalApp
from deploy.demo.selling import definitions as defined
from deploy.demo.selling.house import open_house, this_month, today
from deploy.demo.selling.sale import ACTIVITIES, LEADS, ORDERS, Sale
from deploy.demo.selling.visitor import Visitor

from .world import World, soon

PATIENCE = 20
"""Seconds that a fact may take to be counted."""


@pytest.fixture(scope="module")
def sale(world: World) -> Sale:
    """Two machines that were sold and handed over, in a tenant of these tests' own."""
    sold = Sale(open_house(world.organisation().admin), Visitor(world.gateway))
    for step in (sold.captured, sold.call, sold.qualify, sold.convert):
        step()
    sold.involve("decider")
    sold.move("offer")
    quote = sold.offer(2, "18", "grinder", "filter")
    sold.approve()
    sold.expect(quote["net"])
    assert sold.customer.accept(sold.send(), "王小明") == 200
    sold.deliver()
    return sold


def refusal(app: ExternalApp, path: str, body: Any = None) -> tuple[int, str]:
    """Status and code of what is refused."""
    answer = app.ask("POST", path, json=body)
    return answer.status, answer.json.get("code", "")


def test_what_was_sold_comes_back_and_what_was_kept_of_the_forecast_stays(sale: Sale) -> None:
    kept = _kept(sale)
    order = f"{ORDERS}/{sale.ids['order']}"
    machine = next(one for one in sale.seller.get(order)["lines"] if one["sku"] == "EM-2")
    back = {"lines": [{"line_id": machine["id"], "quantity": "1"}], "reason": "defective"}
    returned = sale.seller.post(f"{order}/return", back)["returns"][0]
    # One of two machines for 309,960 together, tax included.
    refund = {"return_id": returned["id"], "reason": "goodwill"}
    assert refusal(sale.seller, f"{order}/refund", refund) == (403, "permission_missing")
    refunded = sale.house.manager.app.post(f"{order}/refund", refund)
    assert [one["amount"]["amount"] for one in refunded["refunds"]] == ["154980.00"]
    again = refusal(sale.house.manager.app, f"{order}/refund", refund)
    assert again[0] == 422, "the return was paid back in full"
    assert sale.house.manager.app.get(f"/v1/sales/forecast-snapshots/{kept['id']}") == kept


def _kept(sale: Sale) -> dict[str, Any]:
    """The forecast of the month, as the manager sees and keeps it."""
    expected = {
        "user_id": sale.house.seller.id,
        "period": this_month(),
        "figure": "commit",
        "amount": {"amount": "400000", "currency": defined.BASE_CURRENCY},
        "reason": "They will take a third machine.",
    }
    adjustments = "/v1/sales/forecast-adjustments"
    assert refusal(sale.seller, adjustments, expected) == (403, "permission_missing")
    sale.house.manager.app.post(adjustments, expected)
    forecast = sale.forecast()
    assert forecast["commit"]["amount"] == "357520.00"
    assert forecast["adjusted"]["commit"]["amount"] == "400000.00"
    snapshots = "/v1/sales/forecast-snapshots"
    made = sale.house.manager.app.post(snapshots, {"period": this_month()})
    kept: dict[str, Any] = sale.house.manager.app.get(f"{snapshots}/{made['id']}")
    return kept


def test_a_month_is_counted_reported_and_not_closed_before_it_is_over(sale: Sale) -> None:
    (report,) = sale.seller.get("/v1/sales/daily-reports", on=today().isoformat())["items"]
    assert (report["completed"], report["minutes"]) == ({"call": 1}, 12)
    outcomes = "/v1/sales/analytics/outcomes"
    asked = {"period": this_month(), "by": "source"}
    soon(lambda: sale.seller.get(outcomes, **asked)["total"]["won"] == 1, PATIENCE, "it is counted")
    (group,) = sale.seller.get(outcomes, **asked)["groups"]
    assert (group["key"], group["average_deal"]["amount"]) == ("web_form", "357520.00")
    recount = sale.house.admin.get("/v1/sales/analytics/recount")
    assert [one["differing"] for one in recount["items"]] == [0] * len(recount["items"])
    statement = {
        "plan_id": sale.house.ids["commission_plan"],
        "user_id": sale.house.seller.id,
        "period": this_month(),
    }
    statements = "/v1/sales/commission-statements"
    assert refusal(sale.seller, statements, statement) == (403, "permission_missing")
    assert refusal(sale.house.manager.app, statements, statement)[0] == 409


def test_colleagues_talk_about_an_opportunity_and_ask_for_money(sale: Sale) -> None:
    manager, comments = sale.house.manager, f"{sale.opportunity}/comments"
    said = {"text": "They want a third machine in spring.", "mentions": [manager.id]}
    assert refusal(sale.seller, comments, said)[0] == 422, "who is not on it cannot be mentioned"
    sale.seller.put(f"{sale.opportunity}/members/{manager.id}", {"role": "sponsor"})
    sale.seller.post(comments, said)
    assert [one["text"] for one in manager.app.get(comments)["items"]] == [said["text"]]
    kind = sale.house.admin.post("/v1/sales/approval-types", _EXPENSE)
    requests, amount = "/v1/sales/approval-requests", {"amount": "8000", "currency": "TWD"}
    body = {"approval_type_id": kind["id"], "subject": "A tasting", "amount": amount}
    request = sale.seller.post(requests, body)
    path = f"{requests}/{request['id']}"
    assert refusal(sale.seller, f"{path}/approve", {})[0] == 403
    awaiting = manager.app.get(f"{requests}/awaiting-me")["items"]
    assert [one["id"] for one in awaiting] == [request["id"]]
    assert manager.app.post(f"{path}/approve", {"comment": "Enjoy."})["status"] == "approved"


_EXPENSE: dict[str, Any] = {
    "key": "expense",
    "name": defined.label("Expense", "費用"),
    "steps": [{"key": "boss", "name": defined.label("Manager", "主管"), "approver": "manager"}],
}


def test_a_lead_of_nobodys_territory_waits_for_whoever_claims_it_first(sale: Sale) -> None:
    body = {"family_name": "Sato", "email": "sato@kyoto.example", "country": "JP"}
    lead = sale.house.admin.post(LEADS, body)
    assert lead["owner_id"] is None
    pool = sale.seller.get(f"{LEADS}/pool")["items"]
    assert [one["id"] for one in pool] == [lead["id"]]
    assert sale.seller.post(f"{LEADS}/{lead['id']}/claim")["owner_id"] == sale.house.seller.id
    assert refusal(sale.house.manager.app, f"{LEADS}/{lead['id']}/claim")[0] in (404, 409)
    stale = sale.seller.get(f"{LEADS}/going-stale", within_days=31)["items"]
    assert [one["id"] for one in stale] == [lead["id"]]
    assert sale.seller.get(f"{LEADS}/going-stale", within_days=1)["items"] == []
    task = {"kind": "task", "subject": "Write", "lead_id": lead["id"]}
    assert sale.seller.post(ACTIVITIES, task)["owner_id"] == sale.house.seller.id
