"""What metrics tell of the process itself."""

from __future__ import annotations

import platform

from prometheus_client import CollectorRegistry

from chassis.telemetry.process import ProcessMetrics, version_of


def test_one_version_is_told_and_threads_are_counted() -> None:
    registry = CollectorRegistry()
    metrics = ProcessMetrics(registry)
    metrics.tell("something-else")
    metrics.tell("contacts")
    (family,) = [one for one in registry.collect() if one.name == "rapport_build_info"]
    assert [(s.labels["python"], s.value) for s in family.samples] == [
        (platform.python_version(), 1)
    ]
    threads = registry.get_sample_value("process_threads")
    assert threads is not None
    assert threads >= 1


def test_what_is_not_installed_has_no_known_version() -> None:
    assert version_of("no-such-service") == "unknown"
