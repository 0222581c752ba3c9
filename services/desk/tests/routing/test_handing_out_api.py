"""What waits is given to who has become free, and to who asks for the next ticket (DE-5)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from chassis.clock import MovableClock
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.work.timers import TimerRunner
from desk.routing.due import QUEUE_REFILL, agents_may_have_more
from rapport.desk.events.v1 import routing_events_pb2 as events
from services.desk.tests.builders import (
    TICKETS,
    Desk,
    facts,
    good,
    lasting_app,
    open_ticket,
    refused,
)
from services.desk.tests.routing_builders import (
    AGENTS,
    QUEUES,
    RoutingByHand,
    assigned,
    decisions,
    make_agent,
    make_queue,
    make_rule,
    now,
)


@pytest.fixture
def app(timed: Desk, clock: MovableClock) -> ApiClient:
    """An app whose token outlives a moved clock."""
    return lasting_app(timed, clock)


@pytest.fixture
def routing(timed: Desk, app: ApiClient) -> RoutingByHand:
    """Routing, done when the test says so."""
    return RoutingByHand(timed, app)


def signed_in(desk: Desk, app: ApiClient, agent: dict[str, Any]) -> ApiClient:
    """An agent who may pull, and sees no more than their own."""
    assert app.tenant_id is not None
    grants = {"desk.queues.pull": "own", "desk.tickets.read": "own"}
    return desk.user_client(app.tenant_id, grants, user_id=UUID(agent["id"]))


def pull(client: ApiClient, queue: dict[str, Any]) -> ApiAnswer:
    """Ask for the next ticket."""
    return client.post(f"{QUEUES}/{queue['id']}/pull")


def pulled(answer: ApiAnswer) -> str | None:
    """The ticket that came of it."""
    ticket = good(answer)["ticket"]
    return None if ticket is None else str(ticket["id"])


def test_who_has_become_free_gets_the_most_urgent_and_then_the_oldest(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    queue = make_queue(app)
    agent = make_agent(timed, app, queue, capacity=1)
    first = open_ticket(app, queue_id=queue["id"])
    routing.settle()
    waiting = [
        open_ticket(app, queue_id=queue["id"], priority=priority)
        for priority in ("normal", "urgent", "normal")
    ]
    routing.settle()
    assert [assigned(app, one) for one in waiting] == [None, None, None]
    for done, following in ((first, waiting[1]), (waiting[1], waiting[0])):
        good(app.post(f"{TICKETS}/{done['id']}/resolve", {}))
        routing.settle()
        assert assigned(app, following) == agent["id"]
    assert assigned(app, waiting[2]) is None
    assert decisions(app, waiting[1])[0]["purpose"] == "refill"


def test_who_waits_for_the_customer_has_room_for_another(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    queue = make_queue(app)
    agent = make_agent(timed, app, queue, capacity=1)
    first, second = (open_ticket(app, queue_id=queue["id"]) for _ in range(2))
    routing.settle()
    waits = {"status": "waiting_for_customer"}
    good(app.post(f"{TICKETS}/{first['id']}/status", waits))
    routing.settle()
    assert assigned(app, second) == agent["id"]


@pytest.mark.parametrize("change", ["comes", "is_added", "has_more_room"])
def test_who_comes_is_given_what_waits(
    timed: Desk, app: ApiClient, routing: RoutingByHand, change: str
) -> None:
    queue = make_queue(app)
    status = "offline" if change == "comes" else "available"
    agent = None
    if change != "is_added":
        agent = make_agent(timed, app, queue, status=status, capacity=int(change == "comes"))
    ticket = open_ticket(app, queue_id=queue["id"])
    routing.settle()
    assert assigned(app, ticket) is None
    if agent is None:
        agent = make_agent(timed, app, queue)
    elif change == "comes":
        good(app.put(f"{AGENTS}/{agent['id']}/status", {"status": "available"}))
    else:
        good(app.patch(f"{AGENTS}/{agent['id']}", {"capacity": 1}))
    routing.settle()
    assert assigned(app, ticket) == agent["id"]


def test_a_queue_that_begins_to_hand_out_does_so_with_what_waits(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    queue = make_queue(app, method="manual")
    agent = make_agent(timed, app, queue)
    ticket = open_ticket(app, queue_id=queue["id"])
    routing.settle()
    assert decisions(app, ticket)[0]["reason"] == "manual_queue"
    good(app.patch(f"{QUEUES}/{queue['id']}", {"method": "round_robin", "most_open": 1}))
    second = open_ticket(app, queue_id=queue["id"])
    routing.settle()
    assert assigned(app, ticket) == agent["id"]
    assert assigned(app, second) is None


_MANY_AGENTS = sa.text(
    "INSERT INTO agents (tenant_id, id, version, skills, languages, capacity, queue_ids, status,"
    " status_since, status_reason, created_at, updated_at)"
    " SELECT :tenant_id, ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 1, '[]',"
    " '[]', 0, ARRAY[:queue_id]::uuid[], 'available', :now, '', :now, :now"
    " FROM generate_series(1, :agents) AS n"
)
_OF_OTHERS = sa.text(
    "DELETE FROM timers WHERE tenant_id = :tenant_id AND kind = 'agent_refill' AND key <> :last"
)


def test_however_many_serve_a_queue_that_begins_to_hand_out_each_of_them_is_looked_after(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    assert app.tenant_id is not None
    service, tenant = timed.service, {"tenant_id": app.tenant_id}
    queue = make_queue(app, method="manual")
    about = {"queue_id": queue["id"], "now": service.clock.now(), "agents": 450}
    with service.database.tenant_transaction(app.tenant_id) as connection:
        connection.execute(_MANY_AGENTS, {**tenant, **about})
    last = make_agent(timed, app, queue)
    ticket = open_ticket(app, queue_id=queue["id"])
    routing.settle()
    assert assigned(app, ticket) is None
    good(app.patch(f"{QUEUES}/{queue['id']}", {"method": "least_loaded"}))
    handlers = {QUEUE_REFILL: agents_may_have_more}
    fire = TimerRunner(service.database, service.operations, "desk", handlers, service.clock)
    while not fire.run_due():
        pass
    with service.database.tenant_transaction(app.tenant_id) as connection:
        others = connection.execute(_OF_OTHERS, {**tenant, "last": last["id"]}).rowcount
    assert others == 450
    routing.settle()
    assert assigned(app, ticket) == last["id"]


def test_however_much_waits_that_others_have_to_take_what_an_agent_can_take_is_found(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    queue, full = make_queue(app), make_queue(app, "full", most_open=1)
    make_rule(app, same_language=True)
    for language in ("ja", "ko"):
        for _ in range(51):
            open_ticket(app, queue_id=queue["id"], language=language, priority="high")
    busy = [open_ticket(app, queue_id=full["id"], priority="urgent") for _ in range(2)]
    ticket = open_ticket(app, queue_id=queue["id"], language="en", priority="low")
    routing.settle()
    agent = make_agent(timed, app, queue, full, languages=["en"], capacity=2)
    routing.settle()
    assert assigned(app, busy[0]) == assigned(app, ticket) == agent["id"]
    assert assigned(app, busy[1]) is None


def test_what_waits_goes_to_nobody_who_lacks_what_it_needs(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    queue = make_queue(app)
    make_rule(app, queue_id=queue["id"], same_language=True)
    ticket = open_ticket(app, language="zh-Hant")
    routing.settle()
    make_agent(timed, app, queue, languages=["de"])
    routing.settle()
    assert assigned(app, ticket) is None
    able = make_agent(timed, app, queue, languages=["zh-Hant"])
    routing.settle()
    assert assigned(app, ticket) == able["id"]


def test_two_who_become_free_at_once_get_two_tickets_and_no_more_than_they_can_carry(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    queue = make_queue(app)
    tickets = [open_ticket(app, queue_id=queue["id"]) for _ in range(3)]
    routing.settle()
    agents = [make_agent(timed, app, queue, capacity=1) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: routing.timers.run_due(), range(2)))
    routing.settle()
    got = [assigned(app, one) for one in tickets]
    assert sorted(got[:2], key=str) == sorted((one["id"] for one in agents), key=str)
    assert got[2] is None


def test_two_who_pull_at_once_get_two_tickets(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    queue = make_queue(app, method="manual")
    agents = [make_agent(timed, app, queue) for _ in range(4)]
    tickets = {open_ticket(app, queue_id=queue["id"])["id"] for _ in range(3)}
    clients = [signed_in(timed, app, one) for one in agents]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda client: pull(client, queue), clients))
    got = [pulled(answer) for answer in answers]
    assert sorted(got, key=str) == sorted([*tickets, None], key=str)
    routing.settle()
    told = facts(timed, app, events.TicketRouted)
    assert sum(one.purpose == "pull" for one in told) == 3


def test_one_who_pulls_twice_at_once_gets_no_more_than_they_can_carry(
    timed: Desk, app: ApiClient
) -> None:
    queue = make_queue(app, method="manual")
    agent = make_agent(timed, app, queue, capacity=1)
    for _ in range(2):
        open_ticket(app, queue_id=queue["id"])
    me = signed_in(timed, app, agent)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: pull(me, queue), range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert refused(pull(me, queue)) == (409, "agent_full")


def test_what_is_pulled_is_within_ones_reach_from_then_on(timed: Desk, app: ApiClient) -> None:
    queue = make_queue(app, method="manual")
    agent = make_agent(timed, app, queue, status="offline")
    ticket = open_ticket(app, queue_id=queue["id"])
    me = signed_in(timed, app, agent)
    assert refused(me.get(f"{TICKETS}/{ticket['id']}")) == (404, "not_found")
    assert pulled(pull(me, queue)) == ticket["id"]
    assert good(me.get(f"{TICKETS}/{ticket['id']}"))["assignee_id"] == agent["id"]
    assert pulled(pull(me, queue)) is None


def test_only_who_serves_a_queue_pulls_from_it(timed: Desk, app: ApiClient) -> None:
    queue, other = make_queue(app, method="manual"), make_queue(app, "other")
    agent = make_agent(timed, app, other)
    ticket = open_ticket(app, queue_id=queue["id"])
    assert refused(pull(signed_in(timed, app, agent), queue)) == (409, "queue_not_served")
    assert refused(pull(app, queue)) == (409, "queue_not_served")
    assert app.tenant_id is not None
    reader = timed.user_client(app.tenant_id, {"desk.queues.read": "all"})
    assert refused(pull(reader, queue)) == (403, "permission_missing")
    assert now(app, ticket)["assignee_id"] is None


def test_a_pull_that_is_sent_again_gives_the_same_ticket(timed: Desk, app: ApiClient) -> None:
    queue = make_queue(app, method="manual")
    me = signed_in(timed, app, make_agent(timed, app, queue))
    for _ in range(2):
        open_ticket(app, queue_id=queue["id"])
    headers = {"Idempotency-Key": "next-please"}
    path = f"{QUEUES}/{queue['id']}/pull"
    assert pulled(me.post(path, headers=headers)) == pulled(me.post(path, headers=headers))
