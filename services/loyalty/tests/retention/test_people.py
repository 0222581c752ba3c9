"""What is counted of people follows them: one who was two, two again, and one who is forgotten (LO-11, LO-12)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.contacts.events.v1.person_events_pb2 import (
    PersonErased,
    PersonMerged,
    PersonUnmerged,
)
from services.loyalty.tests.befalling import befall, interaction, purchase
from services.loyalty.tests.builders import Loyalty, good

CUSTOMERS = "/v1/loyalty/customers"
SCORES = "/v1/loyalty/engagement-scores"
RATES = "/v1/loyalty/retention-rates"


class Shop:
    """A tenant that keeps scores and says who is lost."""

    def __init__(self, loyalty: Loyalty, bus: Bus, app: ApiClient) -> None:
        self.loyalty, self.bus, self.app = loyalty, bus, app
        good(app.put("/v1/loyalty/engagement-scheme", {}))
        good(app.put("/v1/loyalty/retention-definition", {"own_from_purchases": None}))

    def tell(self, fact: Any) -> None:
        assert self.app.tenant_id is not None
        self.bus.say(fact, self.app.tenant_id, uuid4())
        eventually(self.bus.is_settled)

    def purchases(self, person: UUID) -> int | None:
        answer = self.app.get(f"{CUSTOMERS}/{person}")
        return None if answer.status_code == 404 else good(answer)["purchases"]

    def score(self, person: UUID) -> str | None:
        answer = self.app.get(f"{SCORES}/{person}")
        return None if answer.status_code == 404 else good(answer)["score"]


@pytest.fixture
def shop(loyalty: Loyalty, bus: Bus, app: ApiClient) -> Shop:
    return Shop(loyalty, bus, app)


def now(shop: Shop) -> Any:
    return shop.loyalty.service.clock.now()


def test_two_who_were_one_are_one_customer_with_one_score_and_come_apart_again(shop: Shop) -> None:
    kept, gone, merge = uuid4(), uuid4(), str(uuid4())
    done = [purchase(kept, now(shop)), *(purchase(gone, now(shop)) for _ in range(2))]
    befall(shop.loyalty, shop.app, *done, interaction(gone, "review", now(shop)))
    assert (shop.purchases(kept), shop.purchases(gone)) == (1, 2)
    about = {"person_id": str(kept), "merge_id": merge}
    shop.tell(PersonMerged(merged_person_id=str(gone), **about))
    assert (shop.purchases(kept), shop.purchases(gone)) == (3, None)
    assert (shop.score(kept), shop.score(gone)) == ("38.00", None)
    befall(shop.loyalty, shop.app, purchase(gone, now(shop)))  # by an id from before
    assert shop.purchases(kept) == 4
    shop.tell(PersonUnmerged(unmerged_person_id=str(gone), **about))
    assert (shop.purchases(kept), shop.purchases(gone)) == (2, 2)
    assert (shop.score(kept), shop.score(gone)) == ("20.00", "28.00")


def test_of_somebody_who_is_erased_figures_stay_and_nothing_else(shop: Shop) -> None:
    anna, at = uuid4(), now(shop)
    befall(shop.loyalty, shop.app, purchase(anna, at))
    shop.tell(PersonErased(person_id=str(anna)))
    assert (shop.purchases(anna), shop.score(anna)) == (None, None)
    assert good(shop.app.get(CUSTOMERS))["items"] == []
    assert good(shop.app.get(SCORES))["items"] == []
    (year,) = good(shop.app.get(f"{RATES}?by=year&first_on={at:%F}&last_on={at:%F}"))["items"]
    assert (year["new"], year["customers_at_end"]) == (1, 1)
