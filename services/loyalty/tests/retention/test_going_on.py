"""What is added to what is kept of a customer is what their whole history says, in whatever order it is told."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.context import Caller
from chassis.storage.statements import Statement
from chassis.testing.client import ApiClient
from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.retention.operations import judge_people
from loyalty.transaction import LoyaltyTx
from services.loyalty.tests.befalling import befall, interaction, of_order, purchase
from services.loyalty.tests.builders import Loyalty, good

DEFINITION = "/v1/loyalty/retention-definition"
CUSTOMERS = "/v1/loyalty/customers"
START = datetime(2025, 1, 1, 12, tzinfo=UTC)
RULES: dict[str, Any] = {
    "cycles": {"coffee": 30, "machines": 100},
    "least_buyers": None,
    "own_from_purchases": 3,
    "drift_factor": "1.5",
    "lapse_factor": "3",
    "high_value": {"amount": "400", "currency": "TWD"},
    "time_zone": "Asia/Taipei",
    "signs": [
        {"kind": "interaction", "interaction_kind": "review", "weight": "0.5"},
        {"kind": "interaction", "interaction_kind": "visit", "weight": "1"},
    ],
}
KEPT = {
    "customers": Statement(
        "SELECT state, state_since, first_bought_at, last_bought_at, counted_from, drifts_at,"
        " lapses_at, purchases, category, cycle_days, cycle_source, turnover, currency, value_band,"
        " began_at, over_at FROM retention_customers"
        " WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
    ),
    "spells": Statement(
        "SELECT s.* FROM retention_spells s JOIN retention_customers c ON c.tenant_id = s.tenant_id"
        " AND c.id = s.customer_id WHERE c.tenant_id = %(tenant_id)s"
        " AND c.person_id = %(person_id)s ORDER BY s.began_at"
    ),
    "rhythms": Statement(
        "SELECT r.* FROM retention_rhythms r JOIN retention_customers c ON c.tenant_id = r.tenant_id"
        " AND c.id = r.customer_id WHERE c.tenant_id = %(tenant_id)s"
        " AND c.person_id = %(person_id)s ORDER BY r.category"
    ),
    "orders": Statement(
        "SELECT id, customer_id FROM retention_purchases WHERE tenant_id = %(tenant_id)s"
        " AND person_id = %(person_id)s ORDER BY id"
    ),
}


@pytest.fixture
def shop(loyalty: Loyalty) -> ApiClient:
    """An app of a tenant that says who is lost."""
    app = loyalty.app_client(loyalty.new_tenant(), "loyalty.*")
    good(app.put(DEFINITION, RULES))
    return app


def kept(loyalty: Loyalty, shop: ApiClient, person: UUID, *, anew: bool) -> dict[str, Any]:
    """What is kept of a customer, judged by their whole history before if asked."""

    def look(tx: LoyaltyTx) -> dict[str, Any]:
        if anew:
            judge_people(tx, person)
        about = {"tenant_id": tx.tenant_id, "person_id": person}
        return {name: tx.fetch_all(statement, about) for name, statement in KEPT.items()}

    return loyalty.service.operations.run(Caller(shop.tenant_id, "test"), look)


def history(chance: random.Random, person: UUID) -> list[Happening]:
    """Orders with a second delivery, returns and refunds now and then, and signs of life between."""
    told: list[Happening] = []
    at = START
    for number in range(14):
        at += timedelta(days=chance.choice((0, 3, 20, 20, 21, 70, 200)), hours=chance.randrange(20))
        order = {
            "order_id": uuid4(),
            "category": chance.choice(("coffee", "coffee", "machines", "")),
        }
        amount = chance.choice(("100", "150", "300"))
        told.append(purchase(person, at, amount, **order))
        later = at + timedelta(days=chance.choice((1, 30)))
        befalls = chance.choice(("nothing", "nothing", "more", "return", "part", "all"))
        if befalls == "more":
            told.append(purchase(person, later, "50", **order))
        elif befalls != "nothing":
            kind = (
                HappeningKind.ORDER_RETURNED
                if befalls == "return"
                else HappeningKind.ORDER_REFUNDED
            )
            back = "40" if befalls == "part" else amount
            why = {"reason": f"broken {number}"}
            told.append(of_order(kind, person, later, back, properties=why, **order))
        if chance.random() < 0.6:
            sign = chance.choice(("review", "visit", "other"))
            told.append(interaction(person, sign, at + timedelta(days=chance.randrange(150))))
    return told


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shuffled", [0, 3, 100])
def test_what_is_added_act_by_act_is_what_the_whole_history_says(
    loyalty: Loyalty, shop: ApiClient, seed: int, shuffled: int
) -> None:
    chance, person = random.Random(seed), uuid4()  # noqa: S311 - the same for each run
    told = sorted(history(chance, person), key=lambda one: one.happened_at)
    for _ in range(shuffled):  # some, or all, are told out of their order
        one = told.pop(chance.randrange(len(told)))
        told.insert(chance.randrange(len(told) + 1), one)
    for happening in told:
        befall(loyalty, shop, happening)
        added = kept(loyalty, shop, person, anew=False)
        assert added == kept(loyalty, shop, person, anew=True)


def test_what_comes_after_all_else_is_judged_without_what_came_before(
    loyalty: Loyalty, shop: ApiClient
) -> None:
    person = uuid4()
    befall(loyalty, shop, purchase(person, START))
    befall(loyalty, shop, interaction(person, "visit", START + timedelta(days=40)))
    ahead = kept(loyalty, shop, person, anew=False)["customers"][0]["counted_from"]
    assert ahead == START + timedelta(days=40)

    def lose_history(tx: LoyaltyTx) -> None:
        about = {"tenant_id": tx.tenant_id, "person_id": person}
        tx.write(_LOSE, about)

    loyalty.service.operations.run(Caller(shop.tenant_id, "test"), lose_history)
    befall(loyalty, shop, interaction(person, "review", START + timedelta(days=50)))
    assert kept(loyalty, shop, person, anew=False)["customers"][0]["counted_from"] == ahead
    # What comes out of order has all of it looked at, which the visit is no longer part of.
    befall(loyalty, shop, interaction(person, "review", START + timedelta(days=20)))
    counted = kept(loyalty, shop, person, anew=False)["customers"][0]["counted_from"]
    assert counted == START + timedelta(days=25)


def test_two_purchases_at_once_are_both_judged(loyalty: Loyalty, shop: ApiClient) -> None:
    person = uuid4()
    befall(loyalty, shop, purchase(person, START))
    both = [purchase(person, START + timedelta(days=days)) for days in (10, 20)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: befall(loyalty, shop, one), both))
    added = kept(loyalty, shop, person, anew=False)
    assert added["customers"][0]["purchases"] == 3
    assert added == kept(loyalty, shop, person, anew=True)


_LOSE = Statement(
    "UPDATE happenings SET person_id = NULL WHERE tenant_id = %(tenant_id)s"
    " AND person_id = %(person_id)s AND properties ->> 'interaction_kind' = 'visit'"
)
