"""What customers own follows from orders, in whatever order facts are heard, once (DE-8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from google.protobuf.message import Message

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from desk.asset_orders.reactions import on_order_delivered, on_order_returned
from desk.tenant_days.zones import on_time_zone_told
from rapport.desk.events.v1 import asset_events_pb2 as events
from rapport.identity.events.v1.tenant_events_pb2 import TenantChanged
from rapport.sales.events.v1.order_events_pb2 import OrderDelivered
from services.desk.tests.builders import Desk, facts, fire, good, lasting_app
from services.desk.tests.knowing import ASSETS, MODELS, Sold, assets_of, hear, model

DAY = datetime(2026, 1, 31, 4, tzinfo=UTC)


def tell(desk: Desk, client: ApiClient, *told: Message) -> None:
    """Have the desk hear facts of orders, one after the other."""
    for fact in told:
        handler = on_order_delivered if isinstance(fact, OrderDelivered) else on_order_returned
        hear(desk, client, handler, fact)


def standing(client: ApiClient) -> list[tuple[str, str, int]]:
    """Serial number, status and number of all that is owned."""
    told = [(a["serial_number"], a["status"], a["quantity"]) for a in assets_of(client)]
    return sorted(told)


def test_a_delivered_piece_is_owned_with_its_warranty(desk: Desk, app: ApiClient) -> None:
    model(app)
    sold = Sold(uuid4())
    tell(desk, app, sold.delivered(DAY, "SN-0001"))
    (asset,) = assets_of(app, person_id=str(sold.person_id))
    assert (asset["serial_number"], asset["order_number"]) == ("SN-0001", "2026-000007")
    assert (asset["bought_on"], asset["warranty_until"]) == ("2026-01-31", "2028-01-31")
    (told,) = facts(desk, app, events.AssetAdded)
    assert (told.source, told.person_id) == ("order", str(sold.person_id))


def test_a_product_that_is_no_model_is_not_kept_track_of(desk: Desk, app: ApiClient) -> None:
    tell(desk, app, Sold(uuid4()).delivered(DAY, "SN-0001"))
    assert assets_of(app) == []


def test_a_model_that_is_defined_later_fills_itself_from_the_orders_of_before(
    timed: Desk, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    sold = Sold(uuid4())
    tell(timed, app, sold.delivered(DAY, "A1", "A2"), sold.returned(DAY, "A2"))
    model(app)
    fire(timed)
    assert standing(app) == [("A1", "active", 1), ("A2", "returned", 1)]


def test_the_day_is_that_of_the_tenants_clock(desk: Desk, app: ApiClient) -> None:
    model(app, warranty_months=1)
    hear(desk, app, on_time_zone_told, TenantChanged(time_zone="Asia/Taipei"), version=2)
    hear(desk, app, on_time_zone_told, TenantChanged(time_zone="America/New_York"), version=1)
    tell(desk, app, Sold(uuid4()).delivered(datetime(2026, 1, 30, 20, tzinfo=UTC), "SN-0001"))
    (asset,) = assets_of(app)
    assert (asset["bought_on"], asset["warranty_until"]) == ("2026-01-31", "2026-02-28")


def test_a_fact_that_comes_twice_changes_nothing(desk: Desk, app: ApiClient) -> None:
    model(app)
    sold = Sold(uuid4())
    delivered, returned = sold.delivered(DAY, quantity="3"), sold.returned(DAY, quantity="1")
    tell(desk, app, delivered, delivered, returned, returned, delivered)
    assert standing(app) == [("", "active", 2)]


def test_whatever_order_facts_come_in_the_same_is_owned(desk: Desk) -> None:
    sold = Sold(uuid4())
    told = [
        sold.delivered(DAY, "A1", "A2", delivery="d1"),
        sold.delivered(DAY + timedelta(days=1), quantity="2", delivery="d2"),
        sold.returned(DAY + timedelta(days=2), "a 1", key="r1"),
        sold.returned(DAY + timedelta(days=3), quantity="1", key="r2"),
    ]
    for order in permutations(told):
        app = desk.app_client(desk.new_tenant())
        model(app)
        tell(desk, app, *order)
        assert standing(app) == [
            ("", "active", 1),
            ("A1", "returned", 1),
            ("A2", "active", 1),
        ]


def test_all_pieces_without_numbers_that_came_back_are_returned(desk: Desk, app: ApiClient) -> None:
    model(app)
    sold = Sold(uuid4())
    tell(desk, app, sold.returned(DAY, quantity="2"), sold.delivered(DAY, quantity="2"))
    assert standing(app) == [("", "returned", 2)]


def test_pieces_that_are_measured_count_as_begun(desk: Desk, app: ApiClient) -> None:
    model(app)
    tell(desk, app, Sold(uuid4()).delivered(DAY, quantity="1.25"))
    assert standing(app) == [("", "active", 2)]


def test_a_piece_that_is_sold_again_belongs_to_whoever_bought_it_last(
    desk: Desk, app: ApiClient
) -> None:
    model(app)
    first, second = Sold(uuid4()), Sold(uuid4())
    sold = first.delivered(DAY, "SN-1")
    resold = second.delivered(DAY + timedelta(days=30), "sn1")
    tell(desk, app, sold, first.returned(DAY + timedelta(days=9), "SN-1"), resold)
    (asset,) = assets_of(app)
    assert (asset["person_id"], asset["status"]) == (str(second.person_id), "active")
    # What is heard late of times before takes it from nobody.
    other = desk.app_client(desk.new_tenant())
    model(other)
    tell(desk, other, resold, sold, first.returned(DAY + timedelta(days=9), "SN-1"))
    (asset,) = assets_of(other)
    assert (asset["person_id"], asset["status"]) == (str(second.person_id), "active")


def test_what_was_scrapped_does_not_come_back_by_an_order(desk: Desk, app: ApiClient) -> None:
    model(app)
    sold = Sold(uuid4())
    tell(desk, app, sold.delivered(DAY, "SN-1"))
    good(app.post(f"{ASSETS}/{assets_of(app)[0]['id']}/scrap"))
    tell(desk, app, sold.returned(DAY + timedelta(days=1), "SN-1"))
    assert standing(app) == [("SN-1", "scrapped", 1)]


def test_an_order_of_nobody_gives_nobody_anything(desk: Desk, app: ApiClient) -> None:
    model(app)
    tell(desk, app, Sold(None).delivered(DAY, "SN-1"))
    assert assets_of(app) == []


def test_an_archived_model_takes_no_new_pieces(desk: Desk, app: ApiClient) -> None:
    made = model(app)
    good(app.post(f"{MODELS}/{made['id']}/archive"))
    tell(desk, app, Sold(uuid4()).delivered(DAY, "SN-1"))
    assert assets_of(app) == []


def test_two_deliveries_of_one_serial_number_at_once_make_one_thing(
    desk: Desk, app: ApiClient
) -> None:
    model(app)
    one, two = Sold(uuid4()), Sold(uuid4())
    start, failed = Barrier(2), list[Exception]()

    def deliver(sold: Sold, day: datetime) -> None:
        start.wait()
        try:
            tell(desk, app, sold.delivered(day, "SN-1"))
        except Exception as error:  # noqa: BLE001 - shown below
            failed.append(error)

    threads = [
        Thread(target=deliver, args=(one, DAY)),
        Thread(target=deliver, args=(two, DAY + timedelta(days=1))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    (asset,) = assets_of(app)
    assert asset["person_id"] == str(two.person_id)


def test_sales_is_heard_by_the_bus(app: ApiClient, bus: Bus) -> None:
    model(app)
    sold = Sold(uuid4())
    assert app.tenant_id is not None
    bus.say(sold.delivered(DAY, "SN-1"), app.tenant_id, sold.order_id)
    assert eventually(lambda: standing(app)) == [("SN-1", "active", 1)]


@pytest.mark.parametrize("serial", ["-", " / "])
def test_a_serial_number_without_letters_or_digits_is_none(
    desk: Desk, app: ApiClient, serial: str
) -> None:
    model(app)
    tell(desk, app, Sold(uuid4()).delivered(DAY, serial))
    assert assets_of(app) == []


def test_what_was_given_back_by_hand_stays_so_when_more_of_the_line_is_delivered(
    desk: Desk, app: ApiClient
) -> None:
    model(app)
    sold = Sold(uuid4())
    tell(desk, app, sold.delivered(DAY, "A1"))
    path = f"{ASSETS}/{assets_of(app)[0]['id']}"
    good(app.post(f"{path}/return"))
    tell(desk, app, sold.delivered(DAY + timedelta(days=1), "A2", delivery="d2"))
    assert standing(app) == [("A1", "returned", 1), ("A2", "active", 1)]
    good(app.post(f"{path}/reactivate"))
    tell(desk, app, sold.returned(DAY + timedelta(days=2), "A2"))
    assert standing(app) == [("A1", "active", 1), ("A2", "returned", 1)]


def test_what_orders_say_of_later_counts_more_than_what_was_said_by_hand(
    timed: Desk, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    model(app)
    sold = Sold(uuid4())
    tell(timed, app, sold.delivered(DAY, "A1"))
    good(app.post(f"{ASSETS}/{assets_of(app)[0]['id']}/return"))
    later = clock.now() + timedelta(days=1)
    tell(timed, app, sold.delivered(later, "A1", delivery="d2"))
    assert standing(app) == [("A1", "active", 1)]
    tell(timed, app, sold.returned(later + timedelta(days=1), "A1"))
    assert standing(app) == [("A1", "returned", 1)]


def test_how_many_are_left_by_hand_stays_so_when_more_of_the_line_is_delivered(
    desk: Desk, app: ApiClient
) -> None:
    model(app)
    sold = Sold(uuid4())
    tell(desk, app, sold.delivered(DAY, quantity="5"))
    good(app.patch(f"{ASSETS}/{assets_of(app)[0]['id']}", {"quantity": 3}))
    tell(desk, app, sold.delivered(DAY + timedelta(days=1), quantity="1", delivery="d2"))
    assert standing(app) == [("", "active", 1), ("", "active", 3)]


def test_a_number_that_was_corrected_by_hand_makes_no_second_thing(
    desk: Desk, app: ApiClient
) -> None:
    model(app)
    sold = Sold(uuid4())
    tell(desk, app, sold.delivered(DAY, "A1", "A2"))
    wrong = next(one for one in assets_of(app) if one["serial_number"] == "A2")
    good(app.patch(f"{ASSETS}/{wrong['id']}", {"serial_number": "B2"}))
    tell(desk, app, sold.delivered(DAY + timedelta(days=1), "A3", delivery="d2"))
    assert standing(app) == [("A1", "active", 1), ("A3", "active", 1), ("B2", "active", 1)]


def test_whoever_was_given_a_returned_thing_keeps_it_when_its_order_goes_on(
    desk: Desk, app: ApiClient
) -> None:
    model(app)
    sold, other = Sold(uuid4()), uuid4()
    tell(desk, app, sold.delivered(DAY, "A1"), sold.returned(DAY + timedelta(days=1), "A1"))
    path = f"{ASSETS}/{assets_of(app)[0]['id']}"
    good(app.post(f"{path}/transfer", {"person_id": str(other)}))
    tell(desk, app, sold.delivered(DAY + timedelta(days=2), "A2", delivery="d2"))
    (kept,) = assets_of(app, person_id=str(other))
    assert (kept["serial_number"], kept["status"]) == ("A1", "active")
