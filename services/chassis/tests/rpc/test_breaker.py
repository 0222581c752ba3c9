"""The circuit breaker."""

from __future__ import annotations

from chassis.rpc.breaker import Breaker


class Watch:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def opened(watch: Watch) -> Breaker:
    breaker = Breaker(watch, failures=3, rest=2)
    for _ in range(3):
        assert breaker.allows()
        breaker.failed()
    return breaker


def test_it_opens_after_failures_in_a_row() -> None:
    assert not opened(Watch()).allows()


def test_a_success_in_between_keeps_it_closed() -> None:
    breaker = Breaker(Watch(), failures=3)
    for _ in range(10):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()

    assert breaker.allows()


def test_after_its_rest_one_trial_is_let_through_and_no_more() -> None:
    watch = Watch()
    breaker = opened(watch)
    watch.at += 2

    assert [breaker.allows() for _ in range(3)] == [True, False, False]


def test_a_trial_that_succeeds_closes_it() -> None:
    watch = Watch()
    breaker = opened(watch)
    watch.at += 2
    assert breaker.allows()
    breaker.succeeded()

    assert [breaker.allows() for _ in range(3)] == [True, True, True]


def test_a_trial_that_fails_makes_it_rest_again() -> None:
    watch = Watch()
    breaker = opened(watch)
    watch.at += 2
    assert breaker.allows()
    watch.at += 1
    breaker.failed()
    watch.at += 1.5

    assert not breaker.allows()


def test_a_trial_that_never_reports_does_not_keep_it_open_for_ever() -> None:
    watch = Watch()
    breaker = opened(watch)
    watch.at += 2
    assert breaker.allows()
    watch.at += 2

    assert breaker.allows()
