"""Products over REST: what is sold, with what else, and what cannot be defined."""

from __future__ import annotations

from uuid import uuid4

from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import product_events_pb2 as events
from services.sales.tests.builders import Sales, at_once, facts, good, places, refused
from services.sales.tests.catalogue import PRODUCTS, bundle, product, rule


def test_listing_needs_a_token_and_shows_no_other_tenants(sales: Sales, app: ApiClient) -> None:
    one = product(app)
    assert refused(sales.anonymous().get(PRODUCTS)) == (401, "token_missing")
    stranger = sales.app_client(sales.new_tenant())
    assert stranger.get(PRODUCTS).json["items"] == []
    assert stranger.get(f"{PRODUCTS}/{one['id']}").status_code == 404


def test_who_may_read_may_not_define(sales: Sales) -> None:
    reader = sales.app_client(sales.new_tenant(), "sales.products.read")
    assert reader.post(PRODUCTS, {"sku": "A", "name": {"en": "A"}}).status_code == 403


def test_what_was_defined_is_answered_read_and_listed_alike(app: ApiClient) -> None:
    one = bundle(app, {"lid": 2}, rule("lids", "at_least", "lid", count=1), serial_numbered=True)
    assert app.get(f"{PRODUCTS}/{one['id']}").json == one
    assert one in app.get(PRODUCTS).json["items"]


def test_two_who_take_the_same_article_number_at_the_same_time_get_it_once(app: ApiClient) -> None:
    body = {"sku": "B-1", "name": {"en": "Beans"}}
    assert at_once(*[lambda: app.post(PRODUCTS, body)] * 3) == [201, 409, 409]
    assert refused(app.post(PRODUCTS, body)) == (409, "product_exists")


def test_a_bundle_offers_only_plain_products_that_there_are(app: ApiClient) -> None:
    inner = bundle(app, {"lid": 1})
    options = [
        {"key": "inner", "product_id": inner["id"]},
        {"key": "ghost", "product_id": str(uuid4())},
    ]
    body = {"sku": "C-1", "name": {"en": "Set"}, "bundle": {"options": options}}
    assert places(app.post(PRODUCTS, body)) == [
        ("/bundle/options/0/product_id", "option_is_bundle"),
        ("/bundle/options/1/product_id", "product_unknown"),
    ]


def test_a_product_is_no_option_of_itself(app: ApiClient) -> None:
    one = product(app)
    options = [{"key": "again", "product_id": one["id"]}]
    answer = app.patch(f"{PRODUCTS}/{one['id']}", {"bundle": {"options": options}})
    assert places(answer) == [("/bundle/options/0/product_id", "option_of_itself")]


def test_a_patch_changes_what_it_mentions_and_an_archived_one_not_at_all(app: ApiClient) -> None:
    one = product(app, category="coffee")
    path = f"{PRODUCTS}/{one['id']}"
    changed = good(app.patch(path, {"unit": "kg"}))
    assert (changed["unit"], changed["category"], changed["version"]) == ("kg", "coffee", 2)
    assert good(app.patch(path, {"unit": "kg"}))["version"] == 2
    assert app.delete(path).status_code == 204
    assert refused(app.patch(path, {"unit": "g"})) == (409, "product_archived")
    assert app.get(PRODUCTS).json["items"] == []
    assert good(app.post(f"{path}/restore"))["archived_at"] is None


def test_the_facts_say_what_is_sold_with_what(sales: Sales, app: ApiClient) -> None:
    one = bundle(app, {"lid": 1}, category="cups")
    told = facts(sales, app, events.ProductDefined)[-1]
    assert (told.product_id, told.sku, told.category) == (one["id"], one["sku"], "cups")
    assert list(told.option_product_ids) == [one["bundle"]["options"][0]["product_id"]]
    app.delete(f"{PRODUCTS}/{one['id']}")
    app.post(f"{PRODUCTS}/{one['id']}/restore")
    assert len(facts(sales, app, events.ProductArchived)) == 1
    assert len(facts(sales, app, events.ProductRestored)) == 1
