"""A house that sells: a manager, a representative, and everything that an administrator defines first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from deploy.demo.colleagues import Colleague, invite
from deploy.demo.external_app import ExternalApp
from deploy.demo.selling import definitions as defined

APPROVAL_OVER_PERCENT = "15"
REPRESENTATIVE = "sales_representative"
MANAGER = "sales_manager"


@dataclass(frozen=True, slots=True)
class House:
    """Who sells, and the ids of what was defined, by name."""

    admin: ExternalApp = field(repr=False)
    manager: Colleague
    seller: Colleague
    ids: dict[str, str]


def open_house(admin: ExternalApp) -> House:
    """Set everything up as the administrator, in a tenant that sells nothing yet."""
    roles = {one["key"]: one["id"] for one in admin.get("/v1/identity/roles")["items"]}
    invited = [
        invite(admin, name, [roles[role]])
        for name, role in (("Mei Chen", MANAGER), ("Ann Lin", REPRESENTATIVE))
    ]
    # The team before they sign in: a token says of which teams its user is.
    leads = invited[0].id
    team = {"name": "Machines", "manager_id": leads, "member_ids": [one.id for one in invited]}
    ids = {"team": _made(admin, "/v1/identity/teams", team)}
    manager, seller = (one.joined() for one in invited)
    admin.put("/v1/sales/currency-settings", {"base_currency": defined.BASE_CURRENCY})
    ids["pipeline"] = _made(admin, "/v1/sales/pipelines", defined.PIPELINE)
    playbook = {**defined.PLAYBOOK, "pipeline_id": ids["pipeline"]}
    ids["playbook"] = _made(admin, "/v1/sales/playbooks", playbook)
    rule = {
        "name": defined.label("The manager", "主管"),
        "over_percent": APPROVAL_OVER_PERCENT,
        "user_id": manager.id,
    }
    ids["approval_rule"] = _made(admin, "/v1/sales/quote-approval-rules", rule)
    admin.put("/v1/sales/letterhead", defined.LETTERHEAD)
    ids["web_form"] = _made(admin, "/v1/sales/web-forms", defined.WEB_FORM)
    company = {**defined.COMPANY, "owner_id": seller.id}
    ids["company"] = _made(admin, "/v1/contacts/companies", company)
    ids.update(_distribution(admin, seller))
    ids.update(_catalogue(admin))
    ids.update(_targets(admin, seller))
    return House(admin, manager, seller, ids)


def today() -> date:
    """The day by the universal clock."""
    return datetime.now(UTC).date()


def this_month() -> str:
    """The month by the universal clock, as periods are named."""
    return f"{today():%Y-%m}"


def _distribution(admin: ExternalApp, seller: Colleague) -> dict[str, str]:
    """Who gets which leads, and what leads are worth."""
    for rule in defined.SCORING:
        _made(admin, "/v1/sales/scoring-rules", rule)
    territory = {**defined.TERRITORY, "user_ids": [seller.id]}
    territory_id = _made(admin, "/v1/sales/territories", territory)
    rule = {**defined.ASSIGNMENT, "conditions": {"territory_ids": [territory_id]}}
    rule_id = _made(admin, "/v1/sales/assignment-rules", rule)
    return {"territory": territory_id, "assignment_rule": rule_id}


def _targets(admin: ExternalApp, seller: Colleague) -> dict[str, str]:
    """What the representative is to sell this month, and earns by it."""
    quota = {**defined.QUOTA, "user_id": seller.id, "period": this_month()}
    plan = {**defined.COMMISSION_PLAN, "participants": [{"user_id": seller.id}]}
    return {
        "quota": _made(admin, "/v1/sales/quotas", quota),
        "commission_plan": _made(admin, "/v1/sales/commission-plans", plan),
    }


def _catalogue(admin: ExternalApp) -> dict[str, str]:
    """The machine, what may be had with it, and what all of it costs."""
    products = "/v1/sales/products"
    ids = {key: _made(admin, products, body) for key, body in defined.OPTIONS.items()}
    bundle = {
        "options": [{"key": key, "product_id": ids[key], "most": 2} for key in defined.OPTIONS],
        "rules": defined.RULES,
    }
    ids["machine"] = _made(admin, products, {**defined.MACHINE, "bundle": bundle})
    ids["price_book"] = _made(admin, "/v1/sales/price-books", defined.PRICE_BOOK)
    prices = f"/v1/sales/price-books/{ids['price_book']}/prices"
    for key, price in defined.PRICES.items():
        tiers = [{"from_quantity": "1", "unit_price": price}]
        admin.put(f"{prices}/{ids[key]}", {"tiers": tiers})
    return ids


def _made(admin: ExternalApp, path: str, body: dict[str, Any]) -> str:
    return str(admin.post(path, body)["id"])
