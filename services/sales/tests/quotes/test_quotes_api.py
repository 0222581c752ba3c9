"""Quotes over REST: priced and explained, sent, answered once, expired by the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.contacts.events.v1.person_events_pb2 import PersonErased
from rapport.sales.events.v1 import quote_events_pb2 as events
from services.sales.tests.builders import (
    ORDERS,
    RATES,
    Sales,
    at_once,
    choose_base,
    define_pipeline,
    facts,
    fire,
    good,
    lasting_app,
    open_one,
    places,
    refused,
)
from services.sales.tests.catalogue import bundle, price_all, price_book, product, rule
from services.sales.tests.quoting import QUOTES, draft, sent


def test_listing_needs_a_token_and_shows_no_other_tenants(sales: Sales, app: ApiClient) -> None:
    quote = draft(app)
    assert refused(sales.anonymous().get(QUOTES)) == (401, "token_missing")
    stranger = sales.app_client(sales.new_tenant())
    assert stranger.get(QUOTES).json["items"] == []
    for path in ("", "/explain", "/versions"):
        assert stranger.get(f"{QUOTES}/{quote['id']}{path}").status_code == 404
    assert stranger.post(f"{QUOTES}/{quote['id']}/accept").status_code == 404


def test_reach_decides_whose_are_seen(sales: Sales) -> None:
    tenant = sales.new_tenant()
    sold = sales.app_client(tenant)
    one = product(sold)
    price_all(sold, price_book(sold), one, "100")
    grants = {"sales.quotes.read": "own", "sales.quotes.write": "own"}
    mine, other = (sales.user_client(tenant, grants, user_id=uuid4()) for _ in range(2))
    quote = draft(mine, one)
    assert [each["id"] for each in mine.get(QUOTES).json["items"]] == [quote["id"]]
    assert other.get(QUOTES).json["items"] == []
    assert other.get(f"{QUOTES}/{quote['id']}").status_code == 404
    assert other.post(f"{QUOTES}/{quote['id']}/submit").status_code == 404


def test_what_was_drafted_is_answered_read_and_listed_alike(app: ApiClient) -> None:
    quote = draft(app)
    assert app.get(f"{QUOTES}/{quote['id']}").json == quote
    (listed,) = app.get(QUOTES).json["items"]
    assert listed == {name: quote[name] for name in listed}


def test_what_expires_soon_and_what_nobody_has_answered_is_found(app: ApiClient) -> None:
    waiting = sent(app, valid_until="2999-06-30")
    answered = sent(app, valid_until="2999-07-31")
    good(app.post(f"{QUOTES}/{answered['id']}/reject", {"reason": "Too dear."}))
    draft(app, valid_until="2999-06-15")

    def found(query: str) -> list[str]:
        return [one["id"] for one in good(app.get(f"{QUOTES}?{query}"))["items"]]

    assert found("status=sent&valid_until[lte]=2999-06-30") == [waiting["id"]]
    assert found("valid_until[gt]=2999-06-30&sort=created_at") == [answered["id"]]
    assert found("sent_at[gte]=2020-01-01T00:00:00Z&sort=created_at") == [
        waiting["id"],
        answered["id"],
    ]
    assert found("answered_at[gte]=2020-01-01T00:00:00Z") == [answered["id"]]
    assert app.get(f"{QUOTES}?valid_until=soon").status_code == 400


def test_a_quote_is_for_days_that_can_be_reckoned_with(app: ApiClient) -> None:
    quote = draft(app)
    answer = app.patch(f"{QUOTES}/{quote['id']}", {"valid_until": "9999-12-31"})
    assert places(answer) == [("/valid_until", "day_impossible")]
    assert app.get(f"{QUOTES}/{quote['id']}").json == quote


def test_discounts_and_taxes_add_up_and_every_price_is_explained(app: ApiClient) -> None:
    one = product(app)
    price_all(app, price_book(app), one, "105")
    items = [{"product_id": one["id"], "quantity": "2", "discount_percent": "10"}]
    quote = draft(app, items=items, discount="21")
    assert (quote["list_amount"]["amount"], quote["discount"]["amount"]) == ("210.00", "42.00")
    assert (quote["net"]["amount"], quote["tax"]["amount"]) == ("160.00", "8.00")
    told = app.get(f"{QUOTES}/{quote['id']}/explain").json
    (line,) = told["lines"]
    assert {each["step"]: each["value"] for each in line["steps"]} == {
        "unit_price": "105",
        "list_amount": "210",
        "discount": "42",
        "net": "160",
        "tax": "8",
        "total": "168",
    }
    assert told["total"] == quote["total"]


def test_a_quote_is_worth_what_the_rate_of_its_day_says(app: ApiClient) -> None:
    one = product(app)
    price_all(app, price_book(app, currency="USD"), one, "100")
    items = [{"product_id": one["id"], "quantity": "2"}]
    assert draft(app, items=items, currency="USD")["base_total"] is None
    choose_base(app, "TWD")
    assert draft(app, items=items, currency="USD")["base_total"] is None
    rate = good(app.post(RATES, {"currency": "USD", "rate": "31.5", "valid_from": "2026-01-01"}))
    quote = draft(app, items=items, currency="USD")
    assert quote["base_total"] == {"amount": "6300.00", "currency": "TWD"}
    good(app.patch(f"{RATES}/{rate['id']}", {"rate": "32"}))
    path = f"{QUOTES}/{quote['id']}"
    assert good(app.get(path))["base_total"]["amount"] == "6300.00"
    changed = good(app.patch(path, {"conditions": "Priced anew."}))
    assert changed["base_total"]["amount"] == "6400.00"
    listed = {each["id"]: each["base_total"] for each in app.get(QUOTES).json["items"]}
    assert listed[quote["id"]] == changed["base_total"]


def test_a_configuration_that_breaks_rules_is_not_quoted(app: ApiClient) -> None:
    one = bundle(app, {"lid": 1, "cup": 1}, rule("some", "at_least", "lid", "cup", count=1))
    price_all(app, price_book(app), one, "10")
    items = [{"product_id": one["id"], "choices": [{"option": "lid"}]}, {"product_id": one["id"]}]
    answer = app.post(QUOTES, {**_body(), "items": items})
    assert places(answer) == [("/items/1/choices", "at_least")]
    assert answer.json["errors"][0]["message"] == "some does not hold."
    quote = draft(app, items=items[:1])
    assert [(each["item"], each["option"]) for each in quote["lines"]] == [(0, None), (0, "lid")]


def test_a_quote_of_nobody_or_of_the_past_or_with_too_much_off_is_refused(app: ApiClient) -> None:
    one = product(app)
    price_all(app, price_book(app), one, "10")
    body = {**_body(), "items": [{"product_id": one["id"]}]}
    nobody = {name: value for name, value in body.items() if name != "company_id"}
    assert places(app.post(QUOTES, nobody)) == [("/person_id", "customer_missing")]
    past = app.post(QUOTES, {**body, "valid_until": "2020-01-01"})
    assert places(past) == [("/valid_until", "in_past")]
    assert places(app.post(QUOTES, {**body, "discount": "11"})) == [
        ("/discount", "discount_too_large")
    ]
    assert refused(app.post(QUOTES, {**body, "currency": "USD"})) == (409, "price_missing")


def test_what_comes_to_more_than_any_amount_may_is_not_quoted(app: ApiClient) -> None:
    one = product(app)
    price_all(app, price_book(app), one, "999999999999")
    body = {**_body(), "items": [{"product_id": one["id"], "quantity": "99999"}]}
    assert places(app.post(QUOTES, body)) == [("/lines/0", "amount_too_large")]


def test_a_quote_is_for_the_customer_of_its_opportunity(app: ApiClient) -> None:
    company = str(uuid4())
    one = open_one(app, define_pipeline(app), company_id=company)
    quote = draft(app, company_id=None, opportunity_id=one["id"])
    assert (quote["company_id"], quote["opportunity_id"]) == (company, one["id"])


def test_what_was_not_sent_cannot_be_answered(app: ApiClient) -> None:
    quote = draft(app)
    for action, body in (("send", None), ("accept", None), ("reject", {})):
        answer = app.post(f"{QUOTES}/{quote['id']}/{action}", body)
        assert refused(answer) == (409, "quote_status")


def test_a_second_click_orders_nothing_more(sales: Sales, app: ApiClient) -> None:
    quote = sent(app)
    path = f"{QUOTES}/{quote['id']}"
    assert at_once(*[lambda: app.post(f"{path}/accept")] * 4) == [200] * 4
    (order,) = app.get(ORDERS).json["items"]
    accepted = app.get(path).json
    assert (accepted["status"], accepted["order_id"]) == ("accepted", order["id"])
    assert (order["quote_id"], order["total"]) == (quote["id"], quote["total"])
    (told,) = facts(sales, app, events.QuoteAccepted)
    assert (told.order_id, told.quote.total.amount) == (order["id"], quote["total"]["amount"])
    assert refused(app.post(f"{path}/reject", {})) == (409, "quote_status")
    assert refused(app.patch(path, {"discount": "1"})) == (409, "quote_accepted")


def test_accepted_and_rejected_at_the_same_time_it_is_only_one_of_the_two(app: ApiClient) -> None:
    quote = sent(app)
    path = f"{QUOTES}/{quote['id']}"
    answers = (lambda: app.post(f"{path}/accept"), lambda: app.post(f"{path}/reject", {}))
    assert at_once(*answers) == [200, 409]
    ordered = len(app.get(ORDERS).json["items"])
    assert ordered == (app.get(path).json["status"] == "accepted")


def test_whoever_rejects_may_say_why(sales: Sales, app: ApiClient) -> None:
    quote = sent(app)
    rejected = good(app.post(f"{QUOTES}/{quote['id']}/reject", {"reason": "太貴"}))
    assert (rejected["status"], rejected["answer"]) == ("rejected", "太貴")
    assert len(facts(sales, app, events.QuoteRejected)) == 1


def test_changing_what_was_sent_withdraws_it_and_makes_a_new_version(app: ApiClient) -> None:
    quote = sent(app)
    path = f"{QUOTES}/{quote['id']}"
    changed = good(app.patch(path, {"discount": "5"}))
    assert (changed["status"], changed["revision"], changed["sent_at"]) == ("draft", 2, None)
    assert refused(app.post(f"{path}/accept")) == (409, "quote_status")
    good(app.post(f"{path}/submit")), good(app.post(f"{path}/send"))
    first, second = app.get(f"{path}/versions").json["items"]
    assert (first["revision"], first["total"]) == (1, quote["total"])
    assert (second["revision"], second["total"]) == (2, changed["total"])
    assert Decimal(first["total"]["amount"]) - Decimal(second["total"]["amount"]) == 5


def test_a_quote_keeps_its_prices_until_it_is_changed(app: ApiClient) -> None:
    one, book = product(app), price_book(app)
    price_all(app, book, one, "100")
    quote = draft(app, one)
    price_all(app, book, one, "200")
    path = f"{QUOTES}/{quote['id']}"
    assert app.get(path).json["total"]["amount"] == "100.00"
    assert good(app.patch(path, {"conditions": "net 30"}))["total"]["amount"] == "200.00"


def test_a_stale_version_is_refused(app: ApiClient) -> None:
    quote = draft(app)
    path, headers = f"{QUOTES}/{quote['id']}", {"If-Match": f'"{quote["version"]}"'}
    good(app.post(f"{path}/submit", headers=headers))
    answer = app.post(f"{path}/send", headers=headers)
    assert refused(answer) == (412, "version_mismatch")


def test_it_can_be_accepted_to_the_end_of_its_last_day_and_expires_once(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    last_day = clock.now().date() + timedelta(days=3)
    first, second = (sent(app, valid_until=last_day.isoformat()) for _ in range(2))
    end = datetime.combine(last_day + timedelta(days=1), datetime.min.time(), UTC)
    clock.move(end - clock.now() - timedelta(seconds=1))
    fire(timed)
    assert good(app.post(f"{QUOTES}/{first['id']}/accept"))["status"] == "accepted"
    clock.move(timedelta(seconds=1))
    # In time counts, not whether the timer has been at it yet.
    assert refused(app.post(f"{QUOTES}/{second['id']}/accept")) == (409, "quote_expired")
    for _ in range(2):
        fire(timed)
    assert app.get(f"{QUOTES}/{second['id']}").json["status"] == "expired"
    assert app.get(f"{QUOTES}/{first['id']}").json["status"] == "accepted"
    (told,) = facts(timed, app, events.QuoteExpired)
    assert told.quote.quote_id == second["id"]


def test_a_quote_with_more_time_does_not_expire_by_its_old_timer(
    timed: Sales, clock: MovableClock
) -> None:
    app, today = lasting_app(timed, clock), clock.now().date()
    quote = sent(app, valid_until=today.isoformat())
    path, later = f"{QUOTES}/{quote['id']}", (today + timedelta(days=10)).isoformat()
    good(app.patch(path, {"valid_until": later}))
    good(app.post(f"{path}/submit")), good(app.post(f"{path}/send"))
    clock.move(timedelta(days=2))
    fire(timed)
    assert app.get(path).json["status"] == "sent"


def test_who_is_erased_is_named_by_no_quote_and_no_version(bus: Bus, app: ApiClient) -> None:
    person = uuid4()
    quote = sent(app, person_id=str(person), company_id=None, conditions="For Ann only")
    assert app.tenant_id is not None
    bus.say(PersonErased(person_id=str(person)), app.tenant_id, person)
    path = f"{QUOTES}/{quote['id']}"
    eventually(lambda: app.get(path).json["person_id"] is None)
    assert app.get(path).json["conditions"] == ""
    assert app.get(f"{path}/versions").json["items"][0]["conditions"] == ""


def _body() -> dict[str, Any]:
    return {"company_id": str(uuid4()), "currency": "TWD", "valid_until": "2999-12-31"}
