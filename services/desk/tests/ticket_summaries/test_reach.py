"""What others are told of somebody's tickets is what the one who asks would see in the list of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.context import Caller
from chassis.rpc.client import Peer
from chassis.testing.client import ApiClient
from rapport.desk.v1 import desk_service_pb2 as messages
from rapport.desk.v1.desk_service_pb2_grpc import DeskServiceStub
from services.desk.tests.builders import TICKETS, Desk, good, open_ticket
from services.desk.tests.routing_builders import known_user, make_queue
from services.desk.tests.ticket_summaries.test_last_satisfaction import peer

__all__ = ["peer"]


@pytest.fixture
def person(timed: Desk) -> tuple[str, dict[str, UUID]]:
    """Somebody with tickets everywhere, and who there is: a lead, an agent below, and a stranger."""
    client = timed.app_client(timed.new_tenant())
    assert client.tenant_id is not None
    people = {name: known_user(timed, client) for name in ("lead", "agent", "stranger")}
    above = timed.access.team(client.tenant_id, [people["lead"]])
    below = timed.access.team(client.tenant_id, [people["agent"]], parent=above)
    person_id = str(uuid4())
    for key, team in (("above", above), ("below", below)):
        queue = make_queue(client, key, method="manual", team_id=str(team))
        open_ticket(client, person_id=person_id, queue_id=queue["id"])
        for whose in people.values():
            body = {"person_id": person_id, "queue_id": queue["id"], "assignee_id": str(whose)}
            open_ticket(client, **body)
    for whose in people.values():
        open_ticket(client, person_id=person_id, assignee_id=str(whose))
    open_ticket(client, person_id=person_id)
    return person_id, {**people, "above": above, "below": below, "tenant": client.tenant_id}


@pytest.mark.parametrize(
    ("reach", "who", "team", "count"),
    [
        ("own", "lead", "above", 4),
        ("own", "agent", "below", 4),
        ("own", "stranger", None, 3),
        ("team", "lead", "above", 10),
        ("team", "agent", "below", 6),
        ("team", "stranger", None, 3),
        ("all", "stranger", None, 12),
    ],
)
def test_a_summary_has_what_its_reader_can_list(
    timed: Desk,
    peer: Peer,
    person: tuple[str, dict[str, UUID]],
    reach: str,
    who: str,
    team: str | None,
    count: int,
) -> None:
    person_id, there = person
    teams = () if team is None else (there[team],)
    reader = timed.user_client(
        there["tenant"], {"desk.tickets.*": reach}, user_id=there[who], teams=teams
    )
    told = _summary(peer, reader, person_id)
    listed = good(reader.get(f"{TICKETS}?person_id={person_id}"))["items"]
    assert {one.ticket_id for one in told.open_tickets} == {one["id"] for one in listed}
    assert (told.total_count, told.open_count, told.recent_count) == (count, count, count)


def _summary(peer: Peer, client: ApiClient, person_id: str) -> Any:
    caller = Caller(client.tenant_id, "user", token=client.token)
    request = messages.GetTicketSummaryRequest(person_id=person_id)
    return peer.ask(peer.stub(DeskServiceStub).GetTicketSummary, request, caller)
