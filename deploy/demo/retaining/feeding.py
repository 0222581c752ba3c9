"""Has CDNOW's customers be people in contacts, and what they bought be orders that were delivered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from deploy.demo.external_app import ExternalApp
from deploy.demo.retaining import cdnow
from deploy.demo.retaining.cdnow import Purchase

PEOPLE = "/v1/contacts/people/batch?upsert_by=cdnow"
ORDERS = "/v1/sales/orders"
CURRENCY = "TWD"
DOLLAR = Decimal(30)
"""What a dollar of 1997 is here, so that all the demonstration sells in one currency."""
SAMPLE = 300
"""So many customers take less than half a minute; all 2,357 take some minutes."""

Meet = Callable[[Mapping[str, str]], None]
_BATCH = 500
_AT_ONCE = 4
_CENT = Decimal("0.000001")
_KEYS = UUID("0b7c2f9e-54f4-4a55-9a43-3a0c6ac2c1a5")


@dataclass(frozen=True, slots=True)
class Fed:
    """The people, by their number at CDNOW; how many orders, and the days of the first and the last."""

    people: Mapping[str, str]
    orders: int
    first_on: date
    last_on: date


def feed_purchases(
    api: ExternalApp, *, today: date, customers: int = SAMPLE, meet: Meet = lambda _people: None
) -> Fed:
    """Enter people and their orders, as if the last of all purchases had been made yesterday.

    `meet` is told of the people, by their number at CDNOW, before they buy anything.

    Orders of a person are entered in the order in which they were made. Done twice on a day, it adds
    nothing. Raises `NoCdnowData`, `Refused`.
    """
    told = cdnow.histories(cdnow.read(cdnow.text_file()), customers)
    return feed(api, cdnow.until(today - cdnow.YESTERDAY, told, cdnow.ENDS), meet)


def feed(
    api: ExternalApp, told: Sequence[Sequence[Purchase]], meet: Meet = lambda _people: None
) -> Fed:
    """Enter people, have `meet` told of them, and enter their orders. Raises `Refused`."""
    people = _enter_people(api, [own[0].customer for own in told])
    meet(people)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        entered = sum(pool.map(lambda own: _sell(api, people[own[0].customer], own), told))
    days = [one.on for own in told for one in own]
    return Fed(people, entered, min(days), max(days))


def person(customer: str) -> dict[str, Any]:
    """What is entered of a customer; the file has no names."""
    return {
        "given_name": "Customer",
        "family_name": customer,
        "source": "CDNOW",
        "lifecycle_stage": "customer",
        "external_ids": [{"system": "cdnow", "id": customer}],
    }


def order(person_id: str, place: int, purchase: Purchase) -> dict[str, Any]:
    """A purchase as a confirmed order, at noon by the universal clock; amounts include the tax."""
    total = purchase.dollars * DOLLAR
    return {
        "person_id": person_id,
        "currency": CURRENCY,
        "channel": "web",
        "confirmed": True,
        "placed_at": _noon(purchase),
        "external_ids": [{"system": "cdnow", "id": f"{purchase.customer}-{place}"}],
        "lines": [
            {
                "name": "Compact discs",
                "sku": "CD",
                "category": "music",
                "quantity": str(purchase.discs),
                "unit_price": f"{(total / purchase.discs).quantize(_CENT):f}",
            }
        ],
    }


def _enter_people(api: ExternalApp, customers: Sequence[str]) -> dict[str, str]:
    people: dict[str, str] = {}
    for start in range(0, len(customers), _BATCH):
        some = customers[start : start + _BATCH]
        body = {"atomic": True, "items": [person(customer) for customer in some]}
        answer = api.post(PEOPLE, body)
        for customer, item in zip(some, answer["items"], strict=True):
            people[customer] = item["id"]
    return people


def _sell(api: ExternalApp, person_id: str, own: Sequence[Purchase]) -> int:
    for place, purchase in enumerate(own, 1):
        key = str(uuid5(_KEYS, f"{person_id} {place} {purchase.on}"))
        placed = api.post(ORDERS, order(person_id, place, purchase), key=key)
        delivered_at = {"delivered_at": _noon(purchase)}
        api.post(f"{ORDERS}/{placed['id']}/deliver", delivered_at, key=key)
    return len(own)


def _noon(purchase: Purchase) -> str:
    return f"{purchase.on.isoformat()}T12:00:00Z"
