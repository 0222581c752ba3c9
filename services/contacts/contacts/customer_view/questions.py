"""Whom contacts asks about customers, and what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chassis.context import Caller
from chassis.rpc.client import Asked, Peer
from contacts.customer_view.asking import Ask, Side, Sides
from contacts.customer_view.bulkhead import Bulkhead
from contacts.customer_view.parts import Customer, Part
from contacts.customer_view.showing import (
    memberships_shown,
    messages_shown,
    sales_shown,
    tickets_shown,
)
from rapport.desk.v1.desk_service_pb2 import GetTicketSummaryRequest
from rapport.desk.v1.desk_service_pb2_grpc import DeskServiceStub
from rapport.loyalty.v1.loyalty_service_pb2 import GetMembershipsRequest
from rapport.loyalty.v1.loyalty_service_pb2_grpc import LoyaltyServiceStub
from rapport.notifications.v1.notifications_service_pb2 import ListRecentMessagesRequest
from rapport.notifications.v1.notifications_service_pb2_grpc import NotificationsServiceStub
from rapport.sales.v1.sales_service_pb2 import GetCustomerSummaryRequest
from rapport.sales.v1.sales_service_pb2_grpc import SalesServiceStub

_MESSAGES = 10
_SLOW = 0.25
"""The part of the deadline after which a peer counts as slow."""

QUESTIONS: Mapping[str, tuple[Part, Ask, Callable[[Any], Any]]]


def sides_of(peers: Mapping[str, Peer | None], seconds: float, threads: int) -> Sides:
    """All services that know something of customers.

    `peers` names them, None for one that is not deployed. No more than half of the `threads` that answer
    requests wait for one that hangs.
    """
    return Sides(
        [
            Side(part, ask, shown, peers[name], Bulkhead(max(threads // 2, 1), seconds * _SLOW))
            for name, (part, ask, shown) in QUESTIONS.items()
        ],
        seconds,
    )


def _ask_sales(peer: Peer, caller: Caller, customer: Customer, seconds: float) -> Asked[Any]:
    request = GetCustomerSummaryRequest(
        person_id=str(customer.person_id),
        company_id=None if customer.company_id is None else str(customer.company_id),
    )
    return peer.begin(peer.stub(SalesServiceStub).GetCustomerSummary, request, caller, seconds)


def _ask_desk(peer: Peer, caller: Caller, customer: Customer, seconds: float) -> Asked[Any]:
    request = GetTicketSummaryRequest(person_id=str(customer.person_id))
    return peer.begin(peer.stub(DeskServiceStub).GetTicketSummary, request, caller, seconds)


def _ask_loyalty(peer: Peer, caller: Caller, customer: Customer, seconds: float) -> Asked[Any]:
    request = GetMembershipsRequest(person_id=str(customer.person_id))
    return peer.begin(peer.stub(LoyaltyServiceStub).GetMemberships, request, caller, seconds)


def _ask_notifications(
    peer: Peer, caller: Caller, customer: Customer, seconds: float
) -> Asked[Any]:
    request = ListRecentMessagesRequest(person_id=str(customer.person_id), limit=_MESSAGES)
    method = peer.stub(NotificationsServiceStub).ListRecentMessages
    return peer.begin(method, request, caller, seconds)


QUESTIONS = {
    "sales": (Part.SALES, _ask_sales, sales_shown),
    "desk": (Part.TICKETS, _ask_desk, tickets_shown),
    "loyalty": (Part.LOYALTY, _ask_loyalty, memberships_shown),
    "notifications": (Part.MESSAGES, _ask_notifications, messages_shown),
}
