"""Recorded facts of sales to protobuf: each slice maps its own, and all are gathered here."""

from __future__ import annotations

from chassis.events.outbox import FactEncoder
from sales.exchange_rates.facts import EXCHANGE_RATE_FACTS
from sales.orders.facts import ORDER_FACTS
from sales.reasons.facts import REASON_FACTS

ENCODER = FactEncoder({**REASON_FACTS, **EXCHANGE_RATE_FACTS, **ORDER_FACTS})
