"""Win-backs over REST: offered once for each time away, held out by chance, and compared by what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import Caller
from loyalty.happenings.domain import HappeningKind
from loyalty.ledger.queries import balance
from loyalty.win_backs.domain import is_held_out
from rapport.loyalty.events.v1 import win_back_events_pb2 as events
from rapport.loyalty.requests.v1.send_message_pb2 import SendMessage
from services.loyalty.tests.befalling import befall, befall_together, of_order, purchase
from services.loyalty.tests.builders import (
    Loyalty,
    at_once,
    create_program,
    enrol,
    facts,
    fire,
    good,
    lasting_app,
    places,
    refused,
)
from services.loyalty.tests.couponing import Till

WIN_BACKS = "/v1/loyalty/win-backs"
RULES = {
    "cycles": {"coffee": 30},
    "least_buyers": None,
    "own_from_purchases": None,
    "high_value": {"amount": "1000", "currency": "TWD"},
}
POINTS = {"kind": "points", "points": 200, "points_days": 30, "template": "win_back"}
ALL = {"states": ["drifting"], "control_percent": "0"}


class Shop:
    """A tenant with a program whose members drift after 45 days, and are lost after 90."""

    def __init__(self, loyalty: Loyalty, clock: MovableClock) -> None:
        self.loyalty, self.clock = loyalty, clock
        self.app = lasting_app(loyalty, clock)
        good(self.app.put("/v1/loyalty/retention-definition", RULES))
        self.program = create_program(self.app)
        fire(loyalty)

    def members(self, count: int, total: str = "100") -> list[UUID]:
        """Members who buy now."""
        people = [uuid4() for _ in range(count)]
        for person in people:
            enrol(self.app, self.program, person)
        bought = [purchase(person, self.clock.now(), total) for person in people]
        befall_together(self.loyalty, self.app, bought)
        return people

    def define(self, **more: Any) -> dict[str, Any]:
        body = {
            "program_id": self.program["id"],
            "name": {"en": "We miss you"},
            "audience": ALL,
            "offer": POINTS,
            **more,
        }
        return good(self.app.post(WIN_BACKS, body))

    def begin(self, **more: Any) -> str:
        """A win-back that makes its offers; gives where it is."""
        path = f"{WIN_BACKS}/{self.define(**more)['id']}"
        good(self.app.post(f"{path}/begin"))
        return path

    def pass_days(self, days: int) -> None:
        """Have time pass, and due what comes due on the way."""
        self.clock.move(timedelta(days=days))
        for _ in range(4):
            fire(self.loyalty)

    def offers(self, path: str, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = good(self.app.get(f"{path}/offers?page_size=200{query}"))[
            "items"
        ]
        return found

    def points_of(self, person: UUID) -> int:
        (member,) = good(self.app.get(f"/v1/loyalty/members?person_id={person}"))["items"]
        read = self.loyalty.service.operations.run
        caller = Caller(self.app.tenant_id, "test")
        return read(caller, lambda tx: balance(tx, UUID(member["id"])).available)

    def told(self, kind: type[Any]) -> list[Any]:
        return facts(self.loyalty, self.app, kind)


@pytest.fixture
def shop(timed: Loyalty, clock: MovableClock) -> Shop:
    return Shop(timed, clock)


def test_reading_needs_a_token_and_running_a_permission_of_its_own(
    timed: Loyalty, shop: Shop, clock: MovableClock
) -> None:
    assert refused(timed.anonymous().get(WIN_BACKS)) == (401, "token_missing")
    win_back = shop.define()
    writer = lasting_app(
        timed, clock, shop.app.tenant_id, "loyalty.win_backs.read loyalty.win_backs.write"
    )
    assert writer.get(f"{WIN_BACKS}/{win_back['id']}").status_code == 200
    assert writer.post(f"{WIN_BACKS}/{win_back['id']}/begin").status_code == 403


def test_who_drifts_is_offered_points_once_and_is_won_by_a_purchase_in_time(shop: Shop) -> None:
    anna, berta = shop.members(2)
    path = shop.begin()
    shop.pass_days(40)
    assert shop.offers(path) == []
    befall(shop.loyalty, shop.app, purchase(berta, shop.clock.now()))
    for _ in range(3):
        shop.pass_days(3)
    (offer,) = shop.offers(path)
    assert (offer["person_id"], offer["state"], offer["held_out"]) == (str(anna), "drifting", False)
    assert shop.points_of(anna) == 200
    assert [fact.person_id for fact in shop.told(events.WinBackSent)] == [str(anna)]
    (message,) = shop.told(SendMessage)
    assert (message.request.template, message.request.person_id) == ("win_back", str(anna))
    assert message.request.variables["points"] == 200
    befall(shop.loyalty, shop.app, *(purchase(anna, shop.clock.now(), "300") for _ in range(2)))
    (won,) = shop.told(events.WinBackWon)
    assert (won.offer_id, won.revenue.amount) == (offer["id"], "300.00")
    result = good(shop.app.get(f"{path}/result"))
    assert result["offered"] == {
        "customers": 1,
        "open": 1,
        "returned": 1,
        "return_rate": "100.00",
        "revenue": {"amount": "600.00", "currency": "TWD"},
        "revenue_per_customer": {"amount": "600.00", "currency": "TWD"},
    }
    assert (result["held_out"]["customers"], result["uplift"]) == (0, None)


def test_a_new_time_away_is_offered_anew_unless_the_last_offer_is_too_near(shop: Shop) -> None:
    (anna,) = shop.members(1)
    often = shop.begin()
    shop.pass_days(47)
    seldom = shop.begin(audience={**ALL, "between_days": 30})
    shop.pass_days(1)
    befall(shop.loyalty, shop.app, purchase(anna, shop.clock.now()))
    shop.pass_days(47)
    assert (len(shop.offers(often)), len(shop.offers(seldom))) == (2, 0)
    shop.pass_days(25)
    assert (len(shop.offers(often)), len(shop.offers(seldom))) == (2, 0)
    shop.pass_days(8)
    assert (len(shop.offers(often)), len(shop.offers(seldom))) == (2, 1)


def test_rounds_at_the_same_time_do_not_pass_over_each_others_offers(shop: Shop) -> None:
    people = shop.members(30)
    paths = [shop.begin(audience={**ALL, "between_days": 30}) for _ in range(2)]
    shop.clock.move(timedelta(days=47))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: shop.pass_days(0), range(4)))
    offered = Counter(offer["person_id"] for path in paths for offer in shop.offers(path))
    assert offered == Counter(str(person) for person in people)


def test_one_time_away_is_offered_once_though_it_turns_out_to_have_begun_earlier(
    shop: Shop,
) -> None:
    (anna,) = shop.members(1)
    shop.pass_days(1)
    order_id = uuid4()
    befall(shop.loyalty, shop.app, purchase(anna, shop.clock.now(), order_id=order_id))
    path = shop.begin(audience={**ALL, "states": ["drifting", "lapsed"]})
    shop.pass_days(47)
    assert len(shop.offers(path)) == 1
    kind, now = HappeningKind.ORDER_REFUNDED, shop.clock.now()
    befall(shop.loyalty, shop.app, of_order(kind, anna, now, "100", order_id=order_id))
    shop.pass_days(40)
    assert len(shop.offers(path)) == 1


def test_a_purchase_after_the_time_and_one_that_is_paid_back_are_no_result(shop: Shop) -> None:
    late, back = shop.members(2)
    path = shop.begin(counts_days=10)
    shop.pass_days(47)
    order_id = uuid4()
    bought = purchase(back, shop.clock.now(), "100", order_id=order_id)
    befall(shop.loyalty, shop.app, bought)
    assert good(shop.app.get(f"{path}/result"))["offered"]["returned"] == 1
    refund = of_order(
        HappeningKind.ORDER_REFUNDED, back, shop.clock.now(), "100", order_id=order_id
    )
    befall(shop.loyalty, shop.app, refund)
    shop.pass_days(11)
    befall(shop.loyalty, shop.app, purchase(late, shop.clock.now()))
    offered = good(shop.app.get(f"{path}/result"))["offered"]
    assert (offered["customers"], offered["open"], offered["returned"]) == (2, 0, 0)
    assert offered["revenue"]["amount"] == "0.00"
    assert len(shop.told(events.WinBackWon)) == 1


def test_the_held_out_get_nothing_and_show_who_would_have_come_anyway(shop: Shop) -> None:
    people = shop.members(80)
    path = shop.begin(audience={**ALL, "control_percent": "40"})
    shop.pass_days(47)
    win_back_id = UUID(path.rsplit("/", 1)[1])
    held = {person for person in people if is_held_out(win_back_id, person, Decimal(40))}
    assert {one["person_id"] for one in shop.offers(path, "&held_out=true")} == set(map(str, held))
    sent = {fact.person_id for fact in shop.told(events.WinBackSent)}
    assert sent == {str(person) for person in people if person not in held}
    assert shop.points_of(next(iter(held))) == 0
    back = [*sorted(held)[:2], *[person for person in people if person not in held][:30]]
    bought = [purchase(person, shop.clock.now(), "50") for person in back]
    befall_together(shop.loyalty, shop.app, bought)
    result = good(shop.app.get(f"{path}/result"))
    assert (result["offered"]["returned"], result["held_out"]["returned"]) == (30, 2)
    offered = len(people) - len(held)
    difference = 100 * (30 / offered - 2 / len(held))
    assert float(result["uplift"]["percentage_points"]) == pytest.approx(difference, abs=0.006)
    assert result["uplift"]["is_sure"] is True
    extra = Decimal(result["extra_revenue"]["amount"])
    assert extra == (1500 - Decimal(100) * offered / len(held)).quantize(Decimal("0.01"))
    assert "Newcombe" in result["definitions"]["uplift"]
    assert len(shop.told(events.WinBackWon)) == 30


def test_only_those_of_the_value_and_state_that_are_asked_for_are_offered(shop: Shop) -> None:
    good_ones, small = shop.members(2, "2000"), shop.members(2, "10")
    lost = {"states": ["lapsed"], "control_percent": "0", "wait_days": 5}
    high = shop.begin(audience={**lost, "value_bands": ["high"]})
    anyone = shop.begin(audience={**lost, "value_bands": ["high", "low"]})
    shop.pass_days(92)
    assert shop.offers(anyone) == []
    shop.pass_days(5)
    assert {one["person_id"] for one in shop.offers(high)} == set(map(str, good_ones))
    assert {one["person_id"] for one in shop.offers(anyone)} == set(map(str, good_ones + small))


def test_a_coupon_is_issued_from_the_pool_and_a_pool_that_stops_stops_no_other(
    timed: Loyalty, shop: Shop
) -> None:
    till = Till.__new__(Till)
    till.app, till.program = shop.app, shop.program
    pool = till.pool()
    (anna,) = shop.members(1)
    path = shop.begin(offer={"kind": "coupon", "pool_id": pool["id"]})
    shop.pass_days(47)
    (offer,) = shop.offers(path)
    coupons = good(shop.app.get(f"/v1/loyalty/coupons?person_id={anna}"))["items"]
    assert [one["id"] for one in coupons] == [offer["coupon_id"]]
    good(shop.app.post(f"/v1/loyalty/coupon-pools/{pool['id']}/pause"))
    (berta,) = shop.members(1)
    shop.pass_days(47)
    assert {one["person_id"] for one in shop.offers(path)} == {str(anna)}
    good(shop.app.post(f"/v1/loyalty/coupon-pools/{pool['id']}/activate"))
    shop.pass_days(1)
    assert str(berta) in {one["person_id"] for one in shop.offers(path)}
    assert timed is shop.loyalty


def test_rounds_at_the_same_time_offer_once_and_purchases_meanwhile_are_seen(shop: Shop) -> None:
    people = shop.members(60)
    shop.clock.move(timedelta(days=47))
    fire(shop.loyalty)
    path = shop.begin()
    back = [purchase(person, shop.clock.now()) for person in people[:6]]
    with ThreadPoolExecutor(4) as pool:
        works: list[Any] = [pool.submit(fire, shop.loyalty) for _ in range(3)]
        works.append(pool.submit(befall, shop.loyalty, shop.app, *back))
        for work in works:
            work.result()
    for _ in range(3):
        fire(shop.loyalty)
    offers = shop.offers(path)
    offered = [one["person_id"] for one in offers]
    assert len(offered) == len(set(offered))
    assert set(map(str, people[6:])) <= set(offered)
    assert {shop.points_of(person) for person in people[6:9]} == {200}
    result = good(shop.app.get(f"{path}/result"))["offered"]
    assert result["customers"] == len(offered)


def test_begun_twice_at_once_is_begun_once_and_what_has_begun_stays_as_it_is(shop: Shop) -> None:
    win_back = shop.define()
    path = f"{WIN_BACKS}/{win_back['id']}"
    renamed = good(shop.app.patch(path, {"name": {"en": "Come back"}}))
    assert (renamed["name"], renamed["version"]) == ({"en": "Come back"}, 2)
    begin: Callable[[], Any] = lambda: shop.app.post(f"{path}/begin")  # noqa: E731
    assert at_once(begin, begin) == [200, 200]
    assert len(shop.told(events.WinBackBegun)) == 1
    change = shop.app.patch(path, {"counts_days": 60})
    assert refused(change) == (409, "win_back_begun")
    assert good(shop.app.post(f"{path}/end"))["status"] == "ended"
    assert refused(shop.app.post(f"{path}/begin")) == (409, "win_back_ended")
    shop.members(1)
    shop.pass_days(47)
    assert shop.offers(path) == []


def test_an_offer_of_nothing_or_to_who_is_there_is_refused(shop: Shop) -> None:
    def wrong(**more: Any) -> list[tuple[str, str]]:
        body = {
            "program_id": shop.program["id"],
            "name": {"en": "A"},
            "audience": ALL,
            "offer": POINTS,
        }
        return places(shop.app.post(WIN_BACKS, {**body, **more}))

    assert wrong(audience={"states": ["active"]}) == [("/audience/states", "states_impossible")]
    assert wrong(offer={"kind": "points"}) == [("/offer/points", "offer_unclear")]
    assert wrong(offer={"kind": "message"}) == [("/offer/template", "offer_unclear")]
    pool = {"kind": "coupon", "pool_id": str(uuid4())}
    assert wrong(offer=pool) == [("/offer/pool_id", "coupon_pool_unknown")]
    assert wrong(offer={**pool, "points": 5}) == [("/offer/points", "offer_unclear")]
    nowhere = {"program_id": str(uuid4()), "name": {"en": "A"}, "audience": ALL, "offer": POINTS}
    assert shop.app.post(WIN_BACKS, nowhere).status_code == 404


def test_none_begins_before_the_tenant_says_who_is_lost(
    timed: Loyalty, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    program = create_program(client)
    body = {"program_id": program["id"], "name": {"en": "A"}, "audience": ALL, "offer": POINTS}
    win_back = good(client.post(WIN_BACKS, body))
    begun = client.post(f"{WIN_BACKS}/{win_back['id']}/begin")
    assert refused(begun) == (409, "retention_undefined")


def test_another_tenants_win_backs_are_invisible(
    timed: Loyalty, shop: Shop, clock: MovableClock
) -> None:
    win_back = shop.define()
    stranger = lasting_app(timed, clock)
    assert stranger.get(WIN_BACKS).json["items"] == []
    for path in ("", "/offers", "/result"):
        assert stranger.get(f"{WIN_BACKS}/{win_back['id']}{path}").status_code == 404
