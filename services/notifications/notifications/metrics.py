"""Prometheus metrics of sending: messages by channel, webhooks, and how long what is due waits."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

attempts = Counter(
    "messages_attempts_total",
    "Attempts to hand a message to a provider, by channel and outcome.",
    ("channel", "outcome"),
)
waited = Histogram(
    "messages_due_delay_seconds",
    "How long messages that were due waited for a worker, by lane.",
    ("lane",),
    buckets=(0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900),
)
webhook_attempts = Histogram(
    "webhooks_attempt_duration_seconds",
    "How long attempts to deliver a webhook took, by outcome.",
    ("outcome",),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30),
)
webhooks_refused = Counter(
    "webhooks_refused_total",
    "Webhooks that were given up without an attempt, by reason.",
    ("reason",),
)
