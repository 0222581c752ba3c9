"""Prometheus metrics of selling: how soon somebody turns to a lead."""

from __future__ import annotations

from prometheus_client import Histogram

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400

first_contact = Histogram(
    "leads_first_contact_seconds",
    "How long after their capture leads were contacted first, by what became of the promise.",
    ("promise",),
    buckets=(
        _MINUTE,
        5 * _MINUTE,
        15 * _MINUTE,
        _HOUR,
        4 * _HOUR,
        _DAY,
        3 * _DAY,
        7 * _DAY,
        30 * _DAY,
    ),
)
