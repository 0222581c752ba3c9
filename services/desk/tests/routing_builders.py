"""Queues, agents and rules, made over REST; and what routing does by itself, done when a test says so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

from chassis.context import service_caller
from chassis.events.reactions import Envelope
from chassis.testing.client import ApiClient
from desk.app import timer_runner
from desk.colleagues.reactions import Said, on_standing_changed
from desk.peers import Others
from desk.reactions import SUBSCRIPTIONS
from desk.routing.customers import CustomerAsker
from desk.routing.router import Router
from desk.transaction import DeskTx
from rapport.identity.events.v1.access_events_pb2 import TeamPlaced, TeamRemoved
from rapport.identity.events.v1.user_events_pb2 import UserActivated
from services.desk.tests.builders import TICKETS, Desk, good
from services.desk.tests.fakes import FakeErasedPeople, FakeLeads, FakeRequesters
from services.desk.tests.routing_fakes import FakeMemberships, FakeOwners

QUEUES = "/v1/desk/queues"
AGENTS = "/v1/desk/agents"
ABSENCES = "/v1/desk/agent-absences"
RULES = "/v1/desk/routing-rules"
SETTINGS = "/v1/desk/routing-settings"
PREVIEW = "/v1/desk/routing/preview"


def envelope(tenant_id: UUID, about: UUID, kind: str, version: int = 1) -> Envelope:
    """What is known of a fact besides its content."""
    return Envelope(
        id=uuid4(),
        type=kind,
        tenant_id=tenant_id,
        aggregate_id=about,
        aggregate_version=version,
        actor="service:test",
        occurred_at=datetime(2026, 1, 2, tzinfo=UTC),
        traceparent=None,
    )


def tell_user(desk: Desk, client: ApiClient, said: Said, version: int = 1) -> None:
    """Have identity say something of a user, and desk do what follows."""
    _tell(desk, client, said, UUID(said.user_id), version)


def tell_team(
    desk: Desk, client: ApiClient, said: TeamPlaced | TeamRemoved, version: int = 1
) -> None:
    """Have identity say something of a team, and desk do what follows."""
    _tell(desk, client, said, UUID(said.team_id), version)


def led_team(desk: Desk, client: ApiClient, *, above: UUID | None = None) -> tuple[UUID, UUID]:
    """A team and who leads it, of both of whom identity has told."""
    team, leader = uuid4(), known_user(desk, client)
    placed = TeamPlaced(
        team_id=str(team),
        name="Team",
        manager_id=str(leader),
        parent_team_id=None if above is None else str(above),
    )
    tell_team(desk, client, placed)
    return team, leader


def _tell(desk: Desk, client: ApiClient, said: Any, subject: UUID, version: int) -> None:
    assert client.tenant_id is not None
    caller = service_caller("desk", client.tenant_id)
    about = envelope(client.tenant_id, subject, said.DESCRIPTOR.full_name, version)
    identity = next(one.reactions for one in SUBSCRIPTIONS if one.producer == "identity")
    reaction = identity.of(said.DESCRIPTOR.full_name)
    assert reaction is not None
    for _kind, handler in reaction.handlers:
        desk.service.operations.run(caller, _reacting(handler, said, about))


def _reacting(handler: Any, fact: Any, about: Envelope) -> Any:
    def react(tx: DeskTx) -> None:
        handler(tx, fact, about)

    return react


def known_user(desk: Desk, client: ApiClient) -> UUID:
    """A user of whom identity has told."""
    user_id = uuid4()
    assert client.tenant_id is not None
    said = UserActivated(user_id=str(user_id))
    about = envelope(client.tenant_id, user_id, said.DESCRIPTOR.full_name)
    caller = service_caller("desk", client.tenant_id)
    desk.service.operations.run(caller, _reacting(on_standing_changed, said, about))
    return user_id


def make_queue(client: ApiClient, key: str = "billing", **more: Any) -> dict[str, Any]:
    """A queue that hands out its tickets to who is least busy, unless said otherwise."""
    body = {"key": key, "name": {"en": key.title()}, "method": "least_loaded", **more}
    return good(client.post(QUEUES, body))


def make_agent(
    desk: Desk, client: ApiClient, *queues: dict[str, Any], user_id: UUID | None = None, **more: Any
) -> dict[str, Any]:
    """An agent who is there and serves these queues."""
    about = {
        "user_id": str(user_id or known_user(desk, client)),
        "status": "available",
        "queue_ids": [queue["id"] for queue in queues],
        **more,
    }
    return good(client.post(AGENTS, about))


def make_rule(client: ApiClient, condition: str = "", **more: Any) -> dict[str, Any]:
    """A rule for the tickets of which a condition holds."""
    return good(client.post(RULES, {"name": {"en": "Rule"}, "condition": condition, **more}))


def assigned(client: ApiClient, ticket: dict[str, Any]) -> str | None:
    """Who looks after a ticket now."""
    return cast("str | None", now(client, ticket)["assignee_id"])


def now(client: ApiClient, ticket: dict[str, Any]) -> dict[str, Any]:
    """A ticket as it is now."""
    return good(client.get(f"{TICKETS}/{ticket['id']}"))


def decisions(client: ApiClient, ticket: dict[str, Any]) -> list[dict[str, Any]]:
    """What was decided about a ticket, the latest first."""
    items: list[dict[str, Any]] = good(client.get(f"{TICKETS}/{ticket['id']}/routing"))["items"]
    return items


class RoutingByHand:
    """Does all that routing would do by itself, by the service's own clock, when a test says so.

    Hears each fact of the tenant once, as over the bus.
    """

    def __init__(self, desk: Desk, client: ApiClient) -> None:
        assert client.tenant_id is not None
        self.desk, self.client, self.tenant_id = desk, client, client.tenant_id
        self.memberships, self.owners = FakeMemberships(), FakeOwners()
        self.timers = timer_runner(desk.service)
        self._heard = 0
        service = desk.service
        asked = Others(
            FakeRequesters(), self.memberships, self.owners, FakeLeads(), FakeErasedPeople()
        )
        self.asker = CustomerAsker(asked.memberships, asked.owners, seconds=0.2)
        self.router = Router(
            service.database, service.operations, self.asker, "desk", service.clock
        )

    def settle(self) -> None:
        """Do what is due by now, and all that follows."""
        while True:
            while self.timers.run_due() == 0 or self.router.route_due() == 0:
                pass
            if not self.hear():
                return

    def hear(self) -> bool:
        """React to what was told since the last time; tells whether anything was."""
        told = self.desk.facts(self.tenant_id)
        new, self._heard = told[self._heard :], len(told)
        own = next(one.reactions for one in SUBSCRIPTIONS if one.producer == "desk")
        caller = service_caller("desk", self.tenant_id)
        for name, payload in new:
            reaction = own.of(name)
            if reaction is None:
                continue
            fact = reaction.decode(payload)
            about = envelope(self.tenant_id, uuid4(), name)
            for _kind, handler in reaction.handlers:
                self.desk.service.operations.run(caller, _reacting(handler, fact, about))
        return bool(new)
