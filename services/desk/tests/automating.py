"""Macros, triggers and time rules, made over REST; and what follows from facts, done when a test says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.context import service_caller
from chassis.domain import Clock
from chassis.events.reactions import Envelope
from chassis.storage.tables import outbox
from chassis.testing.client import ApiClient
from desk.app import timer_runner
from desk.reactions import SUBSCRIPTIONS
from desk.transaction import DeskTx
from services.desk.tests.builders import Desk, good

MACROS = "/v1/desk/macros"
TRIGGERS = "/v1/desk/triggers"
FIRINGS = "/v1/desk/trigger-firings"
TIME_RULES = "/v1/desk/time-rules"
_OWN = next(one.reactions for one in SUBSCRIPTIONS if one.producer == "desk")


def tag(*tags: str) -> dict[str, Any]:
    """An action that marks a ticket."""
    return {"kind": "add_tags", "tags": list(tags)}


def untag(*tags: str) -> dict[str, Any]:
    """An action that takes marks away."""
    return {"kind": "remove_tags", "tags": list(tags)}


def raise_to(priority: str) -> dict[str, Any]:
    """An action that sets a priority."""
    return {"kind": "set_priority", "priority": priority}


def say(text: str, kind: str = "reply") -> dict[str, Any]:
    """An action that answers, or notes something."""
    return {"kind": kind, "texts": {"en": text}}


def make_macro(client: ApiClient, *actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A macro that all share, unless said otherwise."""
    return good(client.post(MACROS, {"name": {"en": "Macro"}, "actions": list(actions), **more}))


def make_trigger(
    client: ApiClient, event: str, *actions: dict[str, Any], name: str = "Trigger", **more: Any
) -> dict[str, Any]:
    """A trigger on one event."""
    body = {"name": {"en": name}, "events": [event], "actions": list(actions), **more}
    return good(client.post(TRIGGERS, body))


def make_time_rule(
    client: ApiClient, since: str, hours: int, *actions: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """A time rule."""
    body = {
        "name": {"en": "Rule"},
        "since": since,
        "hours": hours,
        "actions": list(actions),
        **more,
    }
    return good(client.post(TIME_RULES, body))


def firings(client: ApiClient) -> list[dict[str, Any]]:
    """What triggers did, the first at first."""
    items: list[dict[str, Any]] = good(client.get(f"{FIRINGS}?sort=at&page_size=200"))["items"]
    return items


def timed_app(desk: Desk, clock: Clock) -> ApiClient:
    """An app in a tenant of its own whose token is of the clock's time, and lasts for years of it."""
    tenant = desk.new_tenant()
    since, until = (int((clock.now() + timedelta(days=days)).timestamp()) for days in (0, 3_650))
    app = {"sub": "test-app", "client_id": "test-app", "scope": "*"}
    token = desk.tokens.sign(tid=str(tenant), iat=since, exp=until, **app)
    return ApiClient(desk.app, token, tenant)


class Hearing:
    """Hears each of the tenant's own facts once, with what it follows from, as over the bus."""

    def __init__(self, desk: Desk, client: ApiClient) -> None:
        assert client.tenant_id is not None
        self._desk, self.tenant_id = desk, client.tenant_id
        self._heard: set[UUID] = set()
        self.count = 0
        self._timers = timer_runner(desk.service)

    def settle(self, most: int = 5_000) -> None:
        """Hear all that was told, and all that follows; fails when that does not end."""
        while facts := self._new():
            for envelope, payload in facts:
                self._react(envelope, payload)
                self.count += 1
                assert self.count <= most, "it does not end"

    def pass_by(self) -> None:
        """Hear, fire what is due by the service's own clock, and go on until nothing follows."""
        self.settle()
        while self._timers.run_due() == 0:
            self.settle()

    def hear_again(self) -> None:
        """Hear everything a second time, as after a lost acknowledgement that no inbox remembers."""
        for envelope, payload in self._told():
            self._react(envelope, payload)

    def _new(self) -> list[tuple[Envelope, bytes]]:
        found = [one for one in self._told() if one[0].id not in self._heard]
        self._heard |= {envelope.id for envelope, _ in found}
        return found

    def _told(self) -> list[tuple[Envelope, bytes]]:
        with self._desk.service.database.tenant_transaction(self.tenant_id) as connection:
            rows = connection.execute(
                sa.select(outbox).where(outbox.c.tenant_id == self.tenant_id).order_by(outbox.c.seq)
            ).all()
        return [(_envelope(row), bytes(row.payload)) for row in rows]

    def _react(self, envelope: Envelope, payload: bytes) -> None:
        reaction = _OWN.of(envelope.type)
        if reaction is None:
            return
        fact = reaction.decode(payload)

        def react(tx: DeskTx) -> None:
            tx.cause = envelope.id
            for _kind, handler in reaction.handlers:
                handler(tx, fact, envelope)
            tx.flush()

        caller = service_caller("desk", self.tenant_id)
        self._desk.service.operations.run(caller, react)


def _envelope(row: Any) -> Envelope:
    return Envelope(
        id=row.id,
        type=row.type,
        tenant_id=row.tenant_id,
        aggregate_id=row.aggregate_id,
        aggregate_version=row.aggregate_version,
        actor=row.actor,
        occurred_at=row.occurred_at,
        traceparent=None,
        cause=row.cause,
    )
