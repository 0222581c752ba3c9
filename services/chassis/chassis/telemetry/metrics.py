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
facts_delayed = Histogram(
    "consumer_fact_delay_seconds",
    "How long after they happened facts had their effect, by consumer and lane.",
    ("consumer", "lane"),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
broker_storage = Gauge(
    "broker_storage_used_bytes", "What JetStream keeps on the disk of the server that was asked."
)
broker_storage_limit = Gauge(
    "broker_storage_limit_bytes", "What JetStream may keep on the disk of that server."
)
stream_stored = Gauge("stream_stored_bytes", "What a stream holds, by stream.", ("stream",))
stream_limit = Gauge(
    "stream_limit_bytes", "What a stream may hold before it refuses more, by stream.", ("stream",)
)
pool_in_use = Gauge("database_pool_in_use", "Connections in use, by pool.", ("pool",))
pool_size = Gauge("database_pool_size", "Connections that a pool may have, by pool.", ("pool",))
connections_refused = Counter(
    "database_connections_refused_total",
    "Times that no connection was to be had, by reason.",
    ("reason",),
)
rpc_calls = Histogram(
    "rpc_client_duration_seconds",
    "How long calls of other services took, by peer, method and outcome.",
    ("peer", "method", "outcome"),
    buckets=_BUCKETS,
)
breaker_open = Gauge(
    "rpc_client_breaker_open", "1 while a peer is left alone after failures, by peer.", ("peer",)
)
requests_limited = Counter(
    "rate_limited_requests_total", "Requests that were refused because the client calls too often."
)
part_healthy = Gauge(
    "service_part_healthy",
    "1 while a part of the service can do its work, by role and part.",
    ("role", "part"),
)
streams_open = Gauge("streams_open", "Streams of events that are open, by route.", ("route",))
streams_ended = Counter(
    "streams_ended_total", "Streams of events that ended, by route and reason.", ("route", "reason")
)
timers_fired = Counter(
    "timers_fired_total", "Timers that fired, by kind and outcome.", ("kind", "outcome")
)
timers_overdue = Gauge("timers_overdue_seconds", "For how long the oldest timer that is due waits.")
periodic_runs = Counter(
    "periodic_runs_total", "Periodic work that was done, by work and outcome.", ("work", "outcome")
)
periodic_succeeded = Gauge(
    "periodic_last_success_timestamp_seconds",
    "When periodic work last succeeded in this process, by work.",
    ("work",),
)
periodic_interval = Gauge(
    "periodic_interval_seconds", "How often periodic work is due, by work.", ("work",)
)
jobs_running = Gauge("jobs_running", "Jobs that run in this process, by kind.", ("kind",))
jobs_oldest = Gauge(
    "jobs_oldest_age_seconds", "For how long the oldest job has been in a state.", ("state",)
)
jobs_ended = Counter("jobs_ended_total", "Jobs that ended, by kind and state.", ("kind", "state"))

_children: dict[tuple[str, str, int], Histogram] = {}


_METHODS = frozenset(("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"))


def observe_refusal(method: str, status: int, seconds: float) -> None:
    """Count a request that no route took; callers may invent methods, and metrics may not grow by that."""
    observe_request(method if method in _METHODS else "other", "none", status, seconds)


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request; the labelled histogram is looked up once."""
    key = (method, route, status)
    child = _children.get(key)
    if child is None:
        child = _children[key] = http_requests.labels(method, route, str(status))
    child.observe(seconds)
