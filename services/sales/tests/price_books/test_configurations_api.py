"""Configurations over REST: every broken rule in its words, and prices that are explained."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from chassis.clock import MovableClock
from chassis.testing.client import ApiAnswer, ApiClient
from services.sales.tests.builders import Sales, at_once, good, lasting_app, places, refused
from services.sales.tests.catalogue import (
    CHECK,
    GROUPS,
    PRODUCTS,
    bundle,
    check,
    price_all,
    price_book,
    product,
    put_price,
    rule,
)

RULES = (
    rule("milk_needs_fridge", "requires", "fridge", when="milk"),
    rule("one_grinder", "at_most", "flat", "cone", count=1),
    rule("some_grinder", "at_least", "flat", "cone", count=1),
    rule("no_fridge_with_cone", "excludes", "fridge", when="cone"),
)
OPTIONS = {"milk": 1, "fridge": 1, "flat": 1, "cone": 1}


def test_checking_needs_a_token_and_knows_no_other_tenants(sales: Sales, app: ApiClient) -> None:
    one = product(app)
    body = {"product_id": one["id"]}
    assert refused(sales.anonymous().post(CHECK, body)) == (401, "token_missing")
    stranger = sales.app_client(sales.new_tenant())
    assert places(stranger.post(CHECK, body)) == [("/product_id", "product_unknown")]


def test_customers_configure_and_price_for_themselves_with_a_right_to_read_only(
    sales: Sales, app: ApiClient
) -> None:
    one = bundle(app, OPTIONS, *RULES)
    price_all(app, price_book(app), one, "100")
    assert app.tenant_id is not None
    shop = sales.app_client(app.tenant_id, "sales.configurations.read")
    assert check(shop, one, "flat", currency="TWD")["pricing"]["total"]["amount"] == "200.00"
    assert shop.post(PRODUCTS, {"sku": "X", "name": {"en": "X"}}).status_code == 403
    browser = sales.app_client(app.tenant_id, "sales.products.read")
    assert browser.post(CHECK, {"product_id": one["id"]}).status_code == 403


def test_every_broken_rule_is_told_in_its_own_words(app: ApiClient) -> None:
    one = bundle(app, OPTIONS, *RULES)
    told = check(app, one, "milk", currency="TWD")
    assert (told["valid"], told["pricing"]) == (False, None)
    assert [(each["code"], each["key"]) for each in told["broken"]] == [
        ("requires", "milk_needs_fridge"),
        ("at_least", "some_grinder"),
    ]
    assert told["broken"][0]["message"] == RULES[0]["message"]
    told = check(app, one, "fridge", "cone", "flat")
    assert [each["key"] for each in told["broken"]] == ["one_grinder", "no_fridge_with_cone"]
    assert check(app, one, "milk", "fridge", "flat") == {
        "valid": True,
        "broken": [],
        "pricing": None,
    }


def test_more_of_an_option_than_there_may_be_is_refused_and_none_is_as_good_as_not_chosen(
    app: ApiClient,
) -> None:
    one = bundle(app, {"lid": 2})
    body = {"product_id": one["id"], "choices": [{"option": "lid", "quantity": 3}]}
    (broken,) = good(app.post(CHECK, body))["broken"]
    assert (broken["code"], broken["key"]) == ("too_many", "lid")
    price_all(app, price_book(app), one, "1")
    body = {**body, "choices": [{"option": "lid", "quantity": 0}], "currency": "TWD"}
    assert len(good(app.post(CHECK, body))["pricing"]["lines"]) == 1


def test_what_is_no_option_at_all_is_named_where_it_stands(app: ApiClient) -> None:
    one = bundle(app, {"lid": 1})
    choices = [{"option": "lid"}, {"option": "spoon"}, {"option": "lid"}]
    answer = app.post(CHECK, {"product_id": one["id"], "choices": choices})
    assert places(answer) == [
        ("/choices/1/option", "option_unknown"),
        ("/choices/2/option", "option_repeated"),
    ]
    answer = app.post(CHECK, {"product_id": one["id"], "quantity": "0"})
    assert places(answer) == [("/quantity", "quantity_missing")]


def test_what_is_not_sold_any_more_or_became_a_bundle_cannot_be_chosen(app: ApiClient) -> None:
    one = bundle(app, {"lid": 1, "cup": 1})
    lid, cup = (option["product_id"] for option in one["bundle"]["options"])
    app.delete(f"{PRODUCTS}/{lid}")
    spoon = [{"key": "spoon", "product_id": product(app)["id"]}]
    good(app.patch(f"{PRODUCTS}/{cup}", {"bundle": {"options": spoon}}))
    told = check(app, one, "lid", "cup")
    assert [(each["code"], each["key"]) for each in told["broken"]] == [
        ("not_sold", "lid"),
        ("not_sold", "cup"),
    ]
    app.delete(f"{PRODUCTS}/{one['id']}")
    assert [each["key"] for each in check(app, one)["broken"]] == [one["sku"]]


def test_volume_tiers_count_all_pieces_and_every_price_is_explained(app: ApiClient) -> None:
    one = bundle(app, {"lid": 5})
    lid, book = one["bundle"]["options"][0]["product_id"], price_book(app)
    good(put_price(app, book, one["id"], ("1", "1000"), ("10", "900")))
    good(put_price(app, book, lid, ("1", "10.50"), ("20", "8.40")))
    body = {"product_id": one["id"], "quantity": "10", "currency": "TWD"}
    choices = [{"option": "lid", "quantity": 2}]
    pricing = good(app.post(CHECK, {**body, "choices": choices}))["pricing"]
    assert [(each["quantity"], each["unit_price"]) for each in pricing["lines"]] == [
        ("10", "900"),
        ("20", "8.4"),
    ]
    assert pricing["total"]["amount"] == "9168.00"
    (_, lids) = pricing["lines"]
    assert {each["step"]: each["value"] for each in lids["steps"]} == {
        "unit_price": "8.4",
        "list_amount": "168",
        "discount": "0",
        "net": "160",
        "tax": "8",
        "total": "168",
    }
    assert "tier from 20" in lids["steps"][0]["because"]
    whole = sum(Decimal(each["total"]) for each in pricing["lines"])
    assert whole == Decimal(pricing["total"]["amount"])


def test_the_book_of_the_customers_group_prices_and_one_that_lacks_something_is_named(
    app: ApiClient,
) -> None:
    one, company = product(app), str(uuid4())
    good(app.post(GROUPS, {"group": "vip", "company_id": company}))
    general, vip = price_book(app), price_book(app, customer_groups=["vip"])
    good(put_price(app, general, one["id"], ("1", "100")))
    good(put_price(app, vip, one["id"], ("5", "70")))
    few = check(app, one, currency="TWD", company_id=company)["pricing"]
    assert few["price_book_id"] == general["id"]
    assert few["passed_over"] == [
        {"price_book_id": vip["id"], "because": [f"it sells {one['sku']} from 5 on"]}
    ]
    many = check(app, one, currency="TWD", company_id=company, quantity="5")["pricing"]
    assert (many["price_book_id"], many["total"]["amount"]) == (vip["id"], "350.00")
    stranger = check(app, one, currency="TWD", quantity="5")["pricing"]
    assert stranger["price_book_id"] == general["id"]


def test_without_a_price_or_a_tax_the_refusal_says_what_is_lacking(app: ApiClient) -> None:
    one, body = product(app, tax_class="books"), {"currency": "TWD"}
    body["product_id"] = one["id"]
    assert refused(app.post(CHECK, body)) == (409, "price_missing")
    good(put_price(app, price_book(app), one["id"], ("1", "100")))
    answer = app.post(CHECK, body)
    assert refused(answer) == (409, "price_missing")
    assert "no tax for the class books" in answer.json["detail"]


def test_the_same_choice_costs_what_its_day_says(timed: Sales, clock: MovableClock) -> None:
    app, today = lasting_app(timed, clock), clock.now().date()
    one = product(app)
    price_all(app, price_book(app, valid_until=today.isoformat()), one, "100")
    tomorrow = (today + timedelta(days=1)).isoformat()
    price_all(app, price_book(app, valid_from=tomorrow), one, "120")
    asked = {"currency": "TWD"}
    assert check(app, one, **asked)["pricing"]["total"]["amount"] == "100.00"
    assert check(app, one, **asked, on=tomorrow)["pricing"]["total"]["amount"] == "120.00"
    clock.move(timedelta(days=1))
    assert check(app, one, **asked)["pricing"]["total"]["amount"] == "120.00"


def test_a_choice_is_priced_by_one_state_of_the_prices_while_they_change(app: ApiClient) -> None:
    one, book = product(app), price_book(app)
    good(put_price(app, book, one["id"], ("1", "100")))
    body = {"product_id": one["id"], "currency": "TWD"}
    seen = set()

    def ask() -> ApiAnswer:
        answer = app.post(CHECK, body)
        seen.add(answer.json["pricing"]["total"]["amount"])
        return answer

    changes = [lambda: put_price(app, book, one["id"], ("1", "90"))] * 2
    assert at_once(*[ask] * 4, *changes) == [200] * 6
    assert seen <= {"100.00", "90.00"}
