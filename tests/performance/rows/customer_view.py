"""A customer from all sides: one call that asks four services, against the slowest of the four by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

import grpc
import httpx

from rapport.contacts.v1.customer_view_service_pb2 import GetCustomerViewRequest
from rapport.contacts.v1.customer_view_service_pb2_grpc import CustomerViewServiceStub
from rapport.desk.v1.desk_service_pb2 import GetTicketSummaryRequest
from rapport.desk.v1.desk_service_pb2_grpc import DeskServiceStub
from rapport.loyalty.v1.loyalty_service_pb2 import GetMembershipsRequest
from rapport.loyalty.v1.loyalty_service_pb2_grpc import LoyaltyServiceStub
from rapport.notifications.v1.notifications_service_pb2 import ListRecentMessagesRequest
from rapport.notifications.v1.notifications_service_pb2_grpc import NotificationsServiceStub
from rapport.sales.v1.sales_service_pb2 import GetCustomerSummaryRequest
from rapport.sales.v1.sales_service_pb2_grpc import SalesServiceStub
from tests.performance.figure import Figure, Figures
from tests.performance.subject import Subject

_ROUNDS, _WARM = 300, 30
_DEALS, _ORDERS, _TICKETS, _MESSAGES = 40, 40, 40, 40
_REACH = 1.5

Call = Callable[[], Any]


def measure(subject: Subject) -> Figures:
    """All calls in turn, again and again, so that what else goes on is the same for all."""
    person_id = _customer(subject)
    alone, whole = _calls(subject, person_id)
    through = httpx.Client(headers=subject.headers())
    url = f"{subject.people_url}/{person_id}/view"
    calls = {**alone, "whole": whole, "gateway": lambda: _complete(through.get(url))}
    took = _took(calls)
    slowest = max(alone, key=lambda name: took[name])
    told = ", ".join(f"{name} {took[name]:.1f}" for name in [*alone, "gateway"])
    yield Figure(
        "customer 360 over four services, p50",
        took["whole"],
        "ms",
        yardstick=took[slowest],
        reach=_REACH,
        at_most=True,
        note=f"the slowest is {slowest}; ms: {told}",
    )


def _took(calls: Mapping[str, Call]) -> dict[str, float]:
    """The median of each, in milliseconds."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(_WARM + _ROUNDS):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            if number >= _WARM:
                seconds[name].append(time.perf_counter() - began)
    return {name: median(one) * 1000 for name, one in seconds.items()}


def _calls(subject: Subject, person_id: str) -> tuple[dict[str, Call], Call]:
    """The four as contacts makes them, and the whole, all over gRPC with the app's token."""

    def asking(
        service: str, stub: Callable[[grpc.Channel], Any], method: str, request: Any
    ) -> Call:
        port = subject.platform.ports.services[service].grpc
        asked = getattr(stub(grpc.insecure_channel(f"127.0.0.1:{port}")), method)
        return lambda: asked(
            request,
            timeout=5,
            metadata=(("authorization", f"Bearer {subject.tokens.token()}"),),
        )

    who = {"person_id": person_id}
    alone = {
        "sales": asking(
            "sales", SalesServiceStub, "GetCustomerSummary", GetCustomerSummaryRequest(**who)
        ),
        "desk": asking("desk", DeskServiceStub, "GetTicketSummary", GetTicketSummaryRequest(**who)),
        "loyalty": asking(
            "loyalty", LoyaltyServiceStub, "GetMemberships", GetMembershipsRequest(**who)
        ),
        "notifications": asking(
            "notifications",
            NotificationsServiceStub,
            "ListRecentMessages",
            ListRecentMessagesRequest(**who, limit=10),
        ),
    }
    view = asking(
        "contacts", CustomerViewServiceStub, "GetCustomerView", GetCustomerViewRequest(**who)
    )

    def whole() -> None:
        missing = list(view().view.missing)
        if missing:
            raise RuntimeError(f"a view lacks {missing}")

    return alone, whole


def _complete(answer: httpx.Response) -> None:
    if answer.status_code != 200 or answer.json()["missing"]:
        raise RuntimeError(f"a view was answered with {answer.status_code}: {answer.text}")


def _customer(subject: Subject) -> str:
    """Somebody with deals, orders, tickets, a membership and messages."""
    app = subject.app
    person_id: str = app.post(
        "/v1/contacts/people", {"full_name": "王小明", "emails": [{"address": "ming@rapport.dev"}]}
    )["id"]
    app.put("/v1/sales/currency-settings", {"base_currency": "TWD"})
    ends = [
        {"key": "won", "name": {"en": "won"}, "kind": "won", "probability": 100},
        {"key": "lost", "name": {"en": "lost"}, "kind": "lost"},
    ]
    stages = [{"key": "talk", "name": {"en": "Talk"}, "probability": 40}, *ends]
    pipeline = app.post("/v1/sales/pipelines", {"name": {"en": "360"}, "stages": stages})
    worth = {"amount": "100.00", "currency": "TWD"}
    theirs = {"person_id": person_id}
    for number in range(_DEALS):
        deal = {"pipeline_id": pipeline["id"], "name": f"Deal {number}", "amount": worth, **theirs}
        made = app.post("/v1/sales/opportunities", deal)
        if number % 2:
            app.post(f"/v1/sales/opportunities/{made['id']}/move", {"stage": "won"})
    line = {"name": "Beans", "unit_price": "100", "quantity": "1"}
    for _ in range(_ORDERS):
        app.post("/v1/sales/orders", {"currency": "TWD", "lines": [line], **theirs})
    for number in range(_TICKETS):
        app.post("/v1/desk/tickets", {"subject": f"Concern {number}", **theirs})
    program = app.post("/v1/loyalty/programs", {"key": "view", "name": "Club", "currency": "TWD"})
    app.post(f"/v1/loyalty/programs/{program['id']}/open")
    app.post("/v1/loyalty/members", {"program_id": program["id"], **theirs})
    words = {"subject": "Hello", "text": "Hello"}
    for _ in range(_MESSAGES):
        app.post("/v1/notifications/messages", {"channel": "email", "content": words, **theirs})
    return person_id
