"""Makes records over REST, as an app does, and hands back the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from google.protobuf.message import Message

from chassis.context import service_caller
from chassis.domain import Clock
from chassis.events.reactions import Envelope
from chassis.storage.scope import EVERYTHING
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from chassis.testing.timers import fire_due
from rapport.identity.events.v1.user_events_pb2 import UserActivated
from sales.app import timer_runner
from sales.colleagues.reactions import on_standing_changed
from sales.transaction import SalesTx

Sales = ServiceHarness[SalesTx]
REASONS = "/v1/sales/reasons"
ORDERS = "/v1/sales/orders"
SETTINGS = "/v1/sales/currency-settings"
RATES = "/v1/sales/exchange-rates"


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


def lasting_app(sales: Sales, clock: Clock, tenant_id: UUID | None = None) -> ApiClient:
    """An app whose token outlives a clock that is moved by weeks."""
    tenant = tenant_id or sales.new_tenant()
    expires = int((clock.now() + timedelta(days=3650)).timestamp())
    app = {"sub": "test-app", "client_id": "test-app", "scope": "*"}
    return ApiClient(sales.app, sales.tokens.sign(tid=str(tenant), exp=expires, **app), tenant)


def lasting_user(
    sales: Sales, clock: Clock, tenant_id: UUID, grants: Mapping[str, str], user_id: UUID
) -> ApiClient:
    """A user with these grants, whose token outlives a clock that is moved by weeks."""
    role = sales.access.role(tenant_id, grants)
    sales.service.directory.forget(tenant_id)
    expires = int((clock.now() + timedelta(days=3650)).timestamp())
    about: dict[str, Any] = {"sub": str(user_id), "uid": str(user_id), "client_id": "test-console"}
    about |= {"sid": str(uuid4()), "scope": "*", "roles": [str(role)], "exp": expires}
    return ApiClient(sales.app, sales.tokens.sign(tid=str(tenant_id), **about), tenant_id)


def define_reason(client: ApiClient, kind: str, key: str = "because") -> dict[str, Any]:
    """A reason to give."""
    return good(client.post(REASONS, {"kind": kind, "key": key, "name": {"en": "Because"}}))


def choose_base(client: ApiClient, currency: str = "TWD") -> None:
    """The currency that the tenant adds up in."""
    good(client.put(SETTINGS, {"base_currency": currency}))


def line(price: str, quantity: str = "1", **more: Any) -> dict[str, Any]:
    """A line of an order."""
    return {"name": "Beans", "unit_price": price, "quantity": quantity, **more}


def place(client: ApiClient, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A confirmed order of a person."""
    body = {
        "person_id": str(UUID(int=7)),
        "currency": "TWD",
        "lines": lines or [line("100", "3")],
        "confirmed": True,
        **more,
    }
    return good(client.post(ORDERS, body))


def at_once(*calls: Callable[[], ApiAnswer]) -> list[int]:
    """The status codes of calls that are made in threads of their own, at the same time; sorted."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(answer.status_code for answer in pool.map(lambda call: call(), calls))


def facts(sales: Sales, client: ApiClient, kind: type[Message]) -> list[Any]:
    """The facts of one kind about the client's tenant, oldest first."""
    assert client.tenant_id is not None
    name = kind.DESCRIPTOR.full_name
    return [
        kind.FromString(payload)
        for type_, payload in sales.facts(client.tenant_id)
        if type_ == name
    ]


PIPELINES = "/v1/sales/pipelines"
OPPORTUNITIES = "/v1/sales/opportunities"
ACTIVITIES = "/v1/sales/activities"
PLAYBOOKS = "/v1/sales/playbooks"


def stage(key: str, probability: int = 10, **more: Any) -> dict[str, Any]:
    """A stage that opportunities go through."""
    return {"key": key, "name": {"en": key.title()}, "probability": probability, **more}


def ends() -> list[dict[str, Any]]:
    """The stages in which opportunities end."""
    return [
        {"key": "won", "name": {"en": "Won"}, "kind": "won", "probability": 100},
        {"key": "lost", "name": {"en": "Lost"}, "kind": "lost"},
    ]


def define_pipeline(client: ApiClient, *stages: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A pipeline with these open stages; else with `new`, `talk` and `offer`."""
    opened = list(stages) or [stage("new"), stage("talk", 40), stage("offer", 60)]
    body = {"name": {"en": "Sales"}, "stages": [*opened, *ends()], **more}
    return good(client.post(PIPELINES, body))


def open_one(client: ApiClient, pipeline: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An opportunity in a pipeline."""
    body = {"pipeline_id": pipeline["id"], "name": "Espresso for the lobby", **more}
    return good(client.post(OPPORTUNITIES, body))


def move(client: ApiClient, one: dict[str, Any], to: str) -> ApiAnswer:
    """Try to move an opportunity."""
    return client.post(f"{OPPORTUNITIES}/{one['id']}/move", {"stage": to})


def fire(sales: Sales) -> None:
    """Have every timer fire that is due by the service's clock."""
    fire_due(timer_runner(sales.service))


LEADS = "/v1/sales/leads"
WEB_FORMS = "/v1/sales/web-forms"
SUBMISSIONS = "/v1/sales/form-submissions"


def capture(client: ApiClient, **more: Any) -> dict[str, Any]:
    """A lead."""
    known = {"given_name": "Ada", "family_name": "Lovelace", "email": "ada@engines.example"}
    return good(client.post(LEADS, {**known, **more}))


def know_user(sales: Sales, tenant_id: UUID, user_id: UUID) -> UUID:
    """Have identity tell that somebody is a user of a tenant who may sign in."""

    def react(tx: SalesTx) -> None:
        kind = UserActivated.DESCRIPTOR.full_name
        envelope = Envelope(
            tx.ids.new(), kind, tenant_id, user_id, 1, "service:identity", tx.clock.now(), None
        )
        on_standing_changed(tx, UserActivated(user_id=str(user_id)), envelope)

    caller = service_caller("sales", tenant_id)
    sales.service.operations.transact(caller, EVERYTHING, "react", react)
    return user_id
