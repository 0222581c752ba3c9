"""Stand-ins for the services that contacts asks about customers: each a real gRPC server that does as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import grpc
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from rapport.common.v1.money_pb2 import Money
from rapport.desk.v1 import desk_service_pb2 as desk
from rapport.desk.v1 import desk_service_pb2_grpc as desk_stubs
from rapport.loyalty.v1 import loyalty_service_pb2 as loyalty
from rapport.loyalty.v1 import loyalty_service_pb2_grpc as loyalty_stubs
from rapport.notifications.v1 import notifications_service_pb2 as notifications
from rapport.notifications.v1 import notifications_service_pb2_grpc as notifications_stubs
from rapport.notifications.v1.recent_message_pb2 import RecentMessage
from rapport.sales.v1 import customer_summary_pb2 as summaries
from rapport.sales.v1 import sales_service_pb2 as sales
from rapport.sales.v1 import sales_service_pb2_grpc as sales_stubs

MORNING = datetime(2026, 3, 1, 9, tzinfo=UTC)


def moment(at: datetime = MORNING) -> Timestamp:
    """A time on the wire."""
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp


@dataclass
class FakePeer:
    """What a service answers, and what it was asked."""

    answer: Message
    asked: list[Any] = field(default_factory=list)
    callers: list[str] = field(default_factory=list)
    """The tokens that came along."""
    left: list[float] = field(default_factory=list)
    """How many seconds there were to answer."""
    fails: grpc.StatusCode | None = None
    hangs: threading.Event | None = None
    """Set by whoever has had enough of waiting."""
    address: str = ""

    def told(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Do as it is told."""
        self.asked.append(request)
        self.left.append(context.time_remaining())
        metadata = dict(context.invocation_metadata())
        self.callers.append(str(metadata["authorization"]).removeprefix("Bearer "))
        if self.hangs is not None:
            self.hangs.wait(30)
        if self.fails is not None:
            context.abort(self.fails, "told to")
        return self.answer


class FakeSales(FakePeer, sales_stubs.SalesServiceServicer):
    def GetCustomerSummary(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self.told(request, context)


class FakeDesk(FakePeer, desk_stubs.DeskServiceServicer):
    def GetTicketSummary(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self.told(request, context)


class FakeLoyalty(FakePeer, loyalty_stubs.LoyaltyServiceServicer):
    def GetMemberships(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self.told(request, context)


class FakeNotifications(FakePeer, notifications_stubs.NotificationsServiceServicer):
    def ListRecentMessages(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self.told(request, context)


@dataclass
class FakePeers:
    """The four."""

    sales: FakeSales
    desk: FakeDesk
    loyalty: FakeLoyalty
    notifications: FakeNotifications

    @property
    def all(self) -> list[FakePeer]:
        """All of them."""
        return [self.sales, self.desk, self.loyalty, self.notifications]

    def settings(self) -> dict[str, str]:
        """Where they are."""
        return {f"{name}_grpc": peer.address for name, peer in vars(self).items()}


_ADD: dict[str, Callable[[Any, grpc.Server], None]] = {
    "sales": sales_stubs.add_SalesServiceServicer_to_server,
    "desk": desk_stubs.add_DeskServiceServicer_to_server,
    "loyalty": loyalty_stubs.add_LoyaltyServiceServicer_to_server,
    "notifications": notifications_stubs.add_NotificationsServiceServicer_to_server,
}


@contextmanager
def fake_peers() -> Iterator[FakePeers]:
    """The four, each listening at an address of its own."""
    fakes = FakePeers(
        FakeSales(sold()), FakeDesk(asked_for()), FakeLoyalty(gold()), FakeNotifications(written())
    )
    servers = []
    for name, peer in vars(fakes).items():
        server = grpc.server(ThreadPoolExecutor(40))
        _ADD[name](peer, server)
        peer.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        servers.append(server)
    try:
        yield fakes
    finally:
        for peer in fakes.all:
            if peer.hangs is not None:
                peer.hangs.set()
        for server in servers:
            server.stop(0)


def sold() -> sales.GetCustomerSummaryResponse:
    """A deal, and something that was won."""
    twelve = Money(amount="12.50", currency="TWD")
    deal = summaries.OpenDeal(
        opportunity_id=str(uuid4()), name="Lobby", stage="talk", amount=twelve, probability=40
    )
    won = summaries.WonValue(total=twelve, last_year=twelve, count=1)
    order = summaries.RecentOrder(
        order_id=str(uuid4()), number="2026-1", status="placed", total=twelve, placed_at=moment()
    )
    return sales.GetCustomerSummaryResponse(
        summary=summaries.CustomerSummary(
            open_deals=[deal], open_deal_count=1, won=[won], recent_orders=[order], order_count=1
        )
    )


def asked_for() -> desk.GetTicketSummaryResponse:
    """An open ticket, and a good word."""
    ticket = desk.OpenTicket(
        ticket_id=str(uuid4()), number="T-7", subject="It drips", opened_at=moment()
    )
    good = desk.Satisfaction(kind="csat", score=5, answered_at=moment())
    return desk.GetTicketSummaryResponse(
        open_tickets=[ticket], open_count=1, total_count=3, last_satisfaction=good
    )


def gold() -> loyalty.GetMembershipsResponse:
    """A gold member."""
    member = loyalty.Membership(
        member_id=str(uuid4()),
        program_id=str(uuid4()),
        program_key="club",
        number="1001",
        status="active",
        enrolled_at=moment(),
        tier=loyalty.MemberTier(key="gold", name="Gold", rank=1),
        available_points=70,
        value=Money(amount="219.50", currency="TWD"),
    )
    return loyalty.GetMembershipsResponse(memberships=[member])


def written() -> notifications.ListRecentMessagesResponse:
    """A mail that was sent."""
    mail = RecentMessage(
        message_id=str(uuid4()),
        channel="email",
        subject="Hello",
        state="sent",
        sent_at=moment(),
        created_at=moment(),
    )
    return notifications.ListRecentMessagesResponse(messages=[mail])
