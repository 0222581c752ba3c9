"""Makes subscriptions over REST, as an app does, and looks at what becomes of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.testing.client import ApiClient
from sales.subscription_settings.operations import follow_time_zone
from services.sales.tests.builders import Sales, define_reason, fire, good

SUBSCRIPTIONS = "/v1/sales/subscriptions"
SUBSCRIPTION_SETTINGS = "/v1/sales/subscription-settings"


def seat(price: str = "100", quantity: str = "1", **more: Any) -> dict[str, Any]:
    """A line of a subscription."""
    return {"name": "Seat", "unit_price": price, "quantity": quantity, **more}


def subscribe(client: ApiClient, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A subscription of a company for a year, billed by the month, of one seat for 100."""
    body = {
        "name": "Seats",
        "company_id": str(uuid4()),
        "currency": "TWD",
        "term_months": 12,
        "lines": lines or [seat()],
        **more,
    }
    return good(client.post(SUBSCRIPTIONS, body))


def next_year(month: int, day: int, years: int = 1) -> date:
    """A day of the next year by the real clock, or of a later one."""
    return date(datetime.now(UTC).year + years, month, day)


def path_of(one: dict[str, Any], action: str = "") -> str:
    """Where a subscription is, or something that can be done to it."""
    return f"{SUBSCRIPTIONS}/{one['id']}{action}"


def now_of(client: ApiClient, one: dict[str, Any]) -> dict[str, Any]:
    """What a subscription is by now."""
    return good(client.get(path_of(one)))


def cancel_reason(client: ApiClient) -> str:
    """The key of a reason to give for a cancellation."""
    return str(define_reason(client, "churn")["key"])


def revenue(client: ApiClient, since: date, until: date, **more: Any) -> dict[str, Any]:
    """What subscriptions bring."""
    asked = "&".join(f"{name}={value}" for name, value in more.items())
    found = client.get(f"{SUBSCRIPTIONS}/revenue?since={since}&until={until}&{asked}".rstrip("&"))
    return good(found)


def adds_up(figures: dict[str, Any]) -> bool:
    """Whether what it opens with and all movements come to what it closes with."""
    kinds = ("opening", "new", "expansion", "contraction", "churn", "reactivation")
    return sum(Decimal(figures[kind]) for kind in kinds) == Decimal(figures["closing"])


def reckon_by(sales: Sales, client: ApiClient, time_zone: str) -> None:
    """Have the tenant's days be those of a time zone, as identity's facts do."""
    assert client.tenant_id is not None
    caller = service_caller("test", client.tenant_id)
    sales.service.operations.run(caller, follow_time_zone, time_zone, 1)


def pass_days(sales: Sales, clock: MovableClock, days: int) -> None:
    """Move the clock, a day at a time, and have fire what is due on each."""
    for _ in range(days):
        clock.move(timedelta(days=1))
        fire(sales)
