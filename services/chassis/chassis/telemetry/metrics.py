"""Prometheus metrics that every service has."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

http_requests = Histogram(
    "http_server_request_duration_seconds",
    "How long requests took, by route, method and status.",
    ("method", "route", "status"),
    buckets=_BUCKETS,
)
rpc_requests = Histogram(
    "rpc_server_duration_seconds",
    "How long gRPC calls took, by method and code.",
    ("method", "code"),
    buckets=_BUCKETS,
)
facts_published = Counter(
    "outbox_published_total", "Facts that the broker acknowledged, by type.", ("type",)
)
outbox_age = Gauge(
    "outbox_oldest_age_seconds", "Age of the oldest fact that is not published yet.", ("lane",)
)
outbox_pending = Gauge("outbox_pending", "Facts that are not published yet.", ("lane",))
facts_consumed = Histogram(
    "consumer_duration_seconds",
    "How long reactions took, by consumer, type and outcome.",
    ("consumer", "type", "outcome"),
    buckets=_BUCKETS,
)
consumer_lag = Gauge("consumer_pending", "Facts that a consumer has not taken yet.", ("consumer",))
dead_letters = Counter(
    "dead_letters_total", "Facts that were given up on, by consumer and type.", ("consumer", "type")
)
pool_in_use = Gauge("database_pool_in_use", "Connections in use, by pool.", ("pool",))
streams_open = Gauge("streams_open", "Streams of events that are open, by route.", ("route",))
streams_ended = Counter(
    "streams_ended_total", "Streams of events that ended, by route and reason.", ("route", "reason")
)
timers_fired = Counter(
    "timers_fired_total", "Timers that fired, by kind and outcome.", ("kind", "outcome")
)
jobs_ended = Counter("jobs_ended_total", "Jobs that ended, by kind and state.", ("kind", "state"))

_children: dict[tuple[str, str, int], Histogram] = {}


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request; the labelled histogram is looked up once."""
    key = (method, route, status)
    child = _children.get(key)
    if child is None:
        child = _children[key] = http_requests.labels(method, route, str(status))
    child.observe(seconds)
