"""Makes records over REST, as an app does, and hands back the answers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from chassis.domain import Clock
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from chassis.testing.timers import fire_due
from desk.app import timer_runner
from desk.transaction import DeskTx

Desk = ServiceHarness[DeskTx]
TICKETS = "/v1/desk/tickets"


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


def lasting_app(desk: Desk, clock: Clock, tenant_id: UUID | None = None) -> ApiClient:
    """An app whose token outlives a clock that is moved by years."""
    tenant = tenant_id or desk.new_tenant()
    issued = int(clock.now().timestamp())
    lasts: dict[str, Any] = {
        "iat": issued,
        "exp": issued + int(timedelta(days=3650).total_seconds()),
    }
    app = {"sub": "test-app", "client_id": "test-app", "scope": "*"}
    return ApiClient(desk.app, desk.tokens.sign(tid=str(tenant), **lasts, **app), tenant)


def at_once(*calls: Callable[[], ApiAnswer]) -> list[int]:
    """The status codes of calls that are made in threads of their own, at the same time; sorted."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(answer.status_code for answer in pool.map(lambda call: call(), calls))


def facts(desk: Desk, client: ApiClient, kind: type[Message]) -> list[Any]:
    """The facts of one kind about the client's tenant, oldest first."""
    assert client.tenant_id is not None
    name = kind.DESCRIPTOR.full_name
    return [
        kind.FromString(payload) for type_, payload in desk.facts(client.tenant_id) if type_ == name
    ]


def fire(desk: Desk) -> None:
    """Fire what is due by the service's own clock."""
    fire_due(timer_runner(desk.service))


def open_ticket(client: ApiClient, **more: Any) -> dict[str, Any]:
    """A ticket of nobody in particular."""
    return good(client.post(TICKETS, {"subject": "The machine leaks", **more}))
