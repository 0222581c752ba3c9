"""A customer from all sides: one call that asks four services, against the slowest of the four by itself.

Once with everything on the same cores, which the five processes share, and once with services that take 20 ms
longer to answer, as over a network: what is to be seen there is that nobody waits for one after the other.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import grpc
import httpx

from deploy.demo.external_app import ExternalApp
from deploy.demo.oauth import ClientCredentials
from deploy.demo.tenant import administrator, new_tenant, operator_token, register_app
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
from tests.reliability.estate import python_path, running_estate
from tests.reliability.wires import Condition

_ROUNDS, _WARM = 300, 30
_FAR_SECONDS = 0.02
_DEALS, _ORDERS, _TICKETS, _MESSAGES = 40, 40, 40, 40
_REACH = 1.5

Call = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """A question about a customer: the stub, its method, and the request."""

    stub: Callable[[grpc.Channel], Any]
    method: str
    request: Callable[[str], Any]

    def __call__(self, channel: grpc.Channel) -> Any:
        """What asks it over a channel."""
        return getattr(self.stub(channel), self.method)


_ASKED = {
    "sales": Asking(
        SalesServiceStub,
        "GetCustomerSummary",
        lambda person_id: GetCustomerSummaryRequest(person_id=person_id),
    ),
    "desk": Asking(
        DeskServiceStub,
        "GetTicketSummary",
        lambda person_id: GetTicketSummaryRequest(person_id=person_id),
    ),
    "loyalty": Asking(
        LoyaltyServiceStub,
        "GetMemberships",
        lambda person_id: GetMembershipsRequest(person_id=person_id),
    ),
    "notifications": Asking(
        NotificationsServiceStub,
        "ListRecentMessages",
        lambda person_id: ListRecentMessagesRequest(person_id=person_id, limit=10),
    ),
}
_VIEW = Asking(
    CustomerViewServiceStub,
    "GetCustomerView",
    lambda person_id: GetCustomerViewRequest(person_id=person_id),
)


def measure(subject: Subject) -> Figures:
    """All calls in turn, again and again, so that what else goes on is the same for all."""
    person_id = _customer(subject.app)
    ports = {name: port.grpc for name, port in subject.platform.ports.services.items()}
    calls = _calls(ports, subject.tokens, person_id)
    through = httpx.Client(headers=subject.headers())
    url = f"{subject.people_url}/{person_id}/view"
    calls["gateway"] = lambda: _complete(through.get(url))
    yield _figure("customer 360 over four services, p50", calls)
    yield _far()


def _far() -> Figure:
    """The same on a platform whose contacts asks the others over wires that keep each answer for a while."""
    os.environ["PYTHONPATH"] = python_path()
    with (
        tempfile.TemporaryDirectory(prefix="rapport-bench-360-") as folder,
        running_estate(Path(folder)) as estate,
    ):
        operator = operator_token(estate.platform.state.root)
        by = administrator(estate.gateway, new_tenant(estate.gateway, operator, "Far"))
        scopes = ["contacts.*", "desk.*", "loyalty.*", "notifications.*", "sales.*"]
        tokens = ClientCredentials(estate.gateway, register_app(by, "Bench", scopes))
        person_id = _customer(ExternalApp(estate.gateway, tokens))
        ports = {"contacts": estate.platform.ports.services["contacts"].grpc}
        for name in _ASKED:
            wire = estate.wire("contacts", name)
            wire.become(to_client=Condition(latency=_FAR_SECONDS))
            ports[name] = wire.port
        calls = _calls(ports, tokens, person_id)
        return _figure(
            f"the same with answers {_FAR_SECONDS * 1000:.0f} ms on their way, p50", calls
        )


def _figure(name: str, calls: Mapping[str, Call]) -> Figure:
    took = _took(calls)
    slowest = max(_ASKED, key=lambda one: took[one])
    told = ", ".join(f"{one} {took[one]:.1f}" for one in calls if one != "whole")
    return Figure(
        name,
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


def _calls(ports: Mapping[str, int], tokens: ClientCredentials, person_id: str) -> dict[str, Call]:
    """The four as contacts makes them, and the whole, all over gRPC with the app's token."""

    def asking(service: str, ask: Asking) -> Call:
        asked = ask(grpc.insecure_channel(f"127.0.0.1:{ports[service]}"))
        request = ask.request(person_id)
        return lambda: asked(
            request, timeout=5, metadata=(("authorization", f"Bearer {tokens.token()}"),)
        )

    view = asking("contacts", _VIEW)

    def whole() -> None:
        missing = list(view().view.missing)
        if missing:
            raise RuntimeError(f"a view lacks {missing}")

    return {**{name: asking(name, ask) for name, ask in _ASKED.items()}, "whole": whole}


def _complete(answer: httpx.Response) -> None:
    if answer.status_code != 200 or answer.json()["missing"]:
        raise RuntimeError(f"a view was answered with {answer.status_code}: {answer.text}")


def _customer(app: ExternalApp) -> str:
    """Somebody with deals, orders, tickets, a membership and messages."""
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
