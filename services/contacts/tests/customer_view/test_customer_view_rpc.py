"""The same view for other services, over a real gRPC server (DE-9)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.context import Caller, service_caller
from chassis.domain import Forbidden, Invalid, NotFound
from chassis.embedded.processes import free_port
from chassis.rpc.client import Peer, Peers
from chassis.rpc.deadline import within
from chassis.rpc.server import RpcServer
from chassis.testing.client import ApiClient
from chassis.testing.tokens import TestTokens
from contacts.customer_view.rpc import customer_view_service
from contacts.description import DESCRIPTION
from contacts.peers import customer_sides, knowing_peers
from contacts.settings import ContactsSettings
from rapport.contacts.v1 import customer_view_service_pb2 as messages
from rapport.contacts.v1.customer_view_service_pb2_grpc import CustomerViewServiceStub
from services.contacts.tests.builders import PEOPLE, company, person
from services.contacts.tests.customer_view.conftest import Contacts
from services.contacts.tests.customer_view.peers import FakePeers


class OwnTokens:
    """The tokens of desk, as identity would issue them."""

    def __init__(self, tokens: TestTokens) -> None:
        self._tokens = tokens

    def token(self, tenant_id: UUID) -> str:
        return self._tokens.service(tenant_id, "desk")

    def forget(self, tenant_id: UUID) -> None:
        raise AssertionError(f"the token for {tenant_id} was refused")


@pytest.fixture
def peer(viewing: Contacts, tokens: TestTokens) -> Iterator[Peer]:
    """Contacts as desk reaches it."""
    service = viewing.service
    assert isinstance(service.settings, ContactsSettings)
    listening = service.settings.model_copy(update={"grpc_port": free_port()})
    sides = customer_sides(service.settings, knowing_peers(service.settings, DESCRIPTION.name))
    answering = [customer_view_service(sides)]
    server = RpcServer(listening, service.authenticator, service.operations, answering)
    peers = Peers(OwnTokens(tokens))
    server.start()
    yield peers.at("contacts", f"127.0.0.1:{listening.grpc_port}")
    peers.close()
    server.stop(1)


def ask(peer: Peer, caller: Caller, person_id: str, seconds: float = 5) -> Any:
    """What contacts answers."""
    method = peer.stub(CustomerViewServiceStub).GetCustomerView
    return peer.ask(method, messages.GetCustomerViewRequest(person_id=person_id), caller, seconds)


def user(app: ApiClient) -> Caller:
    """Whoever the app's token names."""
    return Caller(app.tenant_id, "test-app", token=app.token)


def test_the_view_goes_on_the_wire_with_what_others_told(
    peer: Peer, app: ApiClient, peers: FakePeers
) -> None:
    ming = person(
        app,
        emails=[{"address": "ming@rapport.dev", "primary": True}],
        handles=[{"network": "line", "handle": "ming"}],
    )
    shop = company(app)
    started = app.post(f"{PEOPLE}/{ming}/employments", {"company_id": shop})
    assert started.status_code == 201, started.text

    found = ask(peer, user(app), ming)

    assert (found.person.person_id, found.person.display_name) == (ming, "王小明")
    assert (found.company.company_id, found.person.company_id) == (shop, shop)
    assert not found.HasField("last_seen_at")
    seen = found.view
    assert [(one.kind, one.value, one.status) for one in seen.contact_points] == [
        ("email", "ming@rapport.dev", "unverified"),
        ("line", "ming", "unverified"),
    ]
    assert {one.state for one in seen.consents} == {"none"}
    assert seen.sales.open_deals[0].name == "Lobby"
    assert seen.tickets == peers.desk.answer
    assert seen.loyalty == peers.loyalty.answer
    assert [one.subject for one in seen.messages] == ["Hello"]
    assert list(seen.missing) == []
    assert {token for one in peers.all for token in one.callers} == {app.token}


def test_whoever_asks_with_little_time_gets_what_came_within_it(
    peer: Peer, app: ApiClient, peers: FakePeers
) -> None:
    """The others are given up early enough for the rest to be on time."""
    peers.loyalty.hangs = threading.Event()
    ming = person(app)
    with within(4):
        found = ask(peer, user(app), ming)
    assert [(one.part, one.reason) for one in found.view.missing] == [("loyalty", "timeout")]
    assert found.view.HasField("sales")
    assert all(0 < seconds <= 4 * 0.8 for one in peers.all for seconds in one.left)


def test_nobody_unknown_malformed_or_of_another_tenant_is_seen(
    peer: Peer, app: ApiClient, viewing: Contacts, tokens: TestTokens
) -> None:
    ming = person(app)
    with pytest.raises(Invalid):
        ask(peer, user(app), "me")
    with pytest.raises(NotFound):
        ask(peer, user(app), str(uuid4()))
    with pytest.raises(NotFound):
        ask(peer, service_caller("desk", viewing.new_tenant()), ming)
    assert app.tenant_id is not None
    other = Caller(app.tenant_id, "app", token=tokens.client(app.tenant_id, "desk.*"))
    with pytest.raises(Forbidden):
        ask(peer, other, ming)
