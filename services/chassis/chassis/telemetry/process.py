"""What metrics tell of the process itself, besides what the library measures (memory, processor, collector)."""

from __future__ import annotations

import platform
import threading
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import REGISTRY, CollectorRegistry, Gauge

_PREFIX = "rapport-"


class ProcessMetrics:
    """The version that runs, and how many threads it has."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._build = Gauge(
            "rapport_build_info",
            "1; the labels say which version runs, on which Python.",
            ("version", "python"),
            registry=registry,
        )
        threads = Gauge("process_threads", "Threads of Python that are alive.", registry=registry)
        threads.set_function(threading.active_count)

    def tell(self, name: str) -> None:
        """Say which version of the service or portal called `name` this is."""
        self._build.clear()
        self._build.labels(version_of(name), platform.python_version()).set(1)


def version_of(name: str) -> str:
    """The version of what is installed as `rapport-<name>`; "unknown" when it runs from its sources."""
    try:
        return version(_PREFIX + name)
    except PackageNotFoundError:
        return "unknown"


process_metrics = ProcessMetrics()
