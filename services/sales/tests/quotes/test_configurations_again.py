"""What was configured once is held against the rules again before it leaves the house (SA-9, SA-10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import quote_events_pb2 as events
from services.sales.tests.builders import Sales, at_once, facts, good, lasting_app, places, refused
from services.sales.tests.catalogue import PRODUCTS, bundle, price_all, price_book, rule
from services.sales.tests.quoting import QUOTES, draft


class Shop:
    """A machine with a hose and a tank as options, quoted with the hose."""

    def __init__(self, client: ApiClient) -> None:
        self.client = client
        self.machine = bundle(client, {"hose": 2, "tank": 1})
        book = price_book(client)
        price_all(client, book, self.machine, "100")
        items = [{"product_id": self.machine["id"], "choices": [{"option": "hose"}]}]
        self.path = f"{QUOTES}/{draft(client, items=items)['id']}"

    def require_a_tank(self) -> Any:
        """Have hoses need a tank from now on."""
        options = self.machine["bundle"]["options"]
        needed = rule("hose_tank", "requires", "tank", when="hose")
        changed = {"bundle": {"options": options, "rules": [needed]}}
        return self.client.patch(f"{PRODUCTS}/{self.machine['id']}", changed)

    def act(self, verb: str) -> Any:
        """Try to do something to the quote."""
        return self.client.post(f"{self.path}/{verb}")


@pytest.fixture
def shop(app: ApiClient) -> Shop:
    """A shop in a tenant of its own."""
    return Shop(app)


def test_a_quote_that_breaks_a_rule_by_now_is_not_submitted_in_the_words_of_the_rule(
    shop: Shop, sales: Sales
) -> None:
    good(shop.require_a_tank())
    answer = shop.act("submit")
    assert refused(answer) == (409, "configuration_broken")
    assert places(answer) == [("/items/0/choices", "requires")]
    assert answer.json["errors"][0]["message"] == "hose_tank does not hold."
    assert "hose_tank does not hold." in answer.json["detail"]
    assert good(shop.client.get(shop.path))["status"] == "draft"
    assert facts(sales, shop.client, events.QuoteSubmitted) == []
    choices = [{"option": "hose"}, {"option": "tank"}]
    items = [{"product_id": shop.machine["id"], "choices": choices}]
    good(shop.client.patch(shop.path, {"items": items}))
    assert good(shop.act("submit"))["status"] == "approved"


def test_a_quote_that_was_approved_is_not_sent_when_it_breaks_a_rule_by_now(
    shop: Shop, sales: Sales
) -> None:
    good(shop.act("submit"))
    good(shop.require_a_tank())
    assert refused(shop.act("send")) == (409, "configuration_broken")
    assert facts(sales, shop.client, events.QuoteSent) == []
    assert good(shop.client.get(shop.path))["status"] == "approved"


def test_what_is_not_sold_any_more_is_not_sent(shop: Shop) -> None:
    good(shop.act("submit"))
    assert shop.client.delete(f"{PRODUCTS}/{shop.machine['id']}").status_code == 204
    answer = shop.act("send")
    assert places(answer) == [("/items/0/choices", "not_sold")]


def test_what_was_sent_can_be_accepted_whatever_the_rules_are_later(
    timed: Sales, clock: MovableClock
) -> None:
    shop = Shop(lasting_app(timed, clock))
    good(shop.act("submit"))
    good(shop.act("send"))
    clock.move(timedelta(days=30))
    good(shop.require_a_tank())
    assert good(shop.act("accept"))["status"] == "accepted"


def test_a_quote_sent_while_the_rules_change_was_valid_when_it_was_sent(shop: Shop) -> None:
    good(shop.act("submit"))
    codes = at_once(lambda: shop.act("send"), shop.require_a_tank)
    sent = good(shop.client.get(shop.path))["status"] == "sent"
    assert codes == ([200, 200] if sent else [200, 409])
    assert refused(shop.act("send")) == (409, "quote_status" if sent else "configuration_broken")
