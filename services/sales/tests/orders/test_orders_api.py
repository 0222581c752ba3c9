"""Orders over REST: placed, delivered in parts, returned, refunded, and what is refused on the way."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import order_events_pb2 as events
from services.sales.tests.builders import (
    ORDERS,
    Sales,
    at_once,
    define_reason,
    facts,
    good,
    lasting_app,
    line,
    place,
    places,
    refused,
)


def test_listing_needs_a_token(sales: Sales) -> None:
    assert refused(sales.anonymous().get(ORDERS)) == (401, "token_missing")


def test_who_may_write_orders_may_not_pay_money_back(sales: Sales) -> None:
    clerk = sales.app_client(sales.new_tenant(), "sales.orders.read", "sales.orders.write")
    order = place(clerk)
    answer = clerk.post(f"{ORDERS}/{order['id']}/refund", {"reason": "x", "return_id": None})
    assert answer.status_code == 403


def test_another_tenants_are_invisible(sales: Sales, app: ApiClient) -> None:
    order = place(app)
    stranger = sales.app_client(sales.new_tenant())
    assert stranger.get(ORDERS).json["items"] == []
    assert stranger.get(f"{ORDERS}/{order['id']}").status_code == 404
    assert stranger.post(f"{ORDERS}/{order['id']}/deliver", {}).status_code == 404


def test_reach_decides_whose_are_seen(sales: Sales) -> None:
    tenant = sales.new_tenant()
    grants = {"sales.orders.read": "own", "sales.orders.write": "own"}
    mine, other = (sales.user_client(tenant, grants, user_id=uuid4()) for _ in range(2))
    order = place(mine)
    assert [one["id"] for one in mine.get(ORDERS).json["items"]] == [order["id"]]
    assert other.get(ORDERS).json["items"] == []
    assert other.get(f"{ORDERS}/{order['id']}").status_code == 404
    assert other.post(f"{ORDERS}/{order['id']}/deliver", {}).status_code == 404


def test_what_was_placed_is_answered_read_and_listed_alike(app: ApiClient) -> None:
    order = place(app, line("105", "2", tax_percent="5", sku="B-1", category="coffee"))
    assert app.get(f"{ORDERS}/{order['id']}").json == order
    (listed,) = app.get(ORDERS).json["items"]
    assert listed == {name: order[name] for name in listed}
    assert order["net"] == {"amount": "200.00", "currency": "TWD"}
    assert order["tax"]["amount"] == "10.00"
    assert order["total"]["amount"] == "210.00"


def test_a_discount_on_the_whole_is_shared_out_to_the_minor_unit(app: ApiClient) -> None:
    order = place(app, line("33"), line("33"), line("34"), currency="JPY", discount="10")
    assert [one["total"] for one in order["lines"]] == ["30", "30", "30"]
    assert order["total"]["amount"] == "90"


def test_numbers_follow_each_other(app: ApiClient) -> None:
    years_and_numbers = [place(app)["number"].split("-") for _ in range(3)]
    assert [number for _, number in years_and_numbers] == ["000001", "000002", "000003"]


def test_orders_that_are_placed_at_the_same_time_get_different_numbers(app: ApiClient) -> None:
    body = {"company_id": str(uuid4()), "currency": "TWD", "lines": [line("1")]}
    assert at_once(*[lambda: app.post(ORDERS, body)] * 4) == [201] * 4
    numbers = {one["number"] for one in app.get(ORDERS).json["items"]}
    assert len(numbers) == 4


def test_an_order_of_nobody_is_refused(app: ApiClient) -> None:
    answer = app.post(ORDERS, {"currency": "TWD", "lines": [line("1")]})
    assert places(answer) == [("/person_id", "customer_missing")]


def test_every_line_that_cannot_be_is_named(app: ApiClient) -> None:
    lines = [line("1", "0"), line("1"), line("1", discount_amount="0.001")]
    answer = app.post(ORDERS, {"person_id": str(uuid4()), "currency": "TWD", "lines": lines})
    assert places(answer) == [
        ("/lines/0/quantity", "quantity_missing"),
        ("/lines/2/discount_amount/amount", "amount_too_fine"),
    ]


def test_a_currency_that_there_is_not_is_refused(app: ApiClient) -> None:
    body = {"person_id": str(uuid4()), "currency": "DEM", "lines": [line("1")]}
    assert app.post(ORDERS, body).status_code == 422


def test_an_order_is_delivered_in_parts_that_add_up(sales: Sales, app: ApiClient) -> None:
    order = place(app, line("33.35", "3", tax_percent="5", category="coffee"), channel="web")
    path, line_id = f"{ORDERS}/{order['id']}/deliver", order["lines"][0]["id"]
    first = good(
        app.post(
            path, {"lines": [{"line_id": line_id, "quantity": "2", "serial_numbers": ["a", "b"]}]}
        )
    )
    assert (first["status"], first["lines"][0]["delivered"]) == ("partly_delivered", "2")
    assert good(app.post(path, {}))["status"] == "delivered"
    told = facts(sales, app, events.OrderDelivered)
    assert [(one.lines[0].quantity, one.complete) for one in told] == [("2", False), ("1", True)]
    assert list(told[0].lines[0].serial_numbers) == ["a", "b"]
    assert sum(Decimal(one.total.amount) for one in told) == Decimal(order["total"]["amount"])
    assert sum(Decimal(one.net.amount) for one in told) == Decimal(order["net"]["amount"])
    assert {(one.order.channel, one.lines[0].category) for one in told} == {("web", "coffee")}


def test_more_than_is_left_cannot_be_delivered(app: ApiClient) -> None:
    order = place(app, line("1", "3"))
    pieces = [{"line_id": order["lines"][0]["id"], "quantity": "4"}]
    answer = app.post(f"{ORDERS}/{order['id']}/deliver", {"lines": pieces})
    assert places(answer) == [("/lines/0/quantity", "quantity_undeliverable")]


def test_serial_numbers_go_with_the_quantity(app: ApiClient) -> None:
    order = place(app)
    pieces = [{"line_id": order["lines"][0]["id"], "quantity": "3", "serial_numbers": ["one"]}]
    answer = app.post(f"{ORDERS}/{order['id']}/deliver", {"lines": pieces})
    assert places(answer) == [("/lines/0/serial_numbers", "serial_numbers_differ")]


def test_two_who_deliver_the_last_piece_at_the_same_time_deliver_it_once(app: ApiClient) -> None:
    order = place(app, line("1", "1"))
    pieces = {"lines": [{"line_id": order["lines"][0]["id"], "quantity": "1"}]}
    path = f"{ORDERS}/{order['id']}/deliver"
    assert at_once(*[lambda: app.post(path, pieces)] * 2) == [200, 422]
    assert len(app.get(f"{ORDERS}/{order['id']}").json["deliveries"]) == 1


def test_what_is_not_confirmed_is_not_delivered(app: ApiClient) -> None:
    order = place(app, confirmed=False)
    path = f"{ORDERS}/{order['id']}"
    assert refused(app.post(f"{path}/deliver", {})) == (409, "order_not_confirmed")
    assert good(app.post(f"{path}/confirm"))["status"] == "confirmed"
    assert good(app.post(f"{path}/deliver", {}))["status"] == "delivered"


def test_goods_come_back_and_are_paid_back_by_their_return(sales: Sales, app: ApiClient) -> None:
    define_reason(app, "return"), define_reason(app, "refund")
    order = place(app, line("100", "3"), line("50"))
    path, line_id = f"{ORDERS}/{order['id']}", order["lines"][0]["id"]
    good(app.post(f"{path}/deliver", {}))
    back = {"lines": [{"line_id": line_id, "quantity": "2"}], "reason": "because"}
    returned = good(app.post(f"{path}/return", back))
    return_id = returned["returns"][0]["id"]
    refunded = good(app.post(f"{path}/refund", {"reason": "because", "return_id": return_id}))
    assert refunded["refunded"]["amount"] == "200.00"
    assert [one["refunded"] for one in refunded["lines"]] == ["200.00", "0.00"]
    (told,) = facts(sales, app, events.OrderRefunded)
    assert (told.total.amount, told.refunded_so_far.amount) == ("200.00", "200.00")
    assert [(one.line_id, one.total.amount) for one in told.lines] == [(line_id, "200.00")]
    (came_back,) = facts(sales, app, events.OrderReturned)
    assert (came_back.reason, came_back.lines[0].quantity) == ("because", "2")


def test_a_return_is_paid_back_once_however_it_is_asked_for(app: ApiClient) -> None:
    define_reason(app, "return"), define_reason(app, "refund")
    order = place(app, line("100", "3"), line("50"))
    path, (line_id, other) = f"{ORDERS}/{order['id']}", [one["id"] for one in order["lines"]]
    good(app.post(f"{path}/deliver", {}))
    back = {"lines": [{"line_id": line_id, "quantity": "1"}], "reason": "because"}
    asked = {"reason": "because", "return_id": None}
    asked["return_id"] = good(app.post(f"{path}/return", back))["returns"][0]["id"]
    over = {"amount": {"amount": "100.01", "currency": "TWD"}}
    assert refused(app.post(f"{path}/refund", {**asked, **over})) == (409, "refund_too_large")
    for one, amount in ((line_id, "101"), (other, "1")):
        by_line = {"lines": [{"line_id": one, "amount": amount}]}
        assert refused(app.post(f"{path}/refund", {**asked, **by_line})) == (
            409,
            "refund_too_large",
        )
    some = {"amount": {"amount": "30", "currency": "TWD"}}
    partly = good(app.post(f"{path}/refund", {**asked, **some}))
    assert [one["refunded"] for one in partly["lines"]] == ["30.00", "0.00"]
    most = {"amount": {"amount": "70", "currency": "TWD"}}
    assert at_once(*[lambda: app.post(f"{path}/refund", {**asked, **most})] * 2) == [200, 409]
    assert places(app.post(f"{path}/refund", asked)) == [("/amount", "refund_of_nothing")]
    assert app.get(path).json["refunded"]["amount"] == "100.00"


def test_more_than_was_delivered_does_not_come_back(app: ApiClient) -> None:
    define_reason(app, "return")
    order = place(app, line("100", "3"))
    path = f"{ORDERS}/{order['id']}"
    pieces = [{"line_id": order["lines"][0]["id"], "quantity": "1"}]
    good(app.post(f"{path}/deliver", {"lines": pieces}))
    back = {"lines": [{**pieces[0], "quantity": "2"}], "reason": "because"}
    assert places(app.post(f"{path}/return", back)) == [("/lines/0/quantity", "quantity_not_out")]


@pytest.mark.parametrize(
    ("kind", "action", "more"),
    [
        ("return", "return", {"lines": [{"line_id": str(uuid4()), "quantity": "1"}]}),
        ("refund", "refund", {"amount": {"amount": "1", "currency": "TWD"}}),
        ("cancellation", "cancel", {}),
    ],
)
def test_a_reason_that_the_tenant_does_not_know_is_refused(
    app: ApiClient, kind: str, action: str, more: dict[str, object]
) -> None:
    reason = define_reason(app, kind)
    path = f"{ORDERS}/{place(app)['id']}/{action}"
    answer = app.post(path, {"reason": "no_such", **more})
    assert places(answer) == [("/reason", "reason_unknown")]
    assert app.delete(f"/v1/sales/reasons/{reason['id']}").status_code == 204
    answer = app.post(path, {"reason": "because", **more})
    assert places(answer) == [("/reason", "reason_archived")]


def test_no_more_is_paid_back_than_was_paid(app: ApiClient) -> None:
    define_reason(app, "refund")
    order = place(app, line("100"), line("50"))
    path = f"{ORDERS}/{order['id']}/refund"
    most = {"amount": {"amount": "150.00", "currency": "TWD"}, "reason": "because"}
    over = {**most, "amount": {"amount": "150.01", "currency": "TWD"}}
    assert refused(app.post(path, over)) == (409, "refund_too_large")
    by_line = {"lines": [{"line_id": order["lines"][1]["id"], "amount": "51"}], "reason": "because"}
    assert refused(app.post(path, by_line)) == (409, "refund_too_large")
    assert at_once(*[lambda: app.post(path, most)] * 2) == [200, 409]
    assert app.get(f"{ORDERS}/{order['id']}").json["refunded"]["amount"] == "150.00"


def test_another_currency_is_not_paid_back(app: ApiClient) -> None:
    define_reason(app, "refund")
    path = f"{ORDERS}/{place(app)['id']}/refund"
    body = {"amount": {"amount": "1", "currency": "USD"}, "reason": "because"}
    assert places(app.post(path, body)) == [("/amount/currency", "currency_differs")]


def test_what_was_delivered_cannot_be_called_off(app: ApiClient) -> None:
    define_reason(app, "cancellation")
    body = {"reason": "because"}
    open_one, delivered = (f"{ORDERS}/{place(app)['id']}" for _ in range(2))
    good(app.post(f"{delivered}/deliver", {}))
    assert refused(app.post(f"{delivered}/cancel", body)) == (409, "order_delivered")
    assert good(app.post(f"{open_one}/cancel", body))["status"] == "cancelled"
    assert refused(app.post(f"{open_one}/deliver", {})) == (409, "order_cancelled")


def test_a_stale_version_is_refused(app: ApiClient) -> None:
    order = place(app, confirmed=False)
    path = f"{ORDERS}/{order['id']}"
    headers = {"If-Match": f'"{order["version"]}"'}
    good(app.post(f"{path}/confirm", headers=headers))
    answer = app.post(f"{path}/deliver", {}, headers=headers)
    assert refused(answer) == (412, "version_mismatch")


def test_an_order_of_another_system_is_placed_once(app: ApiClient) -> None:
    path = f"{ORDERS}/by-external-id/shop/4711"
    body = {"person_id": str(uuid4()), "currency": "TWD", "lines": [line("1")]}
    assert at_once(*[lambda: app.put(path, body)] * 3) == [200, 200, 201]
    assert app.get(path).json["external_ids"] == [{"system": "shop", "id": "4711"}]
    again = app.post(ORDERS, {**body, "external_ids": [{"system": "shop", "id": "4711"}]})
    assert refused(again) == (409, "external_id_taken")


def test_what_is_sold_in_a_store_may_be_reported_later_but_not_ahead(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    body = {"person_id": str(uuid4()), "currency": "TWD", "lines": [line("1")]}
    ahead = (clock.now() + timedelta(minutes=5)).isoformat()
    answer = app.post(ORDERS, {**body, "placed_at": ahead})
    assert places(answer) == [("/placed_at", "in_future")]
    clock.move(timedelta(minutes=5))
    order = good(app.post(ORDERS, {**body, "placed_at": ahead}))
    assert order["number"].startswith(ahead[:4])


def test_the_fact_of_an_order_says_all_that_a_consumer_needs(sales: Sales, app: ApiClient) -> None:
    order = place(app, line("105", "2", tax_percent="5", sku="B"), branch="Taipei", channel="store")
    (told,) = facts(sales, app, events.OrderPlaced)
    assert (told.order.number, told.order.branch, told.channel) == (
        order["number"],
        "Taipei",
        "store",
    )
    assert (told.net.amount, told.tax.amount, told.total.amount) == ("200.00", "10.00", "210.00")
    assert [(one.sku, one.quantity, one.total.amount) for one in told.lines] == [
        ("B", "2", "210.00")
    ]
    assert told.person_id == order["person_id"]


def test_what_comes_to_more_than_any_amount_may_is_refused(app: ApiClient) -> None:
    body = {"person_id": str(uuid4()), "currency": "USD", "prices_include_tax": False}
    most = "999999999999999"
    for lines, where in (
        ([line("1"), line(most, "999999")], "/lines/1"),
        ([line(most), line("1")], "/lines"),
        ([line(most, tax_percent="5")], "/lines/0"),
    ):
        answer = app.post(ORDERS, {**body, "lines": lines})
        assert (answer.status_code, places(answer)) == (422, [(where, "amount_too_large")])
    assert (
        good(app.post(ORDERS, {**body, "lines": [line(most)]}))["total"]["amount"] == f"{most}.00"
    )
