"""Makes records over REST, as an app does, hands back the answers, and tells facts as others do."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.domain import Clock
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from chassis.testing.timers import fire_due
from loyalty.app import timer_runner
from loyalty.transaction import LoyaltyTx
from rapport.common.v1.money_pb2 import Money
from rapport.sales.events.v1 import order_events_pb2 as orders
from rapport.sales.v1.order_pb2 import OrderHeader, OrderLine

Loyalty = ServiceHarness[LoyaltyTx]
PROGRAMS = "/v1/loyalty/programs"
MEMBERS = "/v1/loyalty/members"


def good(answer: ApiAnswer) -> dict[str, Any]:
    """The body of an answer that has to be a success."""
    assert answer.status_code in (200, 201), answer.text
    body: dict[str, Any] = answer.json
    return body


def refused(answer: ApiAnswer) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json["code"]


def places(answer: ApiAnswer) -> list[tuple[str, str]]:
    """What a refusal points at, and with which codes."""
    return [(error["pointer"], error["code"]) for error in answer.json["errors"]]


def lasting_app(
    loyalty: Loyalty, clock: Clock, tenant_id: UUID | None = None, scope: str = "*"
) -> ApiClient:
    """An app whose token outlives a clock that is moved by years."""
    tenant = tenant_id or loyalty.new_tenant()
    expires = int((clock.now() + timedelta(days=3650)).timestamp())
    app = {"sub": "test-app", "client_id": "test-app", "scope": scope}
    return ApiClient(loyalty.app, loyalty.tokens.sign(tid=str(tenant), exp=expires, **app), tenant)


def at_once(*calls: Callable[[], ApiAnswer]) -> list[int]:
    """The status codes of calls that are made in threads of their own, at the same time; sorted."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(answer.status_code for answer in pool.map(lambda call: call(), calls))


def facts(loyalty: Loyalty, client: ApiClient, kind: type[Message]) -> list[Any]:
    """The facts of one kind about the client's tenant, oldest first."""
    assert client.tenant_id is not None
    name = kind.DESCRIPTOR.full_name
    return [
        kind.FromString(payload)
        for type_, payload in loyalty.facts(client.tenant_id)
        if type_ == name
    ]


def fire(loyalty: Loyalty) -> None:
    """Fire what is due by the service's own clock."""
    fire_due(timer_runner(loyalty.service))


def create_program(client: ApiClient, **more: Any) -> dict[str, Any]:
    """An open program whose points are worth Taiwan dollars; a second one needs another key."""
    body = {"key": "club", "name": "Club", "currency": "TWD", "time_zone": "Asia/Taipei", **more}
    draft = good(client.post(PROGRAMS, body))
    return good(client.post(f"{PROGRAMS}/{draft['id']}/open"))


def enrol(
    client: ApiClient, program: dict[str, Any], person_id: UUID, **more: Any
) -> dict[str, Any]:
    """A member of a program."""
    body = {"program_id": program["id"], "person_id": str(person_id), **more}
    return good(client.post(MEMBERS, body))


def stamp(at: datetime) -> Timestamp:
    """A time as facts give it."""
    given = Timestamp()
    given.FromDatetime(at)
    return given


def twd(amount: str) -> Money:
    """An amount in Taiwan dollars."""
    return Money(amount=amount, currency="TWD")


def order_line(total: str, line_id: str = "1", **more: Any) -> OrderLine:
    """A line of beans, or a part of one."""
    details = {"sku": "BEANS", "category": "coffee", "quantity": "1", **more}
    return OrderLine(line_id=line_id, net=twd(total), total=twd(total), **details)


def header(person_id: UUID, order_id: UUID, placed_at: datetime, total: str) -> OrderHeader:
    """Which order it is, and whose."""
    return OrderHeader(
        order_id=str(order_id),
        number="2031-000001",
        person_id=str(person_id),
        channel="store",
        branch="Xinyi",
        placed_at=stamp(placed_at),
        order_total=twd(total),
    )


def delivered(
    person_id: UUID,
    total: str,
    *,
    at: datetime | None = None,
    placed_at: datetime | None = None,
    order_id: UUID | None = None,
    delivery_id: UUID | None = None,
    lines: list[OrderLine] | None = None,
    complete: bool = True,
) -> orders.OrderDelivered:
    """What sales tells when an order of a person was delivered."""
    at = at or datetime.now(UTC)
    order = header(person_id, order_id or uuid4(), placed_at or at, total)
    return orders.OrderDelivered(
        order_id=order.order_id,
        person_id=str(person_id),
        order=order,
        delivery_id=str(delivery_id or uuid4()),
        lines=lines or [order_line(total)],
        net=twd(total),
        total=twd(total),
        complete=complete,
        delivered_at=stamp(at),
    )
