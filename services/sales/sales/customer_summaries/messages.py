"""Summaries as other services are told them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from chassis.money import rounded
from rapport.common.v1.money_pb2 import Money
from rapport.sales.v1 import customer_summary_pb2 as messages
from sales.customer_summaries.queries import CustomerSummary
from sales.encoding import moment, money


def summary_message(summary: CustomerSummary) -> messages.CustomerSummary:
    """The summary on the wire."""
    found = summary.found
    return messages.CustomerSummary(
        open_deals=map(_deal, found["deals"]),
        open_deal_count=found["deal_count"],
        won=map(_won, found["won"]),
        open_quotes=map(_quote, found["quotes"]),
        open_quote_count=found["quote_count"],
        recent_orders=map(_order, found["orders"]),
        order_count=found["order_count"],
        subscriptions=map(_subscription, found["subscriptions"]),
        subscription_count=found["subscription_count"],
        withheld=summary.withheld,
    )


def _deal(row: Mapping[str, Any]) -> messages.OpenDeal:
    return messages.OpenDeal(
        opportunity_id=row["id"],
        name=row["name"],
        stage=row["stage"],
        amount=None if row["amount"] is None else _money(row["amount"], row["currency"]),
        probability=row["probability"],
        expected_close_on=row["expected_close_on"] or "",
        owner_id=row["owner_id"],
        person_id=row["person_id"],
    )


def _won(row: Mapping[str, Any]) -> messages.WonValue:
    return messages.WonValue(
        total=_money(row["total"], row["currency"]),
        last_year=_money(row["last_year"], row["currency"]),
        count=row["count"],
    )


def _quote(row: Mapping[str, Any]) -> messages.OpenQuote:
    return messages.OpenQuote(
        quote_id=row["id"],
        number=row["number"],
        status=row["status"],
        total=_money(row["total"], row["currency"]),
        valid_until=row["valid_until"],
    )


def _order(row: Mapping[str, Any]) -> messages.RecentOrder:
    return messages.RecentOrder(
        order_id=row["id"],
        number=row["number"],
        status=row["status"],
        total=_money(row["total"], row["currency"]),
        placed_at=moment(datetime.fromisoformat(row["placed_at"])),
    )


def _subscription(row: Mapping[str, Any]) -> messages.RunningSubscription:
    return messages.RunningSubscription(
        subscription_id=row["id"],
        name=row["name"],
        status=row["status"],
        monthly=_money(row["mrr"], row["currency"]),
        ends_on=row["ends_on"],
    )


def _money(amount: str, currency: str) -> Money:
    return money(rounded(Decimal(amount), currency), currency)
