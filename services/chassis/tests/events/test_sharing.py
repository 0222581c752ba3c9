"""Facts go to few workers while these have time, to others when they have not, and those of an aggregate stay together."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.events.delivery import Delivery
from chassis.events.reactions import Reactions, Subscription
from chassis.events.sharing import Shares

SHOP = Subscription("shop", Reactions())


class Hand:
    """Takes what it is given, and works on it for as long as the test says."""

    def __init__(self) -> None:
        self.taken: list[Delivery] = []
        self.seconds = 0.0

    def put(self, delivery: Delivery) -> None:
        """Take it."""
        self.taken.append(delivery)

    def waiting(self, *, bulk: bool) -> int:
        """All that nobody has settled; nobody does."""
        return len([one for one in self.taken if bulk or not one.is_bulk])

    def seconds_at_work(self) -> float:
        """As the test says."""
        return self.seconds


def delivery(line: str, *, bulk: bool = False) -> Delivery:
    headers = {"ce-subject": line} | ({"lane": "bulk"} if bulk else {})
    return Delivery(SHOP, "subject", b"", headers, "reply", 1, attempt=1, behind=0)


def shared(count: int = 3) -> tuple[Shares, Sequence[Hand]]:
    hands = [Hand() for _ in range(count)]
    return Shares(hands), hands


def counts(hands: Sequence[Hand]) -> list[int]:
    return [len(hand.taken) for hand in hands]


def test_a_worker_with_time_gets_all_and_the_next_what_is_too_much_for_it() -> None:
    shares, hands = shared()
    for number in range(64):
        shares.share_out(delivery(f"a{number}"))
    assert counts(hands) == [64, 0, 0]
    for number in range(10):
        shares.share_out(delivery(f"b{number}"))
    assert counts(hands) == [64, 10, 0]


def test_who_is_held_up_gets_nothing_more_while_others_have_time() -> None:
    shares, hands = shared()
    shares.share_out(delivery("a"))
    hands[0].seconds = 3.0
    shares.share_out(delivery("b"))
    assert counts(hands) == [1, 1, 0]
    for hand in hands:
        hand.seconds = 3.0
    shares.share_out(delivery("c"))
    assert counts(hands) == [1, 1, 1], "whoever has least"


def test_facts_of_an_aggregate_stay_with_one_worker_until_all_of_them_are_settled() -> None:
    shares, hands = shared()
    first, second = delivery("a"), delivery("a")
    shares.share_out(first)
    hands[0].seconds = 3.0
    shares.share_out(second)
    assert counts(hands) == [2, 0, 0]
    shares.settled(first)
    shares.share_out(delivery("a"))
    assert counts(hands) == [3, 0, 0]
    shares.settled(second)
    shares.settled(second)
    shares.share_out(delivery("a"))
    assert counts(hands) == [3, 1, 0]


def test_one_that_comes_again_while_it_is_here_is_counted_once() -> None:
    shares, hands = shared()
    one = delivery("a")
    shares.share_out(one)
    shares.share_out(one, again=True)
    shares.settled(one)
    hands[0].seconds = 3.0
    shares.share_out(delivery("a"))
    assert counts(hands) == [2, 1, 0]


def test_what_nobody_waits_for_leaves_a_worker_to_those_who_do() -> None:
    shares, hands = shared()
    for number in range(500):
        shares.share_out(delivery(f"a{number}", bulk=True))
    assert counts(hands) == [0, 250, 250]
    shares.share_out(delivery("b"))
    assert counts(hands) == [1, 250, 250]


def test_a_worker_alone_does_everything() -> None:
    shares, hands = shared(1)
    shares.share_out(delivery("a", bulk=True))
    shares.share_out(delivery("b"))
    assert counts(hands) == [2]
