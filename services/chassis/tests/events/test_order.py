"""Later facts of an aggregate wait until each earlier one that was handed back is done."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.events.delivery import Delivery
from chassis.events.order import FORGET_AFTER_SECONDS, Order
from chassis.events.reactions import Subscription
from services.chassis.tests.events.world import on_sold

SHOP = on_sold()


def delivery(sequence: int, about: str = "lamp", of: Subscription = SHOP) -> Delivery:
    headers: Mapping[str, str] = {"ce-subject": about}
    return Delivery(of, "subject", b"", headers, "reply", sequence, attempt=1, behind=0)


def test_nothing_waits_where_nothing_was_handed_back() -> None:
    order = Order()
    order.handed_back(delivery(2, about="table"), 5)

    assert order.wait_for_earlier(delivery(3)) is None


def test_the_fact_that_was_handed_back_and_earlier_ones_do_not_wait() -> None:
    order = Order()
    order.handed_back(delivery(2), 5)

    assert order.wait_for_earlier(delivery(2)) is None
    assert order.wait_for_earlier(delivery(1)) is None


def test_a_later_fact_comes_after_the_one_it_waits_for() -> None:
    order = Order()
    order.handed_back(delivery(2), 5)

    wait = order.wait_for_earlier(delivery(3))

    assert wait is not None
    assert wait > 5


def test_those_that_waited_keep_their_order_once_the_first_is_done() -> None:
    order = Order()
    order.handed_back(delivery(2), 0)
    for sequence in (3, 4):
        order.handed_back(delivery(sequence), order.wait_for_earlier(delivery(sequence)) or 0)
    order.done(delivery(2))

    assert order.wait_for_earlier(delivery(4)) is not None
    order.done(delivery(3))
    assert order.wait_for_earlier(delivery(4)) is None


def test_what_does_not_come_again_is_forgotten() -> None:
    order = Order()
    order.handed_back(delivery(2), -FORGET_AFTER_SECONDS - 1)

    assert order.wait_for_earlier(delivery(3)) is None
