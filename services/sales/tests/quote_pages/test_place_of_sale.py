"""Where an accepted quote was sold: its order says so, whoever accepts it and by which way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from chassis.testing.client import ApiClient
from rapport.sales.events.v1.order_events_pb2 import OrderConfirmed, OrderPlaced
from services.sales.tests.builders import (
    OPPORTUNITIES,
    ORDERS,
    Sales,
    at_once,
    define_pipeline,
    facts,
    good,
    open_one,
    places,
)
from services.sales.tests.catalogue import price_all, price_book, product
from services.sales.tests.quoting import QUOTES, draft, sent
from services.sales.tests.sending import accept, link_of

Accept = Callable[[Sales, ApiClient, str], None]


def by_api(_sending: Sales, seller: ApiClient, quote_id: str) -> None:
    """Note that the customer accepts."""
    good(seller.post(f"{QUOTES}/{quote_id}/accept"))


def by_link(sending: Sales, seller: ApiClient, quote_id: str) -> None:
    """Accept as the customer does."""
    assert accept(sending, link_of(seller, quote_id)).status_code == 303


@pytest.fixture(params=[by_api, by_link])
def accepted(request: pytest.FixtureRequest) -> Accept:
    """The ways in which a quote is accepted."""
    way: Accept = request.param
    return way


def sold_at(known: dict[str, Any]) -> tuple[str, str]:
    """Channel and branch of what the API shows."""
    return known["channel"], known["branch"]


def order_of(client: ApiClient, quote_id: str) -> dict[str, Any]:
    """The order that a quote has become."""
    return good(client.get(f"{ORDERS}/{good(client.get(f'{QUOTES}/{quote_id}'))['order_id']}"))


def test_an_order_is_sold_where_the_opportunity_of_its_quote_was(
    sending: Sales, seller: ApiClient, accepted: Accept
) -> None:
    one = open_one(seller, define_pipeline(seller), channel="partner", branch="Taipei")
    quote = sent(seller, opportunity_id=one["id"])
    accepted(sending, seller, quote["id"])
    order = order_of(seller, quote["id"])
    assert sold_at(order) == ("partner", "Taipei")
    good(seller.post(f"{ORDERS}/{order['id']}/confirm"))
    for kind in (OrderPlaced, OrderConfirmed):
        (told,) = facts(sending, seller, kind)
        assert (told.order.channel, told.order.branch) == ("partner", "Taipei")


def test_what_the_opportunity_says_since_the_quote_was_sent_counts(
    sending: Sales, seller: ApiClient, accepted: Accept
) -> None:
    one = open_one(seller, define_pipeline(seller), channel="partner")
    quote = sent(seller, opportunity_id=one["id"])
    changes = {"channel": "web", "branch": "Kaohsiung"}
    good(seller.patch(f"{OPPORTUNITIES}/{one['id']}", changes))
    accepted(sending, seller, quote["id"])
    assert sold_at(order_of(seller, quote["id"])) == ("web", "Kaohsiung")


def test_accepted_while_the_opportunity_changes_it_is_sold_at_one_place_of_the_two(
    sending: Sales, seller: ApiClient
) -> None:
    before, after = ("partner", "Taipei"), ("web", "Kaohsiung")
    one = open_one(seller, define_pipeline(seller), channel=before[0], branch=before[1])
    quote = sent(seller, opportunity_id=one["id"])
    changes = {"channel": after[0], "branch": after[1]}
    answers = at_once(
        lambda: seller.patch(f"{OPPORTUNITIES}/{one['id']}", changes),
        lambda: seller.post(f"{QUOTES}/{quote['id']}/accept"),
    )
    assert answers == [200, 200]
    (told,) = facts(sending, seller, OrderPlaced)
    assert (told.order.channel, told.order.branch) in (before, after)
    assert sold_at(order_of(seller, quote["id"])) == (told.order.channel, told.order.branch)


def test_what_the_quote_itself_says_goes_first(
    sending: Sales, seller: ApiClient, accepted: Accept
) -> None:
    one = open_one(seller, define_pipeline(seller), channel="partner", branch="Taipei")
    quote = sent(seller, opportunity_id=one["id"], channel="store")
    assert sold_at(quote) == ("store", "")
    accepted(sending, seller, quote["id"])
    assert sold_at(order_of(seller, quote["id"])) == ("store", "Taipei")


def test_a_quote_of_no_opportunity_says_it_itself_or_nobody_does(
    sending: Sales, seller: ApiClient, accepted: Accept
) -> None:
    said, unsaid = sent(seller, channel="phone", branch="Tainan"), sent(seller)
    for quote in (said, unsaid):
        accepted(sending, seller, quote["id"])
    assert sold_at(order_of(seller, said["id"])) == ("phone", "Tainan")
    assert sold_at(order_of(seller, unsaid["id"])) == ("", "")


def test_a_quote_can_be_changed_to_say_it_and_to_leave_it_to_the_opportunity(
    seller: ApiClient,
) -> None:
    path = f"{QUOTES}/{draft(seller)['id']}"
    named = good(seller.patch(path, {"channel": "store", "branch": "Taipei"}))
    assert sold_at(named) == ("store", "Taipei")
    other = good(seller.patch(path, {"conditions": "Payment within 30 days."}))
    assert sold_at(other) == ("store", "Taipei")
    left = good(seller.patch(path, {"channel": "", "branch": ""}))
    assert sold_at(left) == ("", "")
    assert good(seller.get(path)) == left


def test_whoever_accepts_need_not_see_the_opportunity(sending: Sales, seller: ApiClient) -> None:
    assert seller.tenant_id is not None
    one = open_one(seller, define_pipeline(seller), channel="partner", branch="Taipei")
    clerk_id = uuid4()
    sold = product(seller)
    price_all(seller, price_book(seller), sold, "100")
    quote = sent(seller, sold=sold, opportunity_id=one["id"], owner_id=str(clerk_id))
    grants = {"sales.quotes.*": "own", "sales.opportunities.read": "own"}
    clerk = sending.user_client(seller.tenant_id, grants, user_id=clerk_id)
    assert clerk.get(f"{OPPORTUNITIES}/{one['id']}").status_code == 404
    good(clerk.post(f"{QUOTES}/{quote['id']}/accept"))
    assert sold_at(order_of(seller, quote["id"])) == ("partner", "Taipei")


def test_a_channel_has_one_form_on_all_that_sells(seller: ApiClient) -> None:
    wrong = {"channel": "Key accounts"}
    pipeline = define_pipeline(seller)
    one, quote = open_one(seller, pipeline), draft(seller)
    opened = {"pipeline_id": pipeline["id"], "name": "Espresso for the lobby", **wrong}
    for answer in (
        seller.post(OPPORTUNITIES, opened),
        seller.patch(f"{OPPORTUNITIES}/{one['id']}", wrong),
        seller.patch(f"{QUOTES}/{quote['id']}", wrong),
    ):
        assert answer.status_code == 422, answer.text
        assert [pointer for pointer, _ in places(answer)] == ["/channel"]
