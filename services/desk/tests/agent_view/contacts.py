"""A stand-in for contacts: a real gRPC server that shows customers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from rapport.common.v1.money_pb2 import Money
from rapport.contacts.v1 import customer_view_pb2 as views
from rapport.contacts.v1.contacts_service_pb2 import Company, Person
from rapport.contacts.v1.customer_view_service_pb2 import GetCustomerViewResponse
from rapport.contacts.v1.customer_view_service_pb2_grpc import (
    CustomerViewServiceServicer,
    add_CustomerViewServiceServicer_to_server,
)
from rapport.contacts.v1.lifecycle_stage_pb2 import LIFECYCLE_STAGE_CUSTOMER
from rapport.desk.v1.desk_service_pb2 import GetTicketSummaryResponse
from rapport.loyalty.v1.loyalty_service_pb2 import (
    GetMembershipsResponse,
    Membership,
    MemberTier,
)
from rapport.notifications.v1.recent_message_pb2 import RecentMessage
from rapport.sales.v1.customer_summary_pb2 import CustomerSummary, OpenDeal


class FakeContacts(CustomerViewServiceServicer):
    """Shows one customer, whoever is asked about."""

    def __init__(self) -> None:
        self.shown = somebody()
        self.asked: list[str] = []
        self.callers: list[str] = []
        self.left: list[float] = []
        self.fails: grpc.StatusCode | None = None
        self.hangs: threading.Event | None = None
        self.address = ""

    def GetCustomerView(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """The customer."""
        self.asked.append(request.person_id)
        self.left.append(context.time_remaining())
        metadata = dict(context.invocation_metadata())
        self.callers.append(str(metadata["authorization"]).removeprefix("Bearer "))
        if self.hangs is not None:
            self.hangs.wait(30)
        if self.fails is not None:
            context.abort(self.fails, "told to")
        return self.shown


@contextmanager
def fake_contacts() -> Iterator[FakeContacts]:
    """Contacts, listening."""
    contacts, server = FakeContacts(), grpc.server(ThreadPoolExecutor(8))
    add_CustomerViewServiceServicer_to_server(contacts, server)
    contacts.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield contacts
    finally:
        if contacts.hangs is not None:
            contacts.hangs.set()
        server.stop(0)


def moment() -> Timestamp:
    """A time on the wire."""
    stamp = Timestamp()
    stamp.FromDatetime(datetime(2026, 3, 1, 9, tzinfo=UTC))
    return stamp


def somebody() -> GetCustomerViewResponse:
    """A gold member with a deal; what was written could not be had."""
    twelve = Money(amount="12.50", currency="TWD")
    deal = OpenDeal(opportunity_id=str(uuid4()), name="Lobby", stage="talk", amount=twelve)
    member = Membership(
        member_id=str(uuid4()),
        program_key="club",
        status="active",
        tier=MemberTier(key="gold", name="Gold", rank=1),
        available_points=2**40,
        value=twelve,
    )
    happened = views.TimelineEntry(
        entry_id=str(uuid4()), occurred_at=moment(), kind="visit", record_id=str(uuid4())
    )
    view = views.CustomerView(
        consents=[views.AllowedPurpose(purpose="news", channel="email", state="granted")],
        sales=CustomerSummary(open_deals=[deal], open_deal_count=1),
        tickets=GetTicketSummaryResponse(open_count=1, total_count=2),
        loyalty=GetMembershipsResponse(memberships=[member]),
        timeline=[happened],
        missing=[views.MissingPart(part="messages", reason="timeout")],
        contact_points=[
            views.KnownContactPoint(kind="email", value="ming@rapport.dev", status="verified")
        ],
    )
    person = Person(
        person_id=str(uuid4()), display_name="王小明", lifecycle_stage=LIFECYCLE_STAGE_CUSTOMER
    )
    company = Company(company_id=str(uuid4()), name="大同商行")
    return GetCustomerViewResponse(person=person, last_seen_at=moment(), company=company, view=view)


def written() -> RecentMessage:
    """A message that went out."""
    return RecentMessage(message_id=str(uuid4()), channel="email", created_at=moment())
