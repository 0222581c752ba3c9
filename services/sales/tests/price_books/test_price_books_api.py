"""Price books over REST: which one applies to whom on which day, and prices by quantity."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.contacts.events.v1.person_events_pb2 import PersonErased, PersonMerged
from rapport.sales.events.v1 import product_events_pb2 as events
from services.sales.tests.builders import (
    Sales,
    at_once,
    facts,
    good,
    lasting_app,
    places,
    refused,
)
from services.sales.tests.catalogue import (
    GROUPS,
    PRICE_BOOKS,
    price_book,
    product,
    put_price,
)
from services.sales.tests.people.test_following import merged


def applying(client: ApiClient, **asked: Any) -> list[str]:
    """The books that apply, in their order."""
    query = "&".join(f"{name}={value}" for name, value in {"currency": "TWD", **asked}.items())
    found = good(client.get(f"{PRICE_BOOKS}/applying?{query}"))
    return [book["id"] for book in found["price_books"]]


def test_listing_needs_a_token_and_shows_no_other_tenants(sales: Sales, app: ApiClient) -> None:
    book, one = price_book(app), product(app)
    good(put_price(app, book, one["id"], ("1", "10")))
    stranger = sales.app_client(sales.new_tenant())
    for path in (PRICE_BOOKS, GROUPS):
        assert refused(sales.anonymous().get(path)) == (401, "token_missing")
        assert stranger.get(path).json["items"] == []
    for path in ("", "/prices", f"/prices/{one['id']}"):
        assert stranger.get(f"{PRICE_BOOKS}/{book['id']}{path}").status_code == 404
    assert put_price(stranger, book, one["id"], ("1", "1")).status_code == 404


def test_what_was_defined_is_answered_read_and_listed_alike(app: ApiClient) -> None:
    book = price_book(app, customer_groups=["vip"], valid_until="2030-12-31", priority=3)
    assert app.get(f"{PRICE_BOOKS}/{book['id']}").json == book
    assert app.get(PRICE_BOOKS).json["items"] == [book]
    assert applying(app) == []


def test_a_currency_that_there_is_not_is_refused(app: ApiClient) -> None:
    answer = app.get(f"{PRICE_BOOKS}/applying?currency=DEM")
    assert places(answer) == [("/currency", "currency_unknown")]


def test_a_period_that_ends_before_it_begins_is_refused(app: ApiClient) -> None:
    book = price_book(app)
    answer = app.patch(f"{PRICE_BOOKS}/{book['id']}", {"valid_until": "2019-12-31"})
    assert places(answer) == [("/valid_until", "period_reversed")]


def test_nothing_changes_in_an_archived_book_and_nothing_is_sold_by_it(app: ApiClient) -> None:
    book, one = price_book(app), product(app)
    path = f"{PRICE_BOOKS}/{book['id']}"
    assert app.delete(path).status_code == 204
    assert refused(put_price(app, book, one["id"], ("1", "1"))) == (409, "price_book_archived")
    assert refused(app.patch(path, {"priority": 1})) == (409, "price_book_archived")
    assert applying(app) == []
    good(app.post(f"{path}/restore"))
    assert applying(app) == [book["id"]]


def test_priority_then_group_then_the_later_book_decide(app: ApiClient) -> None:
    company = str(uuid4())
    good(app.post(GROUPS, {"group": "vip", "company_id": company}))
    early = price_book(app, valid_from="2020-01-01")
    late = price_book(app, valid_from="2021-01-01")
    vip = price_book(app, customer_groups=["vip", "staff"])
    first = price_book(app, priority=1)
    price_book(app, currency="USD", priority=9)
    general = [first["id"], late["id"], early["id"]]
    assert applying(app) == general
    assert applying(app, company_id=company) == [first["id"], vip["id"], *general[1:]]
    assert applying(app, company_id=company, on="2020-06-01") == [
        first["id"],
        vip["id"],
        early["id"],
    ]


def test_a_book_holds_through_its_last_day_and_no_longer(timed: Sales, clock: MovableClock) -> None:
    app, today = lasting_app(timed, clock), clock.now().date()
    tomorrow = (today + timedelta(days=1)).isoformat()
    old = price_book(app, valid_until=tomorrow)
    new = price_book(app, valid_from=(today + timedelta(days=2)).isoformat())
    assert applying(app) == [old["id"]]
    clock.move(timedelta(days=1))
    assert applying(app) == [old["id"]]
    clock.move(timedelta(days=1))
    assert applying(app) == [new["id"]]


def test_two_who_price_a_product_for_the_first_time_at_the_same_time_price_it_once(
    sales: Sales, app: ApiClient
) -> None:
    book, one = price_book(app), product(app)
    prices = [lambda: put_price(app, book, one["id"], ("1", "10"))] * 3
    assert at_once(*prices) == [200, 200, 201]
    assert len(app.get(f"{PRICE_BOOKS}/{book['id']}/prices").json["items"]) == 1
    assert len(facts(sales, app, events.PriceChanged)) == 1


def test_a_price_is_changed_read_and_taken_back(sales: Sales, app: ApiClient) -> None:
    book, one = price_book(app), product(app)
    path = f"{PRICE_BOOKS}/{book['id']}/prices/{one['id']}"
    good(put_price(app, book, one["id"], ("1", "10")))
    price = good(put_price(app, book, one["id"], ("1", "9.50"), ("10", "9")))
    assert price["tiers"][0] == {"from_quantity": "1", "unit_price": "9.50"}
    assert app.get(path).json == price
    assert app.delete(path).status_code == 204
    assert app.get(path).status_code == app.delete(path).status_code == 404
    assert len(facts(sales, app, events.PriceRemoved)) == 1


def test_tiers_have_to_rise_and_the_product_has_to_be_there(app: ApiClient) -> None:
    book, one = price_book(app), product(app)
    answer = put_price(app, book, one["id"], ("0", "1"), ("5", "1"), ("5", "1"))
    assert places(answer) == [
        ("/tiers/0/from_quantity", "tiers_not_rising"),
        ("/tiers/2/from_quantity", "tiers_not_rising"),
    ]
    assert put_price(app, book, str(uuid4()), ("1", "1")).status_code == 404


def test_who_leaves_a_group_has_left_it_though_they_were_two_once(app: ApiClient, bus: Bus) -> None:
    kept, gone, other = uuid4(), uuid4(), uuid4()
    first, second, _ = [
        good(app.post(GROUPS, {"group": "vip", "person_id": str(one)}))["id"]
        for one in (kept, gone, other)
    ]
    merged(bus, app, kept, gone)

    def members() -> list[str]:
        return sorted(str(one["person_id"]) for one in app.get(GROUPS).json["items"])

    eventually(lambda: members() == sorted(map(str, (kept, kept, other))))
    vip = price_book(app, customer_groups=["vip"])
    assert applying(app, person_id=str(kept)) == [vip["id"]]
    assert app.delete(f"{GROUPS}/{first}").status_code == 204
    assert (members(), applying(app, person_id=str(kept))) == ([str(other)], [])
    assert app.delete(f"{GROUPS}/{second}").status_code == 404


def test_two_who_take_a_merged_customer_out_of_a_group_at_once_take_turns(
    app: ApiClient, bus: Bus
) -> None:
    kept, gone = uuid4(), uuid4()
    ids = [
        good(app.post(GROUPS, {"group": "vip", "person_id": str(one)}))["id"]
        for one in (kept, gone)
    ]
    merged(bus, app, kept, gone)
    eventually(lambda: len(app.get(f"{GROUPS}?person_id={kept}").json["items"]) == 2)
    calls = [lambda one=one: app.delete(f"{GROUPS}/{one}") for one in ids]
    assert at_once(*calls) == [204, 404]
    assert app.get(GROUPS).json["items"] == []


def test_a_customer_joins_a_group_once_however_many_say_so(sales: Sales, app: ApiClient) -> None:
    body = {"group": "vip", "company_id": str(uuid4())}
    assert at_once(*[lambda: app.post(GROUPS, body)] * 3) == [200, 200, 201]
    (member,) = app.get(f"{GROUPS}?group=vip").json["items"]
    assert app.get(f"{GROUPS}/{member['id']}").json == member
    assert app.delete(f"{GROUPS}/{member['id']}").status_code == 204
    assert app.get(GROUPS).json["items"] == []
    assert len(facts(sales, app, events.CustomerGroupJoined)) == 1
    assert len(facts(sales, app, events.CustomerGroupLeft)) == 1


def test_a_member_is_a_person_or_a_company(app: ApiClient) -> None:
    both = {"person_id": str(uuid4()), "company_id": str(uuid4())}
    for given in ({}, both):
        answer = app.post(GROUPS, {"group": "vip", **given})
        assert places(answer) == [("/person_id", "customer_missing")]


def test_a_merged_person_keeps_their_group_and_an_erased_one_leaves_no_trace(
    bus: Bus, app: ApiClient
) -> None:
    kept, gone = uuid4(), uuid4()
    book = price_book(app, customer_groups=["vip"])
    good(app.post(GROUPS, {"group": "vip", "person_id": str(gone)}))
    assert app.tenant_id is not None
    merge = PersonMerged(person_id=str(kept), merged_person_id=str(gone), merge_id=str(uuid4()))
    bus.say(merge, app.tenant_id, kept)
    eventually(lambda: applying(app, person_id=kept) == [book["id"]])
    assert applying(app, person_id=gone) == [book["id"]]
    bus.say(PersonErased(person_id=str(kept)), app.tenant_id, kept)
    eventually(lambda: app.get(GROUPS).json["items"] == [])
