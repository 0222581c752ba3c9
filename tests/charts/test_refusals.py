"""Values that make no sense are refused before anything is installed, with a message that names the chart, the place and the reason."""

from __future__ import annotations

from typing import Any

import pytest

from .cases import SERVICE_CHARTS
from .rendering import Charts

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"replicas": 3}, "at '': additional properties 'replicas' not allowed"),
    ({"image": {"tagg": "1"}}, "at '/image': additional properties 'tagg' not allowed"),
    ({"image": {"pullPolicy": "always"}}, "at '/image/pullPolicy': value must be one of"),
    ({"image": {"digest": "sha256:abc"}}, "at '/image/digest': 'sha256:abc' does not match"),
    ({"publicUrl": "crm.example"}, "at '/publicUrl': 'crm.example' does not match pattern"),
    ({"publicUrl": "https://crm.example/x"}, "at '/publicUrl':"),
    ({"ports": {"http": 70000}}, "at '/ports/http': maximum: got 70,000, want 65,535"),
    ({"drainSeconds": "10s"}, "at '/drainSeconds': got string, want number"),
    ({"nats": {"streamReplicas": 7}}, "at '/nats/streamReplicas': maximum: got 7, want 5"),
    ({"nats": {"url": "localhost:4222"}}, "at '/nats/url': 'localhost:4222' does not match"),
    ({"prepare": {"hooks": "never"}}, "at '/prepare/hooks': value must be one of"),
    ({"pods": {"user": 0}}, "at '/pods/user': minimum: got 0, want 1"),
    ({"roleDefaults": {"autoscaling": {"cpu": 0}}}, "at '/roleDefaults/autoscaling/cpu':"),
    ({"roleDefaults": {"resources": {"limits": {}}}}, "missing property 'requests'"),
    ({"network": {"gateway": [{}]}}, "at '/network/gateway/0': minProperties: got 0, want 1"),
    ({"route": {"parentRefs": [{}]}}, "at '/route/parentRefs/0': missing property 'name'"),
    ({"settings": {"http_threads": 0}}, "at '/settings/http_threads': minimum: got 0, want 1"),
    ({"settings": {"log_level": "TRACE"}}, "at '/settings/log_level': 'TRACE' does not match"),
    ({"settings": {"public_url": "x"}}, "additional properties 'public_url' not allowed"),
    ({"settings": {"signing_secret": "x"}}, "additional properties 'signing_secret' not allowed"),
    ({"global": {"rapport": {"asks": []}}}, "at '/global/rapport': additional properties 'asks'"),
]


@pytest.mark.parametrize(("values", "reason"), WRONG, ids=[str(values) for values, _ in WRONG])
def test_a_wrong_value_is_refused_with_its_place_and_the_reason(
    charts: Charts, values: dict[str, Any], reason: str
) -> None:
    message = charts.refusal("contacts", values)
    assert message.startswith("values don't meet the specifications of the schema(s)")
    assert "contacts:" in message
    assert reason in message


@pytest.mark.parametrize("name", SERVICE_CHARTS)
def test_every_chart_refuses_what_it_does_not_know(charts: Charts, name: str) -> None:
    assert "'nonsense' not allowed" in charts.refusal(name, {"nonsense": 1})
    assert "'nonsense' not allowed" in charts.refusal(name, {"settings": {"nonsense": 1}})
    assert "'nonsense' not allowed" in charts.refusal(
        name, {"roles": {"api": {"settings": {"nonsense": 1}}}}
    )


def test_a_setting_of_one_service_is_none_of_another(charts: Charts) -> None:
    charts.render("contacts", {"settings": {"import_kept_days": 7}})
    assert "'import_kept_days' not allowed" in charts.refusal(
        "sales", {"settings": {"import_kept_days": 7}}
    )


def test_a_setting_that_is_not_of_all_services_cannot_be_said_for_all(charts: Charts) -> None:
    def everywhere(**settings: object) -> dict[str, Any]:
        return {"global": {"rapport": {"settings": settings}}}

    charts.render("contacts", everywhere(trace_sample_ratio=0.1))
    assert "'import_kept_days' not allowed" in charts.refusal(
        "contacts", everywhere(import_kept_days=7)
    )
