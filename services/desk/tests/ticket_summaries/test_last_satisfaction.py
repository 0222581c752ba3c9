"""What others are told of how content somebody was last, over a real gRPC server (DE-9, DE-10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import Caller
from chassis.embedded.processes import free_port
from chassis.rpc.client import Peer, Peers
from chassis.rpc.server import RpcServer
from chassis.testing.client import ApiClient
from desk.rpc import DESK_SERVICE
from rapport.desk.v1 import desk_service_pb2 as messages
from rapport.desk.v1.desk_service_pb2_grpc import DeskServiceStub
from services.desk.tests.builders import Desk, lasting_app
from services.desk.tests.surveys.test_surveys_api import asked_about, make_survey, say


class NoTokens:
    """Everybody here comes with a token of their own."""

    def token(self, tenant_id: UUID) -> str:
        raise AssertionError(f"a token for {tenant_id} was asked for")

    def forget(self, tenant_id: UUID) -> None:
        raise AssertionError(f"the token for {tenant_id} was refused")


@pytest.fixture
def peer(timed: Desk) -> Iterator[Peer]:
    """Desk as another service reaches it."""
    service = timed.service
    listening = service.settings.model_copy(update={"grpc_port": free_port()})
    server = RpcServer(listening, service.authenticator, service.operations, [DESK_SERVICE])
    peers = Peers(NoTokens())
    server.start()
    yield peers.at("desk", f"127.0.0.1:{listening.grpc_port}")
    peers.close()
    server.stop(1)


def summary(peer: Peer, client: ApiClient, person_id: str) -> Any:
    """What desk answers to whoever passes on the client's token."""
    caller = Caller(client.tenant_id, "test-app", token=client.token)
    request = messages.GetTicketSummaryRequest(person_id=person_id)
    return peer.ask(peer.stub(DeskServiceStub).GetTicketSummary, request, caller)


def test_the_last_answer_is_told_with_its_ticket(
    timed: Desk, clock: MovableClock, peer: Peer
) -> None:
    client, person = lasting_app(timed, clock), str(uuid4())
    make_survey(client, rest_days=0)
    _first, path = asked_about(timed, client, clock, person_id=person)
    assert say(timed, path, 5).status_code == 303
    ticket, path = asked_about(timed, client, clock, person_id=person)
    assert say(timed, path, 2).status_code == 303
    said = summary(peer, client, person).last_satisfaction
    assert (said.kind, said.score, said.ticket_id) == ("csat", 2, ticket["id"])
    assert not summary(peer, client, str(uuid4())).HasField("last_satisfaction")


def test_who_may_not_read_satisfaction_is_told_of_tickets_alone(
    timed: Desk, clock: MovableClock, peer: Peer
) -> None:
    client, person = lasting_app(timed, clock), str(uuid4())
    assert client.tenant_id is not None
    make_survey(client)
    _ticket, path = asked_about(timed, client, clock, person_id=person)
    assert say(timed, path, 4).status_code == 303
    narrow = ApiClient(
        timed.app,
        timed.tokens.sign(
            tid=str(client.tenant_id),
            sub="till",
            client_id="till",
            scope="desk.tickets.read",
            exp=int((clock.now() + timedelta(days=1)).timestamp()),
        ),
        client.tenant_id,
    )
    told = summary(peer, narrow, person)
    assert (told.total_count, told.HasField("last_satisfaction")) == (1, False)
