"""The questions that other services ask identity, over a real gRPC server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
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
from rapport.identity.v1 import access_pb2
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


def holders(peer: Peer, caller: Caller, permission: str, **more: Any) -> list[str]:
    """Who holds a permission, as a service is told."""
    request = messages.ListPermissionHoldersRequest(permission=permission, **more)
    return list(ask(peer, request, caller).user_ids)


def test_a_service_learns_who_holds_a_permission_by_any_pattern_and_may_sign_in(
    peer: Peer, acme: Organisation
) -> None:
    decides = acme.member("service_manager", "analyst")
    acme.member("loyalty_manager")
    for step in ("suspend", "deactivate"):
        gone = acme.member("service_manager")
        answer = acme.administrator().post(f"/v1/identity/users/{gone}/{step}")
        assert answer.status_code in {200, 204}
    told = holders(peer, acme.caller, "loyalty.adjustments.approve")
    assert told == [str(acme.administrator_id), str(decides)], "each once, the oldest first"
    assert str(acme.member("service_manager")) in holders(peer, acme.caller, "desk.agents.write")
    assert holders(peer, acme.caller, "marketing.nothing.done") == [str(acme.administrator_id)]


def test_holders_have_the_permission_as_far_as_asked_for_and_the_role_besides(
    peer: Peer, acme: Organisation
) -> None:
    own, team = str(acme.member("sales_representative")), str(acme.member("sales_manager"))
    both = str(acme.member("sales_representative", "sales_manager"))
    analyst, everything = str(acme.member("analyst")), str(acme.administrator_id)

    def told(**more: Any) -> set[str]:
        return set(holders(peer, acme.caller, "sales.quotes.read", **more))

    assert told() == {own, team, both, analyst, everything}
    assert told(least_reach=access_pb2.REACH_TEAM) == {team, both, analyst, everything}
    assert told(least_reach=access_pb2.REACH_ALL) == {analyst, everything}
    role_id = str(acme.roles["sales_representative"])
    assert told(role_id=role_id) == {own, both}
    assert told(role_id=role_id, least_reach=access_pb2.REACH_TEAM) == {both}
    assert told(role_id=str(uuid4())) == set()


def test_nobody_of_another_organisation_is_named_and_nobody_but_a_service_asks(
    peer: Peer, acme: Organisation, identity: Identity
) -> None:
    stranger = Caller(identity.new_tenant(), "contacts")
    assert holders(peer, stranger, "sales.quotes.read", role_id=str(uuid4())) == []
    assert holders(peer, stranger, "sales.quotes.read") == []
    with pytest.raises(Forbidden):
        holders(peer, app_caller(acme, "*"), "sales.quotes.read")


def test_no_more_than_two_hundred_holders_are_named(peer: Peer, acme: Organisation) -> None:
    role_id = acme.roles["analyst"]
    with acme.identity.service.database.tenant_transaction(acme.tenant_id) as connection:
        connection.execute(
            sa.text(
                "INSERT INTO users (tenant_id, id, version, email, email_key, name, locale,"
                " time_zone, status, created_at, updated_at)"
                " SELECT :tenant_id, id, 1, id::text, id::text, 'Analyst', 'en', 'UTC', 'active',"
                " now(), now() FROM unnest(CAST(:ids AS uuid[])) AS id"
            ),
            {"tenant_id": acme.tenant_id, "ids": [uuid4() for _ in range(250)]},
        )
        connection.execute(
            sa.text(
                "INSERT INTO user_roles (tenant_id, user_id, role_id)"
                " SELECT tenant_id, id, :role_id FROM users WHERE name = 'Analyst'"
            ),
            {"role_id": role_id},
        )
    assert len(holders(peer, acme.caller, "insights.reports.read")) == 200


def test_several_users_come_in_the_order_asked_for(peer: Peer, acme: Organisation) -> None:
    one, two = str(acme.member()), str(acme.member())
    wanted = [two, str(uuid4()), one, two]
    answer = ask(peer, messages.ListUsersRequest(user_ids=wanted), app_caller(acme, "identity.*"))
    assert [user.user_id for user in answer.users] == [two, one]


def holders_request(**more: Any) -> messages.ListPermissionHoldersRequest:
    """A question for those who read quotes."""
    return messages.ListPermissionHoldersRequest(permission="sales.quotes.read", **more)


@pytest.mark.parametrize(
    ("request_of", "refusal"),
    [
        (lambda: messages.GetUserRequest(user_id=str(uuid4())), NotFound),
        (lambda: messages.GetUserRequest(user_id="someone"), Invalid),
        (messages.ListUsersRequest, Invalid),
        (lambda: messages.ListUsersRequest(user_ids=["x"]), Invalid),
        (lambda: messages.ListUsersRequest(user_ids=[str(uuid4())] * 201), Invalid),
        (messages.ListPermissionHoldersRequest, Invalid),
        (lambda: messages.ListPermissionHoldersRequest(permission="sales.*"), Invalid),
        (lambda: messages.ListPermissionHoldersRequest(permission="sales.quotes"), Invalid),
        (lambda: holders_request(role_id="someone"), Invalid),
        (lambda: holders_request(least_reach=7), Invalid),
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
