"""Prometheus metrics of loyalty: whether the ledger is right, and codes that nobody knows."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

ledger_differences = Gauge(
    "loyalty_ledger_differences",
    "How much differed when all points ledgers were last counted anew from their entries.",
)
codes_unknown = Counter(
    "loyalty_codes_unknown",
    "Codes that were shown and are none of ours, by what they were shown as.",
    ("kind",),
)
