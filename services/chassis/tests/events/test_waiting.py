"""What waits for a worker: what somebody waits for goes first, and nothing is left behind at the end."""

from __future__ import annotations

from chassis.events.delivery import Delivery
from chassis.events.reactions import Reactions, Subscription
from chassis.events.waiting import Waiting

SHOP = Subscription("shop", Reactions())


def delivery(sequence: int, *, bulk: bool = False) -> Delivery:
    headers = {"lane": "bulk"} if bulk else {}
    return Delivery(SHOP, "subject", b"", headers, "reply", sequence, attempt=1, behind=0)


def taken(waiting: Waiting) -> list[int]:
    return [one.sequence for one in waiting.take()]


def test_what_somebody_waits_for_goes_before_a_bulk_load_that_came_earlier() -> None:
    waiting = Waiting()
    for number in range(100):
        waiting.put(delivery(number, bulk=True))
    waiting.put(delivery(100))
    waiting.put(delivery(101))

    assert taken(waiting) == [100, 101]
    assert taken(waiting) == list(range(32))
    waiting.put(delivery(102))
    assert taken(waiting) == [102]
    assert taken(waiting) == list(range(32, 64))


def test_the_order_within_a_lane_stays_and_no_transaction_grows_without_bound() -> None:
    waiting = Waiting()
    for number in range(70):
        waiting.put(delivery(number))
    assert taken(waiting) == list(range(64))
    assert taken(waiting) == list(range(64, 70))


def test_what_waits_is_taken_before_the_end() -> None:
    waiting = Waiting()
    waiting.put(delivery(1, bulk=True))
    waiting.end()
    assert taken(waiting) == [1]
    assert taken(waiting) == []
    assert taken(waiting) == []
