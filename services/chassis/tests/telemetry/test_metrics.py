"""What is counted, and that callers cannot make series."""

from __future__ import annotations

from prometheus_client import REGISTRY

from chassis.rpc.breaker import Breaker
from chassis.telemetry.metrics import observe_refusal


def refusals(method: str) -> float:
    """How many requests of this method no route has taken."""
    labels = {"method": method, "route": "none", "status": "405"}
    name = "http_server_request_duration_seconds_count"
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_methods_that_callers_invent_are_counted_as_one() -> None:
    before = refusals("other")
    for method in ("BREW", "X-1", "get"):
        observe_refusal(method, 405, 0.001)
    assert refusals("other") == before + 3
    assert refusals("BREW") == 0


def test_methods_of_http_are_counted_by_name() -> None:
    before = refusals("DELETE")
    observe_refusal("DELETE", 405, 0.001)
    assert refusals("DELETE") == before + 1


def test_a_breaker_is_open_from_its_last_failure_to_the_first_answer() -> None:
    breaker = Breaker(lambda: 0.0, failures=2)
    seen = [breaker.is_open]
    for happened in (breaker.failed, breaker.failed, breaker.succeeded):
        happened()
        seen.append(breaker.is_open)
    assert seen == [False, False, True, False]
