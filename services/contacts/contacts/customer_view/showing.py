"""What other services have told of a customer, as the API shows it: bounded, and checked to be what it should.

Whatever makes no sense raises ValueError, which has the part count as missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from rapport.common.v1.money_pb2 import Money
from rapport.desk.v1.desk_service_pb2 import GetTicketSummaryResponse, OpenTicket
from rapport.loyalty.v1.loyalty_service_pb2 import GetMembershipsResponse, Membership
from rapport.notifications.v1.notifications_service_pb2 import ListRecentMessagesResponse
from rapport.notifications.v1.recent_message_pb2 import RecentMessage
from rapport.sales.v1.customer_summary_pb2 import (
    OpenDeal,
    OpenQuote,
    RecentOrder,
    RunningSubscription,
    WonValue,
)
from rapport.sales.v1.sales_service_pb2 import GetCustomerSummaryResponse

MOST = 20
"""However much a service tells: no list has more entries."""
M = TypeVar("M")


def sales_shown(answer: GetCustomerSummaryResponse) -> dict[str, Any]:
    """How a customer stands with sales."""
    told = answer.summary
    return {
        "open_deals": _some(told.open_deals, _deal),
        "open_deal_count": told.open_deal_count,
        "won": _some(told.won, _won),
        "open_quotes": _some(told.open_quotes, _quote),
        "open_quote_count": told.open_quote_count,
        "recent_orders": _some(told.recent_orders, _order),
        "order_count": told.order_count,
        "subscriptions": _some(told.subscriptions, _subscription),
        "subscription_count": told.subscription_count,
    }


def tickets_shown(answer: GetTicketSummaryResponse) -> dict[str, Any]:
    """What the desk has to do with a customer."""
    satisfaction = None
    if answer.HasField("last_satisfaction"):
        last = answer.last_satisfaction
        satisfaction = {
            "kind": last.kind,
            "score": last.score,
            "answered_at": _time(last.answered_at),
            "ticket_id": UUID(last.ticket_id) if last.HasField("ticket_id") else None,
        }
    return {
        "open_tickets": _some(answer.open_tickets, _ticket),
        "open_count": answer.open_count,
        "total_count": answer.total_count,
        "recent_count": answer.recent_count,
        "last_opened_at": _time_of(answer, "last_opened_at"),
        "last_satisfaction": satisfaction,
    }


def memberships_shown(answer: GetMembershipsResponse) -> list[dict[str, Any]]:
    """What a customer is a member of."""
    return _some(answer.memberships, _membership)


def messages_shown(answer: ListRecentMessagesResponse) -> list[dict[str, Any]]:
    """What was last written to a customer."""
    return _some(answer.messages, _message)


def _deal(told: OpenDeal) -> dict[str, Any]:
    return {
        "opportunity_id": UUID(told.opportunity_id),
        "name": told.name,
        "stage": told.stage,
        "amount": _money(told.amount) if told.HasField("amount") else None,
        "probability": told.probability,
        "expected_close_on": _day(told.expected_close_on),
        "owner_id": UUID(told.owner_id) if told.HasField("owner_id") else None,
        "person_id": UUID(told.person_id) if told.HasField("person_id") else None,
    }


def _won(told: WonValue) -> dict[str, Any]:
    return {
        "total": _money(told.total),
        "last_year": _money(told.last_year),
        "count": told.count,
    }


def _quote(told: OpenQuote) -> dict[str, Any]:
    return {
        "quote_id": UUID(told.quote_id),
        "number": told.number,
        "status": told.status,
        "total": _money(told.total),
        "valid_until": _day(told.valid_until),
    }


def _order(told: RecentOrder) -> dict[str, Any]:
    return {
        "order_id": UUID(told.order_id),
        "number": told.number,
        "status": told.status,
        "total": _money(told.total),
        "placed_at": _time(told.placed_at),
    }


def _subscription(told: RunningSubscription) -> dict[str, Any]:
    return {
        "subscription_id": UUID(told.subscription_id),
        "name": told.name,
        "status": told.status,
        "monthly": _money(told.monthly),
        "ends_on": _day(told.ends_on),
    }


def _ticket(told: OpenTicket) -> dict[str, Any]:
    return {
        "ticket_id": UUID(told.ticket_id),
        "number": told.number,
        "subject": told.subject,
        "type": told.type,
        "priority": told.priority,
        "status": told.status,
        "assignee_id": UUID(told.assignee_id) if told.HasField("assignee_id") else None,
        "opened_at": _time(told.opened_at),
        "due_at": _time_of(told, "due_at"),
    }


def _membership(told: Membership) -> dict[str, Any]:
    tier = None
    if told.HasField("tier"):
        tier = {"key": told.tier.key, "name": told.tier.name, "rank": told.tier.rank}
    return {
        "member_id": UUID(told.member_id),
        "program_id": UUID(told.program_id),
        "program_key": told.program_key,
        "program_name": told.program_name,
        "number": told.number,
        "status": told.status,
        "enrolled_at": _time(told.enrolled_at),
        "tier": tier,
        "available_points": told.available_points,
        "pending_points": told.pending_points,
        "value": _money(told.value),
    }


def _message(told: RecentMessage) -> dict[str, Any]:
    plain = ("channel", "template", "subject", "purpose", "state", "reason")
    return {
        "message_id": UUID(told.message_id),
        **{name: getattr(told, name) for name in plain},
        "sent_at": _time_of(told, "sent_at"),
        "created_at": _time(told.created_at),
    }


def _some(told: Iterable[M], shown: Callable[[M], dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries as they are shown, no more than there may be; what is beyond goes from the message, too."""
    del told[MOST:]  # type: ignore[attr-defined]  # a repeated field, of a type without a name
    return [shown(one) for one in told]


def _time(told: Timestamp) -> datetime:
    moment: datetime = told.ToDatetime(UTC)
    return moment


def _time_of(told: Any, field: str) -> datetime | None:
    return _time(getattr(told, field)) if told.HasField(field) else None


def _day(told: str) -> date | None:
    return date.fromisoformat(told) if told else None


def _money(told: Money) -> dict[str, str]:
    try:
        amount = Decimal(told.amount)
    except InvalidOperation as error:
        raise ValueError("an amount is no number") from error
    if not amount.is_finite() or len(told.currency) != 3:
        raise ValueError("no amount of money")
    return {"amount": told.amount, "currency": told.currency}
