"""Writes with an idempotency key: done once, answered alike, refused when the key is misused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.context import Caller, service_caller
from chassis.domain import Conflict, Invalid, Unavailable
from chassis.embedded.processes import wait_until
from chassis.rpc.client import Peer, Peers
from rapport.contacts.v1 import contacts_service_pb2 as pb
from rapport.contacts.v1 import contacts_service_pb2_grpc as contacts_grpc
from services.chassis.tests.rpc.conftest import Serve


def create(
    peer: Peer, caller: Caller, key: str, name: str, source: str = ""
) -> pb.CreatePersonResponse:
    method = peer.stub(contacts_grpc.ContactsServiceStub).CreatePerson
    request = pb.CreatePersonRequest(idempotency_key=key, given_name=name, source=source)
    return peer.ask(method, request, caller)


def names(peer: Peer, caller: Caller) -> list[str]:
    assert caller.tenant_id is not None
    method = peer.stub(contacts_grpc.ContactsServiceStub).FindPeople
    found = peer.ask(method, pb.FindPeopleRequest(), service_caller("loyalty", caller.tenant_id))
    return [person.given_name for person in found.people]


def test_a_repeated_call_gets_the_first_answer_and_does_nothing(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    peer = peers.at("contacts", serve().address)

    first = create(peer, app_caller, "order-1", "Ada")
    second = create(peer, app_caller, "order-1", "Ada")

    assert first == second
    assert names(peer, app_caller) == ["Ada"]


def test_a_key_with_another_request_is_refused(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    peer = peers.at("contacts", serve().address)
    create(peer, app_caller, "order-1", "Ada")

    with pytest.raises(Invalid) as caught:
        create(peer, app_caller, "order-1", "Grace")

    assert caught.value.code == "idempotency_key_reused"
    assert names(peer, app_caller) == ["Ada"]


def test_a_call_without_a_key_is_refused(serve: Serve, peers: Peers, app_caller: Caller) -> None:
    peer = peers.at("contacts", serve().address)

    with pytest.raises(Invalid) as caught:
        create(peer, app_caller, "", "Ada")

    assert [v.pointer for v in caught.value.violations] == ["idempotency_key"]


def test_a_second_call_while_the_first_runs_is_told_to_try_again(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    at = serve()
    peer = peers.at("contacts", at.address)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(create, peer, app_caller, "order-1", "Ada", "slow")
        assert wait_until(lambda: at.servicer.calls == 1, 30)
        with pytest.raises(Conflict) as caught:
            create(peer, app_caller, "order-1", "Ada", source="slow")
        at.servicer.release.set()
        first.result(5)

    assert (caught.value.code, caught.value.retry_after) == ("idempotency_key_in_use", 1)
    assert names(peer, app_caller) == ["Ada"]


def test_a_write_whose_caller_gave_up_is_rolled_back(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    at = serve()
    peer = peers.at("contacts", at.address)
    with pytest.raises(Unavailable):
        create(peer, app_caller, "order-1", "Ada", source="slow")  # waits past the deadline
    at.servicer.release.set()

    # With the first rolled back, the same key is free for the next attempt.
    def answered() -> bool:
        try:
            return create(peer, app_caller, "order-1", "Grace").created
        except Conflict:
            return False

    assert wait_until(answered, 30)
    assert names(peer, app_caller) == ["Grace"]
