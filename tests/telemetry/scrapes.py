"""Reads the metrics of running processes as Prometheus does."""

from __future__ import annotations

import re
from collections.abc import Iterable

import httpx
from prometheus_client.parser import text_string_to_metric_families

from deploy.observability.registry import Metric
from rapport_local.platform import Platform

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_OF_EVERY = frozenset(("le", "quantile"))


class Scrape:
    """What one process says: types by name, and the sets of labels that its samples have."""

    def __init__(self, text: str) -> None:
        self.types: dict[str, str] = {}
        self.labels: dict[str, set[frozenset[str]]] = {}
        self.ids: list[str] = []
        for family in text_string_to_metric_families(text):
            # The parser takes the suffix of counters off; when series began is told by the library itself.
            name = f"{family.name}_total" if family.type == "counter" else family.name
            if name.endswith("_created"):
                continue
            self.types[name] = family.type
            for sample in family.samples:
                if sample.name.endswith("_created"):
                    continue
                self.labels.setdefault(name, set()).add(frozenset(sample.labels) - _OF_EVERY)
                self.ids += [v for v in sample.labels.values() if _UUID.search(v)]

    @classmethod
    def of(cls, url: str) -> Scrape:
        """What is at `/metrics` there."""
        answer = httpx.get(f"{url}/metrics", timeout=10)
        answer.raise_for_status()
        return cls(answer.text)

    def contradictions(self, declared: dict[str, Metric]) -> list[str]:
        """Where it says something else than what is declared, of metrics that are."""
        wrong = [
            f"{name} is a {self.types[name]}"
            for name in declared.keys() & self.types.keys()
            if self.types[name] != declared[name].type
        ]
        for name in declared.keys() & self.labels.keys():
            expected = frozenset(declared[name].labels)
            wrong += [f"{name} has {sorted(s)}" for s in self.labels[name] if s != expected]
        return sorted(wrong)


def missing(scrapes: Iterable[Scrape], declared: dict[str, Metric]) -> list[str]:
    """What is declared as always there, and nobody emits."""
    there = {name for scrape in scrapes for name in scrape.types}
    return sorted(n for n, metric in declared.items() if n not in there and metric.seen == "always")


def addresses(platform: Platform) -> dict[str, tuple[str, ...]]:
    """Each process's address, with what it is in the registry."""
    found: dict[str, tuple[str, ...]] = {
        service.name: (platform.service_url(service.name), "service", service.name)
        for service in platform.services
    }
    for service in platform.services:
        if service.streams:
            url = platform.environments.stream_url(service.name)
            found[service.stream_part] = (url, "service", service.name)
        if service.jobs:
            url = platform.environments.jobs_url(service.name)
            found[service.jobs_part] = (url, "service", service.name)
    found["portal"] = (f"http://127.0.0.1:{platform.ports.portal}", "portal")
    found["gateway"] = (f"http://127.0.0.1:{platform.ports.gateway_metrics}", "gateway")
    return found
