"""The questions that other services ask identity, over a real gRPC server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.message import Message

from chassis.access.peer import IdentityAccessSource
from chassis.context import Caller
from chassis.domain import DomainError, Forbidden, Invalid, NotFound
from chassis.embedded.processes import free_port
from chassis.rpc.client import Peer, Peers
from chassis.rpc.server import RpcServer
from chassis.testing.harness import ServiceHarness
from chassis.testing.tokens import TestTokens
from identity.access import OwnAccessSource
from identity.rpc import IDENTITY_SERVICE
from identity.settings import IdentitySettings
from identity.transaction import IdentityTx
from rapport.identity.v1 import identity_service_pb2 as messages
from rapport.identity.v1.identity_service_pb2_grpc import IdentityServiceStub

from .builders import Organisation

Identity = ServiceHarness[IdentityTx]


class OwnTokens:
    """The tokens of a service called `contacts`, as identity would issue them."""

    def __init__(self, tokens: TestTokens) -> None:
        self._tokens = tokens

    def token(self, tenant_id: UUID) -> str:
        return self._tokens.service(tenant_id, "contacts")

    def forget(self, tenant_id: UUID) -> None:
        raise AssertionError(f"the token for {tenant_id} was refused")


@pytest.fixture(scope="module")
def peer(identity: Identity, settings: IdentitySettings, tokens: TestTokens) -> Iterator[Peer]:
    """Identity as contacts reaches it."""
    listening = settings.model_copy(update={"grpc_port": free_port()})
    service = identity.service
    server = RpcServer(listening, service.authenticator, service.operations, [IDENTITY_SERVICE])
    peers = Peers(OwnTokens(tokens))
    server.start()
    yield peers.at("identity", f"127.0.0.1:{listening.grpc_port}")
    peers.close()
    server.stop(1)


def ask(peer: Peer, request: Message, caller: Caller) -> Any:
    """Ask the method that the request belongs to."""
    stub = peer.stub(IdentityServiceStub)
    method = getattr(stub, type(request).__name__.removesuffix("Request"))
    return peer.ask(method, request, caller, timeout=30)


def app_caller(acme: Organisation, *scopes: str) -> Caller:
    """An external app that contacts works for."""
    token = acme.identity.tokens.client(acme.tenant_id, *scopes)
    return Caller(acme.tenant_id, "test-app", token=token)


def test_a_service_reads_a_user(peer: Peer, acme: Organisation) -> None:
    user_id = acme.member(name="王小明")
    answer = ask(peer, messages.GetUserRequest(user_id=str(user_id)), acme.caller)
    assert (answer.user.user_id, answer.user.name) == (str(user_id), "王小明")
    assert answer.user.status == messages.USER_STATUS_ACTIVE
    assert answer.user.time_zone == "Asia/Taipei"


def test_a_service_learns_who_the_administrators_are(peer: Peer, acme: Organisation) -> None:
    second = acme.member("administrator")
    acme.member("analyst")
    left = acme.member("administrator")
    path = f"/v1/identity/users/{left}/deactivate"
    assert acme.administrator().post(path).status_code in {200, 204}
    answer = ask(peer, messages.ListAdministratorsRequest(), acme.caller)
    assert set(answer.user_ids) == {str(acme.administrator_id), str(second)}
    with pytest.raises(Forbidden):
        ask(peer, messages.ListAdministratorsRequest(), app_caller(acme, "*"))


def test_several_users_come_in_the_order_asked_for(peer: Peer, acme: Organisation) -> None:
    one, two = str(acme.member()), str(acme.member())
    wanted = [two, str(uuid4()), one, two]
    answer = ask(peer, messages.ListUsersRequest(user_ids=wanted), app_caller(acme, "identity.*"))
    assert [user.user_id for user in answer.users] == [two, one]


@pytest.mark.parametrize(
    ("request_of", "refusal"),
    [
        (lambda: messages.GetUserRequest(user_id=str(uuid4())), NotFound),
        (lambda: messages.GetUserRequest(user_id="someone"), Invalid),
        (messages.ListUsersRequest, Invalid),
        (lambda: messages.ListUsersRequest(user_ids=["x"]), Invalid),
        (lambda: messages.ListUsersRequest(user_ids=[str(uuid4())] * 201), Invalid),
    ],
)
def test_what_cannot_be_answered_is_refused(
    peer: Peer,
    acme: Organisation,
    request_of: Callable[[], Message],
    refusal: type[DomainError],
) -> None:
    with pytest.raises(refusal):
        ask(peer, request_of(), acme.caller)


def test_reading_users_takes_the_permission(peer: Peer, acme: Organisation) -> None:
    request = messages.GetUserRequest(user_id=str(acme.administrator_id))
    with pytest.raises(Forbidden):
        ask(peer, request, app_caller(acme, "contacts.*"))


def test_another_tenants_user_is_not_found(
    peer: Peer, acme: Organisation, identity: Identity
) -> None:
    stranger = Caller(identity.new_tenant(), "contacts")
    with pytest.raises(NotFound):
        ask(peer, messages.GetUserRequest(user_id=str(acme.administrator_id)), stranger)


def test_only_a_service_reads_who_may_do_what(peer: Peer, acme: Organisation) -> None:
    with pytest.raises(Forbidden):
        ask(peer, messages.GetAccessSnapshotRequest(), app_caller(acme, "*"))


def test_a_service_learns_all_that_identity_knows(
    peer: Peer, acme: Organisation, identity: Identity
) -> None:
    boss, member = acme.administrator(), str(acme.member("analyst"))
    region = boss.post("/v1/identity/teams", {"name": "Region", "member_ids": [member]}).json
    boss.post("/v1/identity/teams", {"name": "Branch", "parent_team_id": region["id"]})
    boss.post(f"/v1/identity/users/{member}/suspend")
    source = IdentityAccessSource(
        peer, "contacts", IdentityServiceStub, messages.GetAccessSnapshotRequest
    )
    told = source.fetch(acme.tenant_id)
    assert told == OwnAccessSource(identity.service.database, identity.service.clock).fetch(
        acme.tenant_id
    )
    assert [entry.key for entry in told if entry.kind == "subject"] == [member]
    assert len([entry for entry in told if entry.kind == "role"]) == 9
    parents = [entry.data["parent"] for entry in told if entry.kind == "team"]
    assert parents == [None, region["id"]]
