"""Prometheus metrics of the desk: whether tickets are routed, mail comes in, and deadlines are kept."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

routing_oldest_due = Gauge(
    "routing_oldest_due_seconds",
    "For how long the ticket has waited that has been due longest to be routed.",
)
routing_decisions = Counter(
    "routing_decisions",
    "Decisions about where tickets go, by what was decided; failed ones are made again later.",
    ("outcome",),
)
inbound_mails = Counter(
    "inbound_mails",
    "Mails that were handed over, by what became of them.",
    ("outcome",),
)
service_levels_breached = Counter(
    "service_levels_breached",
    "Deadlines of tickets that have passed, by what was due.",
    ("target",),
)
