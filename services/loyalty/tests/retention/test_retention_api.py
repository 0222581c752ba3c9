"""Who drifts, is lost and comes back, over REST: judged by time, by acts, and by what tenants define."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from loyalty.happenings.domain import HappeningKind
from rapport.identity.events.v1.tenant_events_pb2 import TenantChanged
from rapport.loyalty.events.v1 import retention_events_pb2 as events
from services.loyalty.tests.befalling import befall, interaction, of_order, purchase
from services.loyalty.tests.builders import (
    Loyalty,
    delivered,
    facts,
    fire,
    good,
    lasting_app,
    places,
    refused,
)

DEFINITION = "/v1/loyalty/retention-definition"
CUSTOMERS = "/v1/loyalty/customers"
CYCLES = "/v1/loyalty/purchase-cycles"
SIMPLE = {
    "cycles": {"coffee": 30, "machines": 700},
    "least_buyers": None,
    "own_from_purchases": None,
    "drift_factor": "1.5",
    "lapse_factor": "3",
    "high_value": {"amount": "1000", "currency": "TWD"},
    "time_zone": "Asia/Taipei",
}
ONE_DAY = timedelta(days=1)


@pytest.fixture
def anna() -> UUID:
    return uuid4()


@pytest.fixture
def owner(timed: Loyalty, clock: MovableClock) -> ApiClient:
    """An app of a tenant that expects coffee to be bought every 30 days."""
    client = lasting_app(timed, clock)
    good(client.put(DEFINITION, SIMPLE))
    fire(timed)
    return client


@pytest.fixture
def days_pass(timed: Loyalty, clock: MovableClock) -> Callable[[int], None]:
    """Moves the clock and has due what comes due on the way."""

    def move(days: int) -> None:
        clock.move(timedelta(days=days))
        fire(timed)

    return move


def customer(client: ApiClient, person_id: UUID) -> dict[str, Any]:
    return good(client.get(f"{CUSTOMERS}/{person_id}"))


@pytest.mark.parametrize("path", [DEFINITION, CUSTOMERS, CYCLES])
def test_reading_needs_a_token(timed: Loyalty, path: str) -> None:
    assert refused(timed.anonymous().get(path)) == (401, "token_missing")


def test_who_may_read_may_not_define(timed: Loyalty) -> None:
    reader = timed.app_client(timed.new_tenant(), "loyalty.retention_definition.read")
    assert reader.get(DEFINITION).json["is_defined"] is False
    assert reader.put(DEFINITION, {}).status_code == 403


def test_a_customer_drifts_is_lost_and_comes_back_each_told_once(
    timed: Loyalty,
    owner: ApiClient,
    days_pass: Callable[[int], None],
    anna: UUID,
    clock: MovableClock,
) -> None:
    bought_at = clock.now()
    befall(timed, owner, purchase(anna, bought_at, "1200"))
    assert customer(owner, anna)["state"] == "active"
    days_pass(44)
    assert customer(owner, anna)["state"] == "active"
    for _ in range(3):
        days_pass(1)
    assert customer(owner, anna)["state"] == "drifting"
    (drifting,) = facts(timed, owner, events.MemberDrifted)
    assert drifting.person_id == str(anna)
    assert (drifting.category, drifting.cycle_days, drifting.value_band) == ("coffee", 30, "high")
    assert drifting.since.ToDatetime(bought_at.tzinfo) == bought_at + timedelta(days=45)
    days_pass(44)
    days_pass(1)
    shown = customer(owner, anna)
    assert (shown["state"], shown["losses"][0]["timing"]) == ("lapsed", "early")
    (lapsed,) = facts(timed, owner, events.MemberLapsed)
    assert (lapsed.turnover.amount, lapsed.value_band, lapsed.timing) == (
        "1200.00",
        "high",
        "early",
    )
    befall(timed, owner, purchase(anna, clock.now()))
    (returned,) = facts(timed, owner, events.MemberReturned)
    assert returned.from_state == "lapsed"
    assert customer(owner, anna)["state"] == "active"


def test_it_is_explained_in_words_and_figures(
    timed: Loyalty, owner: ApiClient, anna: UUID, clock: MovableClock
) -> None:
    now = clock.now()
    machine = purchase(anna, now - timedelta(days=200), "900", category="machines")
    coffee = [purchase(anna, now - timedelta(days=day)) for day in (139, 105, 71)]
    befall(timed, owner, *coffee, machine)
    shown = customer(owner, anna)
    assert shown["explanation"] == (
        "coffee: bought every 34 days, last 71 days ago; expected every 30 days, so drifting after"
        " 45 days and lost after 90."
    )
    assert (shown["state"], shown["cycle_source"], shown["purchases"]) == ("drifting", "given", 4)
    assert [
        (one["category"], one["purchases"], one["every_days"], one["cycles_since"])
        for one in shown["rhythms"]
    ] == [("coffee", 3, 34, "2.37"), ("machines", 1, None, "0.29")]
    assert shown["turnover"] == {"amount": "1200.00", "currency": "TWD"}
    assert "0.5" not in shown["definitions"]["drifting"]


def test_a_sign_of_life_keeps_a_customer_as_far_as_the_tenant_says(
    timed: Loyalty,
    owner: ApiClient,
    days_pass: Callable[[int], None],
    anna: UUID,
    clock: MovableClock,
) -> None:
    visit = {"kind": "interaction", "interaction_kind": "visit", "channel": "shop", "weight": "0.5"}
    good(owner.put(DEFINITION, {**SIMPLE, "signs": [visit]}))
    berta = uuid4()
    befall(timed, owner, purchase(anna, clock.now()), purchase(berta, clock.now()))
    days_pass(40)
    befall(timed, owner, interaction(anna, "visit", clock.now(), channel="shop"))
    befall(timed, owner, interaction(berta, "visit", clock.now(), channel="web"))
    days_pass(10)
    days_pass(1)
    assert customer(owner, anna)["state"] == "active"
    assert customer(owner, berta)["state"] == "drifting"
    counted = customer(owner, anna)["counted_from"]
    assert counted > customer(owner, anna)["last_bought_at"]


def test_what_is_paid_back_whole_was_no_purchase_in_whichever_order_it_is_told(
    timed: Loyalty, owner: ApiClient, anna: UUID, clock: MovableClock
) -> None:
    order_id, now = uuid4(), clock.now()
    back = of_order(HappeningKind.ORDER_REFUNDED, anna, now, "100", order_id=order_id)
    befall(timed, owner, back, purchase(anna, now - ONE_DAY, "100", order_id=order_id))
    assert owner.get(f"{CUSTOMERS}/{anna}").status_code == 404
    other = uuid4()
    befall(timed, owner, purchase(anna, now, "100", order_id=other))
    half = of_order(HappeningKind.ORDER_REFUNDED, anna, now, "50", order_id=other)
    befall(timed, owner, half)
    assert customer(owner, anna)["turnover"]["amount"] == "50.00"
    befall(timed, owner, of_order(HappeningKind.ORDER_REFUNDED, anna, now, "50", order_id=other))
    assert owner.get(f"{CUSTOMERS}/{anna}").status_code == 404
    assert owner.get(CUSTOMERS).json["items"] == []


def test_a_loss_has_a_reason_from_the_last_order_until_somebody_enters_another(
    timed: Loyalty,
    owner: ApiClient,
    days_pass: Callable[[int], None],
    anna: UUID,
    clock: MovableClock,
) -> None:
    befall(timed, owner, purchase(anna, clock.now()))
    path = f"{CUSTOMERS}/{anna}/loss-reason"
    assert refused(owner.put(path, {"reason": "price"})) == (409, "customer_not_lost")
    back = of_order(
        HappeningKind.ORDER_RETURNED,
        anna,
        clock.now() + ONE_DAY,
        "50",
        properties={"reason": "defective"},
    )
    befall(timed, owner, back)
    days_pass(100)
    loss = customer(owner, anna)["losses"][0]
    assert (loss["reason"], loss["order_reason"]) == (None, "defective")
    assert good(owner.put(path, {"reason": "price"}))["losses"][0]["reason"] == "price"
    (lapsed,) = facts(timed, owner, events.MemberLapsed)
    assert lapsed.order_reason == "defective"
    assert good(owner.put(path, {"reason": None}))["losses"][0]["reason"] is None
    told = [fact.reason for fact in facts(timed, owner, events.LossReasonEntered)]
    assert told == ["price", ""]
    assert owner.put(f"{CUSTOMERS}/{uuid4()}/loss-reason", {"reason": "price"}).status_code == 404


def test_cycles_are_estimated_where_enough_people_bought_again(
    timed: Loyalty, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    now = clock.now()
    for gap in (20, 25, 40):
        tea = [purchase(person := uuid4(), now - timedelta(days=2 * gap), category="tea")]
        tea.append(purchase(person, now - timedelta(days=gap), category="tea"))
        befall(timed, client, *tea)
    milk = uuid4()
    befall(timed, client, *(purchase(milk, now - day * ONE_DAY, category="milk") for day in (9, 2)))
    good(client.put(DEFINITION, {"least_buyers": 3, "cycles": {"coffee": 30}}))
    fire(timed)
    found = {
        (one["category"], one["days"], one["source"], one["buyers"])
        for one in good(client.get(CYCLES))["items"]
    }
    assert found == {
        ("coffee", 30, "given", None),
        ("tea", 25, "estimated", 3),
        ("", 23, "estimated_overall", 4),
    }
    assert customer(client, milk)["cycle_source"] == "estimated_overall"


def test_the_past_is_judged_once_a_definition_is_there_without_telling_old_news(
    timed: Loyalty, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    people = [uuid4() for _ in range(130)]
    long_ago = clock.now() - timedelta(days=400)
    befall(timed, client, *(purchase(person, long_ago) for person in people))
    assert client.get(CUSTOMERS).json["items"] == []
    good(client.put(DEFINITION, SIMPLE))
    fire(timed)
    fire(timed)
    shown = good(client.get(f"{CUSTOMERS}?state=lapsed&page_size=200&count=true"))
    assert shown["total_count"] == len(people)
    assert facts(timed, client, events.MemberLapsed) == []
    good(client.put(DEFINITION, {**SIMPLE, "cycles": {"coffee": 300}}))
    fire(timed)
    fire(timed)
    assert good(client.get(f"{CUSTOMERS}?state=active&count=true"))["total_count"] == len(people)
    assert len(facts(timed, client, events.MemberReturned)) == len(people)


def test_purchases_that_arrive_while_everybody_is_judged_are_not_lost_sight_of(
    timed: Loyalty, owner: ApiClient, clock: MovableClock
) -> None:
    people = [uuid4() for _ in range(24)]
    befall(timed, owner, *(purchase(person, clock.now()) for person in people))
    clock.move(timedelta(days=60))
    again = [purchase(person, clock.now()) for person in people[:12]]
    with ThreadPoolExecutor(5) as pool:
        judged = pool.submit(fire, timed)
        bought = [pool.submit(befall, timed, owner, *again[n::4]) for n in range(4)]
        for work in (judged, *bought):
            work.result()
    assert good(owner.get(f"{CUSTOMERS}?state=active&count=true"))["total_count"] == 12
    drifting = good(owner.get(f"{CUSTOMERS}?state=drifting&page_size=50"))["items"]
    assert {one["person_id"] for one in drifting} == {str(person) for person in people[12:]}
    drifted = {fact.person_id for fact in facts(timed, owner, events.MemberDrifted)}
    returned = {fact.person_id for fact in facts(timed, owner, events.MemberReturned)}
    assert drifted - returned == {str(person) for person in people[12:]}


def test_the_same_person_buying_at_once_is_one_customer_with_every_purchase(
    timed: Loyalty, owner: ApiClient, anna: UUID, clock: MovableClock
) -> None:
    done = [purchase(anna, clock.now()) for _ in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: befall(timed, owner, *done[n::6]), range(6)))
    shown = customer(owner, anna)
    assert (shown["purchases"], shown["turnover"]["amount"]) == (12, "1200.00")


def test_an_impossible_definition_is_refused_and_an_outdated_version_too(owner: ApiClient) -> None:
    swapped = {**SIMPLE, "drift_factor": "3", "lapse_factor": "2"}
    assert places(owner.put(DEFINITION, swapped)) == [("/lapse_factor", "factors_unsound")]
    fine = {**SIMPLE, "high_value": {"amount": "1.005", "currency": "TWD"}}
    assert places(owner.put(DEFINITION, fine)) == [("/high_value/amount", "amount_too_fine")]
    outdated = owner.put(DEFINITION, {}, headers={"If-Match": '"0"'})
    assert refused(outdated) == (412, "version_mismatch")


def test_another_tenants_customers_are_invisible(
    timed: Loyalty, owner: ApiClient, anna: UUID, clock: MovableClock
) -> None:
    befall(timed, owner, purchase(anna, clock.now()))
    stranger = lasting_app(timed, clock)
    assert stranger.get(CUSTOMERS).json["items"] == []
    assert stranger.get(f"{CUSTOMERS}/{anna}").status_code == 404


def test_days_are_the_organisations_unless_the_tenant_says_otherwise(
    loyalty: Loyalty, bus: Bus, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    told = TenantChanged(tenant_id=str(app.tenant_id), time_zone="Asia/Taipei")
    bus.say(told, app.tenant_id, app.tenant_id, version=3)
    eventually(lambda: good(app.get(DEFINITION))["zone"] == "Asia/Taipei")
    late = TenantChanged(tenant_id=str(app.tenant_id), time_zone="Europe/Berlin")
    bus.say(late, app.tenant_id, app.tenant_id, version=2)
    eventually(bus.is_settled)
    assert good(app.put(DEFINITION, {}))["zone"] == "Asia/Taipei"
    assert good(app.put(DEFINITION, {"time_zone": "UTC"}))["zone"] == "UTC"
    assert loyalty is not None


def test_a_delivery_told_three_times_is_one_purchase(bus: Bus, app: ApiClient) -> None:
    good(app.put(DEFINITION, SIMPLE))
    person = uuid4()
    fact = delivered(person, "100")
    assert app.tenant_id is not None
    for _ in range(3):
        bus.say(fact, app.tenant_id, UUID(fact.order_id))
    eventually(lambda: app.get(f"{CUSTOMERS}/{person}").status_code == 200)
    eventually(bus.is_settled)
    assert customer(app, person)["turnover"]["amount"] == "100.00"
