"""Service contracts: what they cover, what tickets use of them, and when they end (DE-8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from desk.asset_orders.reactions import on_order_delivered
from desk.entitlement_orders.reactions import on_order_placed, on_subscription_told
from rapport.desk.events.v1 import entitlement_events_pb2 as events
from rapport.sales.events.v1 import subscription_events_pb2 as sales
from rapport.sales.events.v1.order_events_pb2 import OrderPlaced
from rapport.sales.v1.order_pb2 import OrderLine
from rapport.sales.v1.subscription_pb2 import SubscriptionReference
from services.desk.tests.builders import (
    Desk,
    at_once,
    facts,
    fire,
    good,
    lasting_app,
    open_ticket,
    places,
    refused,
)
from services.desk.tests.knowing import Sold, assets_of, hear, model

ENTITLEMENTS = "/v1/desk/entitlements"
SERVICES = "/v1/desk/service-products"


def contract(client: ApiClient, **more: Any) -> dict[str, Any]:
    """A contract that covers everything, from long ago until far off."""
    said = {
        "name": "Care",
        "person_id": str(uuid4()),
        "starts_on": "2020-01-01",
        "ends_on": "2190-12-31",
    }
    return good(client.post(ENTITLEMENTS, {**said, **more}))


def limited(amount: int, kind: str = "tickets", period: str = "term") -> dict[str, Any]:
    """So much in a period."""
    return {"kind": kind, "amount": amount, "period": period}


def use(client: ApiClient, made: dict[str, Any], ticket: dict[str, Any], **more: Any) -> Any:
    """Have a ticket use a contract."""
    return client.put(f"{ENTITLEMENTS}/{made['id']}/uses/{ticket['id']}", more)


def checked(client: ApiClient, **query: Any) -> dict[str, Any]:
    """Whether somebody is entitled."""
    asked = {name: str(value) for name, value in query.items()}
    return good(client.get(f"{ENTITLEMENTS}/check", query_string=asked))


def test_listing_needs_a_token(desk: Desk) -> None:
    assert refused(desk.anonymous().get(ENTITLEMENTS)) == (401, "token_missing")
    assert refused(desk.anonymous().get(SERVICES)) == (401, "token_missing")


def test_who_may_use_may_not_write(desk: Desk, app: ApiClient) -> None:
    made = contract(app)
    assert app.tenant_id is not None
    other = desk.app_client(app.tenant_id, "desk.entitlements.use", "desk.tickets.read")
    assert other.patch(f"{ENTITLEMENTS}/{made['id']}", {"name": "Mine"}).status_code == 403
    assert use(other, made, open_ticket(app)).status_code == 200


def test_another_tenants_contracts_are_invisible(desk: Desk, app: ApiClient) -> None:
    made, ticket = contract(app), open_ticket(app)
    good(use(app, made, ticket))
    stranger = desk.app_client(desk.new_tenant())
    path = f"{ENTITLEMENTS}/{made['id']}"
    assert stranger.get(ENTITLEMENTS).json["items"] == []
    assert stranger.get(path).status_code == 404
    assert stranger.get(f"{path}/uses").status_code == 404
    assert stranger.post(f"{path}/end").status_code == 404
    assert use(stranger, made, ticket).status_code == 404
    assert checked(stranger, person_id=made["person_id"])["entitled"] is False


def test_a_ticket_uses_a_contract_once(desk: Desk, app: ApiClient) -> None:
    made = contract(app, allowance=limited(2))
    ticket = open_ticket(app)
    assert good(use(app, made, ticket))["remaining"] == 1
    assert good(use(app, made, ticket))["remaining"] == 1
    assert good(use(app, made, open_ticket(app)))["remaining"] == 0
    assert refused(use(app, made, open_ticket(app))) == (409, "entitlement_used_up")
    told = facts(desk, app, events.EntitlementUsed)
    assert [(each.amount, each.remaining) for each in told] == [(1, 1), (1, 0)]
    path = f"{ENTITLEMENTS}/{made['id']}/uses"
    assert good(app.delete(f"{path}/{ticket['id']}"))["remaining"] == 1
    assert app.delete(f"{path}/{ticket['id']}").status_code == 404
    assert len(good(app.get(path))["items"]) == 1


def test_two_tickets_at_once_never_use_more_than_there_is(app: ApiClient) -> None:
    made = contract(app, allowance=limited(1))
    one, two = open_ticket(app), open_ticket(app)
    statuses = at_once(lambda: use(app, made, one), lambda: use(app, made, two))
    assert statuses == [200, 409]
    assert good(app.get(f"{ENTITLEMENTS}/{made['id']}"))["remaining"] == 0


def test_minutes_take_the_place_of_those_of_before(app: ApiClient) -> None:
    made = contract(app, allowance=limited(60, "minutes"))
    ticket = open_ticket(app)
    assert places(use(app, made, ticket)) == [("/minutes", "minutes_missing")]
    assert good(use(app, made, ticket, minutes=50))["remaining"] == 10
    assert good(use(app, made, ticket, minutes=60))["remaining"] == 0
    assert refused(use(app, made, ticket, minutes=61)) == (409, "entitlement_used_up")
    other = contract(app)
    assert places(use(app, other, ticket, minutes=1)) == [("/minutes", "minutes_not_counted")]


def test_an_allowance_begins_anew_with_its_period(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    first = clock.now().date()
    made = contract(app, starts_on=str(first), allowance=limited(1, period="month"))
    path = f"{ENTITLEMENTS}/{made['id']}"
    good(use(app, made, open_ticket(app)))
    clock.move(timedelta(days=27))
    assert refused(use(app, made, open_ticket(app))) == (409, "entitlement_used_up")
    clock.move(timedelta(days=4))
    assert good(app.get(path))["remaining"] == 1
    good(use(app, made, open_ticket(app)))
    assert len(good(app.get(f"{path}/uses"))["items"]) == 2


@pytest.mark.parametrize("period", ["term", "month", "year"])
def test_a_contract_that_is_reckoned_otherwise_gives_nobody_more(
    app: ApiClient, period: str
) -> None:
    made = contract(app, allowance=limited(2, period="term"))
    good(use(app, made, open_ticket(app)))
    path = f"{ENTITLEMENTS}/{made['id']}"
    changed = good(
        app.patch(path, {"starts_on": "2020-01-02", "allowance": limited(2, period=period)})
    )
    assert (changed["used"], changed["remaining"]) == (1, 1)
    good(use(app, made, open_ticket(app)))
    assert refused(use(app, made, open_ticket(app))) == (409, "entitlement_used_up")


def test_its_end_is_told_once_and_comes(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    today = clock.now().date()
    made = contract(
        app, starts_on=str(today), ends_on=str(today + timedelta(days=40)), notice_days=10
    )

    def told() -> list[int]:
        return [each.days_left for each in facts(timed, app, events.EntitlementExpiryAnnounced)]

    fire(timed)
    assert told() == []
    clock.move(timedelta(days=31))
    fire(timed)
    fire(timed)
    assert told() == [9]
    good(app.patch(f"{ENTITLEMENTS}/{made['id']}", {"ends_on": str(today + timedelta(days=60))}))
    fire(timed)
    assert told() == [9]
    clock.move(timedelta(days=20))
    fire(timed)
    assert told() == [9, 9]
    clock.move(timedelta(days=10))
    fire(timed)
    assert good(app.get(f"{ENTITLEMENTS}/{made['id']}"))["status"] == "ended"
    (over,) = facts(timed, app, events.EntitlementEnded)
    assert over.cause == "expired"
    assert refused(use(app, made, open_ticket(app))) == (409, "entitlement_not_serving")


def test_an_ended_contract_stays_as_it_is(app: ApiClient) -> None:
    made = contract(app)
    path = f"{ENTITLEMENTS}/{made['id']}"
    assert good(app.post(f"{path}/end"))["status"] == "ended"
    assert good(app.post(f"{path}/end"))["status"] == "ended"
    assert refused(app.patch(path, {"name": "Other"})) == (409, "entitlement_ended")


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"person_id": None}, ("/person_id", "owner_missing")),
        ({"ends_on": "2019-12-31"}, ("/ends_on", "day_impossible")),
        ({"allowance": limited(0)}, ("/allowance/amount", "allowance_impossible")),
        ({"ends_on": "9999-12-31"}, ("/ends_on", "less_than_equal")),
        ({"starts_on": "0001-01-01"}, ("/starts_on", "greater_than_equal")),
    ],
)
def test_what_cannot_be_is_refused(
    app: ApiClient, more: dict[str, Any], place: tuple[str, str]
) -> None:
    said = {"name": "Care", "person_id": str(uuid4()), "starts_on": "2020-01-01"}
    answer = app.post(ENTITLEMENTS, {**said, "ends_on": "2030-12-31", **more})
    assert places(answer) == [place]


def test_a_concern_is_covered_by_what_covers_it(app: ApiClient) -> None:
    person, company = uuid4(), uuid4()
    contract(app, person_id=str(person), coverage={"product_skus": ["X-100"]})
    assert checked(app, person_id=person, product_sku="X-100")["entitled"] is True
    assert checked(app, person_id=person, product_sku="Y")["entitled"] is False
    assert checked(app, person_id=person)["entitled"] is False
    assert checked(app, person_id=uuid4(), product_sku="X-100")["entitled"] is False
    assert checked(app)["entitled"] is False
    contract(app, person_id=None, company_id=str(company))
    assert checked(app, person_id=person, company_id=company, product_sku="Y")["entitled"] is True


def test_a_contract_of_which_nothing_is_left_entitles_to_nothing(app: ApiClient) -> None:
    made = contract(app, allowance=limited(1))
    assert checked(app, person_id=made["person_id"])["entitled"] is True
    good(use(app, made, open_ticket(app)))
    answer = checked(app, person_id=made["person_id"])
    assert (answer["entitled"], answer["entitlements"][0]["remaining"]) == (False, 0)


def test_a_warranty_entitles_until_its_last_day(desk: Desk, app: ApiClient) -> None:
    model(app, warranty_months=12)
    sold = Sold(uuid4())
    hear(desk, app, on_order_delivered, sold.delivered(datetime(2026, 1, 31, tzinfo=UTC), "SN-1"))
    (asset,) = assets_of(app)

    def on(day: str, **about: Any) -> tuple[bool, str | None]:
        answer = checked(app, person_id=sold.person_id, at=f"{day}T12:00:00Z", **about)
        return answer["under_warranty"], answer["asset_id"]

    assert on("2027-01-31", product_sku="X-100") == (True, asset["id"])
    assert on("2027-02-01", product_sku="X-100") == (False, asset["id"])
    assert on("2026-01-30", asset_id=asset["id"]) == (False, asset["id"])
    stranger = checked(app, person_id=uuid4(), asset_id=asset["id"], at="2026-06-01T00:00:00Z")
    assert (stranger["asset_id"], stranger["entitled"]) == (None, False)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "now"])
def test_a_time_off_the_calendar_is_refused(app: ApiClient, at: str) -> None:
    answer = app.get(f"{ENTITLEMENTS}/check", query_string={"at": at})
    assert answer.status_code in (400, 422)


def service(client: ApiClient, **more: Any) -> dict[str, Any]:
    """A product that is a service contract."""
    said = {"sku": "CARE", "name": "Care plan", "covers": ["X-100"], "allowance": limited(3)}
    return good(client.post(SERVICES, {**said, **more}))


class Plan:
    """A subscription that sales tells of, and the order that it came from."""

    def __init__(self, desk: Desk, client: ApiClient) -> None:
        self._desk, self._client = desk, client
        self.person_id, self.id, self.order_id = uuid4(), uuid4(), uuid4()

    def placed(self) -> None:
        """The order is heard of."""
        lines = [OrderLine(line_id="1", sku="CARE"), OrderLine(line_id="2", sku="BEANS")]
        fact = OrderPlaced(order_id=str(self.order_id), lines=lines)
        hear(self._desk, self._client, on_order_placed, fact)

    def told(self, kind: Any, version: int, starts_on: str, ends_on: str) -> None:
        """Something about the subscription is heard of."""
        reference = SubscriptionReference(
            subscription_id=str(self.id),
            person_id=str(self.person_id),
            order_id=str(self.order_id),
            term_starts_on=starts_on,
            ends_on=ends_on,
        )
        fact = kind(subscription=reference)
        hear(self._desk, self._client, on_subscription_told, fact, version)

    def contracts(self) -> list[tuple[str, str, str]]:
        """First day, last day and standing of what came of it."""
        query = {"person_id": str(self.person_id)}
        items = good(self._client.get(ENTITLEMENTS, query_string=query))["items"]
        return [(each["starts_on"], each["ends_on"], each["status"]) for each in items]


TERM = ("2026-01-01", "2026-12-31")
NEXT = ("2027-01-01", "2027-12-31")


@pytest.mark.parametrize("order_first", [True, False])
def test_who_subscribes_to_a_service_has_a_contract(
    desk: Desk, app: ApiClient, *, order_first: bool
) -> None:
    service(app)
    plan = Plan(desk, app)
    if order_first:
        plan.placed()
    plan.told(sales.SubscriptionStarted, 1, *TERM)
    plan.placed()
    plan.told(sales.SubscriptionStarted, 1, *TERM)
    assert plan.contracts() == [(*TERM, "active")]
    (told,) = facts(desk, app, events.EntitlementAdded)
    assert (told.source, told.entitlement.service_sku) == ("subscription", "CARE")


def test_a_contract_goes_on_rests_and_ends_with_its_subscription(
    desk: Desk, app: ApiClient
) -> None:
    service(app)
    plan = Plan(desk, app)
    plan.placed()
    plan.told(sales.SubscriptionStarted, 1, *TERM)
    plan.told(sales.SubscriptionPaused, 2, *TERM)
    plan.told(sales.SubscriptionChanged, 3, *TERM)
    assert plan.contracts() == [(*TERM, "suspended")]
    plan.told(sales.SubscriptionRenewed, 5, *NEXT)
    plan.told(sales.SubscriptionResumed, 4, *TERM)
    assert plan.contracts() == [(TERM[0], NEXT[1], "active")]
    plan.told(sales.SubscriptionEnded, 6, *NEXT)
    assert plan.contracts() == [(TERM[0], NEXT[1], "ended")]
    plan.told(sales.SubscriptionRenewed, 5, *NEXT)
    assert plan.contracts() == [(TERM[0], NEXT[1], "ended")]


def test_an_order_without_a_service_gives_no_contract(desk: Desk, app: ApiClient) -> None:
    plan = Plan(desk, app)
    plan.placed()
    plan.told(sales.SubscriptionStarted, 1, *TERM)
    assert plan.contracts() == []


def test_a_service_product_is_there_once_and_stays_when_archived(
    desk: Desk, app: ApiClient
) -> None:
    known = service(app)
    path = f"{SERVICES}/{known['id']}"
    again = app.post(SERVICES, {"sku": "CARE", "name": "Again"})
    assert refused(again) == (409, "service_product_exists")
    assert good(app.patch(path, {"name": "Better care"}))["name"] == "Better care"
    good(app.post(f"{path}/archive"))
    assert refused(app.patch(path, {"name": "Other"})) == (409, "service_product_archived")
    assert app.get(SERVICES).json["items"] == []
    assert desk.app_client(desk.new_tenant()).get(path).status_code == 404
    plan = Plan(desk, app)
    plan.placed()
    plan.told(sales.SubscriptionStarted, 1, *TERM)
    assert plan.contracts() == []


def test_a_restored_service_product_gives_contracts_for_what_is_ordered_then(
    desk: Desk, app: ApiClient
) -> None:
    path = f"{SERVICES}/{service(app)['id']}"
    good(app.post(f"{path}/archive"))
    meanwhile = Plan(desk, app)
    meanwhile.placed()
    assert desk.app_client(desk.new_tenant()).post(f"{path}/restore").status_code == 404
    assert at_once(*[lambda: app.post(f"{path}/restore")] * 3) == [200] * 3
    assert len(facts(desk, app, events.ServiceProductRestored)) == 1
    meanwhile.told(sales.SubscriptionStarted, 1, *TERM)
    assert meanwhile.contracts() == []
    plan = Plan(desk, app)
    plan.placed()
    plan.told(sales.SubscriptionStarted, 1, *TERM)
    assert len(plan.contracts()) == 1
    assert good(app.patch(path, {"name": "Other"}))["archived_at"] is None


def test_conditions_ask_whether_a_customer_is_entitled(app: ApiClient) -> None:
    person = uuid4()
    contract(app, person_id=str(person))
    policy = {"name": "Contracts", "condition": "entitled", "first_response": {"normal": 15}}
    made = good(app.post("/v1/desk/service-levels", policy))
    covered, other = (open_ticket(app, person_id=str(who)) for who in (person, uuid4()))

    def policy_of(ticket: dict[str, Any]) -> list[str]:
        clocks = good(app.get(f"/v1/desk/tickets/{ticket['id']}/clocks"))["items"]
        return [each["service_level_id"] for each in clocks]

    assert set(policy_of(covered)) == {made["id"]}
    assert made["id"] not in policy_of(other)
