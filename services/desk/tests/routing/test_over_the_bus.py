"""Over the bus: a new tenant has a queue, a new ticket finds somebody, and so do those of who has left."""

from __future__ import annotations

from uuid import uuid4

from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.identity.events.v1.tenant_events_pb2 import TenantCreated
from rapport.identity.events.v1.user_events_pb2 import UserDeactivated
from services.desk.tests.builders import Desk, good, open_ticket
from services.desk.tests.routing_builders import (
    QUEUES,
    assigned,
    decisions,
    make_agent,
    make_queue,
)


def test_a_new_tenant_starts_with_the_general_queue(desk: Desk, bus: Bus) -> None:
    tenant = uuid4()
    app = desk.app_client(tenant)
    for _ in range(2):
        bus.say(TenantCreated(tenant_id=str(tenant), name="New"), tenant, tenant)
    eventually(bus.is_settled)
    items = eventually(lambda: good(app.get(QUEUES))["items"])
    assert [(one["key"], one["method"]) for one in items] == [("general", "least_loaded")]


def test_a_ticket_finds_somebody_and_somebody_else_when_they_leave(
    desk: Desk, bus: Bus, app: ApiClient
) -> None:
    queue = make_queue(app)
    first = make_agent(desk, app, queue)
    ticket = open_ticket(app, queue_id=queue["id"], person_id=str(uuid4()))
    eventually(lambda: assigned(app, ticket) == first["id"])
    second = make_agent(desk, app, queue)
    assert app.tenant_id is not None
    gone = UserDeactivated(user_id=first["id"])
    bus.say(gone, app.tenant_id, uuid4(), version=2)
    eventually(lambda: assigned(app, ticket) == second["id"])
    purposes = [one["purpose"] for one in decisions(app, ticket)]
    assert purposes[-1] == "route"
