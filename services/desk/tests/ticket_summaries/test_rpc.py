"""The question that other services ask desk about a person, over a real gRPC server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import Caller, service_caller
from chassis.domain import Invalid
from chassis.embedded.processes import free_port
from chassis.rpc.client import Peer, Peers
from chassis.rpc.server import RpcServer
from chassis.testing.client import ApiClient
from chassis.testing.tokens import TestTokens
from desk.rpc import DESK_SERVICE
from rapport.desk.v1 import desk_service_pb2 as messages
from rapport.desk.v1.desk_service_pb2_grpc import DeskServiceStub
from services.desk.tests.builders import Desk, good, lasting_app, open_ticket
from services.desk.tests.conversing import act


class OwnTokens:
    """The tokens of a service called `contacts`, which outlive a clock that is moved by years."""

    def __init__(self, tokens: TestTokens) -> None:
        self._tokens = tokens

    def token(self, tenant_id: UUID) -> str:
        expires = int((datetime.now(UTC) + timedelta(days=3650)).timestamp())
        who = {"sub": "contacts", "client_id": "contacts"}
        return self._tokens.sign(**who, tid=str(tenant_id), scope="*", svc=True, exp=expires)

    def forget(self, tenant_id: UUID) -> None:
        raise AssertionError(f"the token for {tenant_id} was refused")


@pytest.fixture
def peer(timed: Desk, tokens: TestTokens) -> Iterator[Peer]:
    """Desk as another service reaches it."""
    service = timed.service
    listening = service.settings.model_copy(update={"grpc_port": free_port()})
    server = RpcServer(listening, service.authenticator, service.operations, [DESK_SERVICE])
    peers = Peers(OwnTokens(tokens))
    server.start()
    yield peers.at("desk", f"127.0.0.1:{listening.grpc_port}")
    peers.close()
    server.stop(1)


@pytest.fixture
def client(timed: Desk, clock: MovableClock) -> ApiClient:
    """An app whose token lasts."""
    return lasting_app(timed, clock)


def summary(peer: Peer, caller: Caller, person_id: str) -> Any:
    """What desk answers."""
    request = messages.GetTicketSummaryRequest(person_id=person_id)
    return peer.ask(peer.stub(DeskServiceStub).GetTicketSummary, request, caller, timeout=30)


def test_what_is_open_comes_first_and_all_is_counted(
    peer: Peer, client: ApiClient, clock: MovableClock
) -> None:
    person = str(uuid4())
    old, merged, latest = (open_ticket(client, person_id=person) for _ in range(3))
    open_ticket(client, person_id=str(uuid4()))
    good(act(client, merged, "merge", into_id=latest["id"]))
    good(act(client, old, "resolve"))
    clock.move(timedelta(days=91))
    policy = {"name": "All", "first_response": {"normal": 3}}
    good(client.post("/v1/desk/service-levels", policy))
    newest = open_ticket(client, person_id=person, subject="Again")
    assert client.tenant_id is not None
    asking = service_caller("contacts", client.tenant_id)
    found = summary(peer, asking, person)
    assert [one.ticket_id for one in found.open_tickets] == [newest["id"], latest["id"]]
    assert (found.open_tickets[0].number, found.open_tickets[0].subject) == (
        newest["number"],
        "Again",
    )
    assert (found.open_count, found.total_count, found.recent_count) == (2, 3, 1)
    due_at = datetime.fromisoformat(newest["opened_at"]) + timedelta(minutes=3)
    assert found.open_tickets[0].due_at.ToDatetime(UTC) == due_at


def test_who_has_no_tickets_has_an_empty_summary_and_a_wrong_id_is_refused(
    peer: Peer, client: ApiClient
) -> None:
    assert client.tenant_id is not None
    asking = service_caller("contacts", client.tenant_id)
    found = summary(peer, asking, str(uuid4()))
    assert (found.open_count, found.total_count, found.HasField("last_opened_at")) == (0, 0, False)
    with pytest.raises(Invalid):
        summary(peer, asking, "nobody")
