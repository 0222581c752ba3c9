"""Subscriptions of what was ordered, once, and whose they are when people merge or are erased."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.contacts.events.v1.person_events_pb2 import PersonErased, PersonMerged
from rapport.sales.events.v1 import product_events_pb2, subscription_events_pb2
from services.sales.tests.builders import (
    ORDERS,
    Sales,
    at_once,
    define_reason,
    facts,
    good,
    line,
    place,
    places,
    refused,
)
from services.sales.tests.catalogue import PRODUCTS, product
from services.sales.tests.subscribing import (
    SUBSCRIPTIONS,
    cancel_reason,
    now_of,
    path_of,
    subscribe,
)

FROM_ORDER = f"{SUBSCRIPTIONS}/from-order"
YEARLY = {"term_months": 12, "billing_months": 12, "notice_days": 30, "auto_renew": True}
MONTHLY = {"term_months": 12, "billing_months": 1, "notice_days": 0, "auto_renew": False}


def of_order(client: ApiClient, order: dict[str, Any]) -> list[dict[str, Any]]:
    """The subscriptions that an order has led to."""
    found = client.get(f"{SUBSCRIPTIONS}?order_id={order['id']}&sort=created_at").json["items"]
    return [now_of(client, one) for one in found]


def test_a_product_says_that_it_is_subscribed_to(sales: Sales, app: ApiClient) -> None:
    sold = product(app, subscription=YEARLY)
    assert sold["subscription"] == YEARLY
    assert app.get(f"{PRODUCTS}/{sold['id']}").json == sold
    odd = {**YEARLY, "billing_months": 7}
    answer = app.patch(f"{PRODUCTS}/{sold['id']}", {"subscription": odd})
    assert places(answer) == [("/subscription/billing_months", "billing_uneven")]
    plain = good(app.patch(f"{PRODUCTS}/{sold['id']}", {"subscription": None}))
    assert plain["subscription"] is None
    first, last = facts(sales, app, product_events_pb2.ProductDefined)
    assert (first.term_months, last.HasField("term_months")) == (12, False)


def test_when_all_is_delivered_one_begins_for_each_kind_of_terms(app: ApiClient) -> None:
    yearly, monthly, plain = (
        product(app, subscription=YEARLY),
        product(app, subscription=MONTHLY),
        product(app),
    )
    lines = [
        line("120", "2", product_id=yearly["id"], tax_percent="20"),
        line("7", product_id=monthly["id"]),
        line("1", product_id=plain["id"]),
        line("24", product_id=yearly["id"], tax_percent="20"),
    ]
    order = place(app, *lines, owner_id=str(UUID(int=9)))
    pieces = [{"line_id": order["lines"][2]["id"], "quantity": "1"}]
    good(app.post(f"{ORDERS}/{order['id']}/deliver", {"lines": pieces}))
    assert of_order(app, order) == []
    good(app.post(f"{ORDERS}/{order['id']}/deliver", {}))
    first, second = of_order(app, order)
    # 240 and 24 with a fifth of tax on top are 220 by the year without it.
    assert (first["period_amount"]["amount"], first["arr"]["amount"]) == ("220.00", "220.00")
    assert (first["mrr"]["amount"], first["notice_days"]) == ("18.33", 30)
    assert (second["mrr"]["amount"], second["auto_renew"]) == ("7.00", False)
    assert {first["person_id"], second["person_id"]} == {order["person_id"]}
    assert {first["owner_id"], second["owner_id"]} == {order["owner_id"]}


def test_what_is_begun_for_an_order_is_begun_once_whoever_does_so(
    sales: Sales, app: ApiClient
) -> None:
    sold = product(app, subscription=MONTHLY)
    order = place(app, line("50", product_id=sold["id"]))
    calls = [lambda: app.post(FROM_ORDER, {"order_id": order["id"]})] * 2
    deliver = f"{ORDERS}/{order['id']}/deliver"
    codes = at_once(*calls, lambda: app.post(deliver, {}))
    assert codes in ([200, 200, 409], [200, 409, 409])
    assert len(of_order(app, order)) == 1
    assert len(facts(sales, app, subscription_events_pb2.SubscriptionStarted)) == 1
    again = app.post(FROM_ORDER, {"order_id": order["id"]})
    assert refused(again) == (409, "order_subscribed")


def test_of_an_order_without_anything_to_subscribe_to_nothing_begins(app: ApiClient) -> None:
    order = place(app, line("50", product_id=product(app)["id"]))
    answer = app.post(FROM_ORDER, {"order_id": order["id"]})
    assert places(answer) == [("/order_id", "nothing_to_subscribe_to")]
    assert app.post(FROM_ORDER, {"order_id": str(uuid4())}).status_code == 404
    good(app.post(f"{ORDERS}/{order['id']}/deliver", {}))
    assert of_order(app, order) == []


def test_of_a_cancelled_order_nothing_begins(app: ApiClient) -> None:
    define_reason(app, "cancellation")
    order = place(app, line("50", product_id=product(app, subscription=MONTHLY)["id"]))
    good(app.post(f"{ORDERS}/{order['id']}/cancel", {"reason": "because"}))
    answer = app.post(FROM_ORDER, {"order_id": order["id"]})
    assert refused(answer) == (409, "order_cancelled")
    assert of_order(app, order) == []


def test_a_subscription_with_an_order_is_of_its_customer(app: ApiClient) -> None:
    order = place(app)
    one = subscribe(app, company_id=None, order_id=order["id"])
    assert (one["order_id"], one["person_id"]) == (order["id"], order["person_id"])


def test_it_follows_people_who_merge_and_forgets_those_who_are_erased(
    bus: Bus, app: ApiClient
) -> None:
    kept, gone, tenant = uuid4(), uuid4(), app.tenant_id
    assert tenant is not None
    one = subscribe(app, person_id=str(gone), company_id=None, name="Seats of Ann")
    body = {"reason": cancel_reason(app), "note": "Ann moves away"}
    good(app.post(path_of(one, "/cancel"), body))
    merge = PersonMerged(person_id=str(kept), merged_person_id=str(gone), merge_id=str(uuid4()))
    bus.say(merge, tenant, kept)
    eventually(lambda: now_of(app, one)["person_id"] == str(kept))
    bus.say(PersonErased(person_id=str(kept)), tenant, kept)
    eventually(lambda: now_of(app, one)["person_id"] is None)
    erased = now_of(app, one)
    assert (erased["name"], erased["cancellation"]["note"]) == ("Erased", "")
    assert erased["mrr"] == one["mrr"]
    assert good(app.patch(path_of(one), {"auto_renew": False}))["auto_renew"] is False
