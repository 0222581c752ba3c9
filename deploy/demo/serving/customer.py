"""A customer who owns a machine: entered as a person, a member of the club, with an order that was delivered."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from deploy.demo.belonging.club import Club
from deploy.demo.belonging.membership import MEMBERS, ORDERS, PEOPLE, once
from deploy.demo.external_app import ExternalApp
from deploy.demo.serving import definitions as defined
from deploy.demo.serving.post import Correspondent, Post

ASSETS = "/v1/desk/assets"


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who has bought a machine, and what is known by now: ids by name."""

    mail: Correspondent
    ids: dict[str, str]


def sell_a_machine(club: Club, post: Post) -> Owner:
    """Sell a machine to a new member and hand it over; gives whom, once all have heard of it."""
    admin = club.admin
    address = f"mei-{secrets.token_hex(4)}@home.example"
    person = {
        "given_name": "雅婷",
        "family_name": "周",
        "language": "zh-Hant",
        "time_zone": "Asia/Taipei",
        "emails": [{"address": address}],
    }
    ids = {"person": str(admin.post(PEOPLE, person)["id"])}
    member = {"person_id": ids["person"], "program_id": club.ids["program"]}
    ids["member"] = str(admin.post(MEMBERS, member)["id"])
    ids["order"] = _delivered(admin, ids["person"])
    asset = once(
        lambda: list(admin.get(ASSETS, person_id=ids["person"])["items"]), bool, "the machine"
    )[0]
    ids["asset"] = asset["id"]
    once(
        lambda: dict(admin.get(f"{MEMBERS}/{ids['member']}/tier")),
        lambda told: (told["tier"] or {}).get("key") == "gold",
        "the tier gold",
    )
    return Owner(Correspondent("周雅婷", address, post), ids)


def _delivered(admin: ExternalApp, person_id: str) -> str:
    """An order of one machine, handed over with its serial number."""
    now = datetime.now(UTC).isoformat()
    body: dict[str, Any] = {
        "person_id": person_id,
        "currency": defined.CURRENCY,
        "channel": "store",
        "confirmed": True,
        "placed_at": now,
        "lines": [{"name": defined.MODEL["name"], "sku": defined.SKU, "unit_price": defined.PRICE}],
    }
    order = admin.post(ORDERS, body)
    piece = {
        "line_id": order["lines"][0]["id"],
        "quantity": "1",
        "serial_numbers": [defined.SERIAL],
    }
    path = f"{ORDERS}/{order['id']}/deliver"
    admin.post(path, {"lines": [piece], "delivered_at": now})
    return str(order["id"])
