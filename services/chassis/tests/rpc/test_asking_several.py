"""Several peers are asked at the same time, and no thread waits for any one of them."""

from __future__ import annotations

import threading

import pytest

from chassis.context import Caller
from chassis.domain import NotFound, Unavailable
from chassis.embedded.processes import free_port
from chassis.rpc.client import Asked, Peer, Peers
from chassis.rpc.deadline import within
from chassis.rpc.errors import PeerLate
from rapport.contacts.v1 import contacts_service_pb2 as pb
from rapport.contacts.v1 import contacts_service_pb2_grpc as contacts_grpc
from services.chassis.tests.ground import Ground
from services.chassis.tests.rpc.conftest import Serve


def begin(
    peer: Peer, caller: Caller, person_id: str, timeout: float = 5
) -> Asked[pb.GetPersonResponse]:
    """Begin to ask the peer for a person."""
    method = peer.stub(contacts_grpc.ContactsServiceStub).GetPerson
    return peer.begin(method, pb.GetPersonRequest(person_id=person_id), caller, timeout)


def test_answers_come_in_any_order_while_a_slow_one_is_on_its_way(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    one, other = serve(), serve()
    slow = begin(peers.at("contacts", one.address), app_caller, "slow")
    quick = begin(peers.at("sales", other.address), app_caller, "any")
    assert quick.answer().person.person_id == "any"
    one.servicer.release.set()
    assert slow.answer().person.person_id == "slow"


def test_no_thread_waits_for_a_hundred_peers_that_hang(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    peer = peers.at("contacts", serve().address)
    begin(peer, app_caller, "any").answer()
    before = threading.active_count()
    asked = [begin(peer, app_caller, "slow", timeout=30) for _ in range(100)]
    # The server of this test answers in threads of its own, and gRPC has one for all calls.
    assert threading.active_count() - before <= 20
    for one in asked:
        one.cancel()


def test_refusals_and_no_answers_are_told_when_the_answer_is_asked_for(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    peer = peers.at("contacts", serve().address)
    nobody = begin(peers.at("nobody", f"127.0.0.1:{free_port()}"), app_caller, "any")
    missing, slow = begin(peer, app_caller, "missing"), begin(peer, app_caller, "slow", 0.2)
    with pytest.raises(NotFound):
        missing.answer()
    with pytest.raises(PeerLate):
        slow.answer()
    with pytest.raises(Unavailable) as caught:
        nobody.answer()
    assert not isinstance(caught.value, PeerLate)


def test_a_peer_that_always_hangs_is_not_asked_any_more_until_it_has_rested(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    at = serve()
    peer = peers.at("contacts", at.address)
    asked = [begin(peer, app_caller, "slow", 0.1) for _ in range(5)]
    for one in asked:
        with pytest.raises(PeerLate):
            one.answer()
    calls = at.servicer.calls
    for _ in range(20):
        with pytest.raises(Unavailable):
            begin(peer, app_caller, "any").answer()
    assert at.servicer.calls == calls


def test_with_no_time_left_the_peer_is_not_asked(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    at = serve()
    with within(0):
        asked = begin(peers.at("contacts", at.address), app_caller, "any")
    with pytest.raises(Unavailable):
        asked.answer()
    assert at.servicer.calls == 0


def test_beginning_to_ask_inside_a_transaction_is_a_bug(
    ground: Ground, serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    peer = peers.at("contacts", serve().address)
    with (
        ground.database.tenant_transaction(app_caller.tenant_id),
        pytest.raises(RuntimeError, match="inside a database transaction"),
    ):
        begin(peer, app_caller, "any")
