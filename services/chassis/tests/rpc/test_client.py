"""Asking peers: identity and trace go along, errors come back, and no peer can hold anybody up."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from chassis.context import Caller, service_caller
from chassis.domain import Conflict, DomainError, Forbidden, Invalid, NotFound, Unavailable
from chassis.embedded.processes import free_port, wait_until
from chassis.origin import coming_from
from chassis.rpc.client import Peers
from chassis.rpc.deadline import within
from chassis.telemetry.tracing import continued
from rapport.contacts.v1 import contacts_service_pb2 as pb
from rapport.contacts.v1 import contacts_service_pb2_grpc as contacts_grpc
from services.chassis.tests.ground import Ground
from services.chassis.tests.rpc.conftest import FakeTokenSource, Serve, get_person, peers_with


def elapsed_and_error(*args: Any, **options: Any) -> tuple[float, Unavailable]:
    """How long it took a call to be told that there is no answer."""
    began = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        get_person(*args, **options)
    return time.monotonic() - began, caught.value


def test_the_callers_token_and_trace_go_along(
    serve: Serve, peers: Peers, app_caller: Caller, token_source: FakeTokenSource
) -> None:
    peer = peers.at("contacts", serve().address)

    with continued(None, "test", "server") as trace_id:
        answer = get_person(peer, app_caller, "any")

    assert answer.person.display_name == f"client:test-app ALL {trace_id}"
    assert token_source.given == []


def test_the_address_that_a_call_came_from_goes_along(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    peer = peers.at("contacts", serve().address)

    with coming_from("203.0.113.9"):
        assert get_person(peer, app_caller, "any").person.given_name == "203.0.113.9"
    assert get_person(peer, app_caller, "any").person.given_name == "nowhere"


def test_work_without_a_token_of_its_own_takes_the_services(
    serve: Serve, peers: Peers, token_source: FakeTokenSource
) -> None:
    tenant = uuid4()
    peer = peers.at("contacts", serve().address)

    answer = get_person(peer, service_caller("loyalty", tenant), "any")

    assert answer.person.display_name.startswith("service:loyalty ALL")
    assert token_source.given == [tenant]


def test_a_refused_service_token_is_dropped_and_the_peer_counts_as_away(
    serve: Serve, peers: Peers, token_source: FakeTokenSource
) -> None:
    tenant, token_source.bad = uuid4(), True
    peer = peers.at("contacts", serve().address)

    with pytest.raises(Unavailable):
        get_person(peer, service_caller("loyalty", tenant), "any")

    assert token_source.forgotten == [tenant]


@pytest.mark.parametrize(
    ("person_id", "kind", "code"),
    [
        ("missing", NotFound, "not_found"),
        ("wrong", Invalid, "invalid_value"),
        ("taken", Conflict, "external_id_taken"),
        ("busy", Conflict, "conflict"),
        ("broken", Unavailable, "peer_unavailable"),
    ],
)
def test_a_peers_error_comes_back_as_the_domain_error_it_was(
    serve: Serve,
    peers: Peers,
    app_caller: Caller,
    person_id: str,
    kind: type[DomainError],
    code: str,
) -> None:
    peer = peers.at("contacts", serve().address)

    with pytest.raises(kind) as caught:
        get_person(peer, app_caller, person_id)

    assert caught.value.code == code


def test_violations_and_messages_come_back_too(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    peer = peers.at("contacts", serve().address)

    with pytest.raises(Invalid) as caught:
        get_person(peer, app_caller, "wrong")

    (violation,) = caught.value.violations
    assert (violation.pointer, violation.message) == ("/person_id", "It has to be a UUID.")


def test_a_missing_permission_comes_back_as_forbidden(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    peer = peers.at("contacts", serve().address)
    method = peer.stub(contacts_grpc.ContactsServiceStub).FindPeople

    with pytest.raises(Forbidden) as caught:
        peer.ask(method, pb.FindPeopleRequest(), app_caller)

    assert caught.value.code == "service_needed"


def test_a_peer_that_is_unavailable_for_a_moment_is_asked_again(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    at = serve()
    at.servicer.failures_left = 2

    get_person(peers.at("contacts", at.address), app_caller, "flaky")

    assert at.servicer.calls == 3


def test_retries_are_bounded_and_keep_the_code(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    at = serve()
    at.servicer.failures_left = 10

    with pytest.raises(Unavailable) as caught:
        get_person(peers.at("contacts", at.address), app_caller, "flaky")

    assert (caught.value.code, at.servicer.calls) == ("database_busy", 3)


@pytest.mark.parametrize("person_id", ["missing", "wrong", "taken", "busy", "broken"])
def test_nothing_but_unavailable_is_asked_again(
    serve: Serve, peers: Peers, app_caller: Caller, person_id: str
) -> None:
    at = serve()

    with pytest.raises(DomainError):
        get_person(peers.at("contacts", at.address), app_caller, person_id)

    assert at.servicer.calls == 1


def test_a_slow_peer_is_waited_for_no_longer_than_the_deadline(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    seconds, _ = elapsed_and_error(
        peers.at("contacts", serve().address), app_caller, "slow", timeout=0.3
    )

    assert 0.25 < seconds < 5


def test_an_incoming_deadline_is_never_exceeded(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    peer = peers.at("contacts", serve().address)

    with within(0.3):
        seconds, _ = elapsed_and_error(peer, app_caller, "slow", timeout=5)

    assert seconds < 5


def test_with_no_time_left_the_peer_is_not_asked(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    at = serve()

    with within(0), pytest.raises(Unavailable):
        get_person(peers.at("contacts", at.address), app_caller, "any")

    assert at.servicer.calls == 0


def test_a_peer_that_is_down_is_unavailable_quickly(peers: Peers, app_caller: Caller) -> None:
    seconds, error = elapsed_and_error(
        peers.at("contacts", f"127.0.0.1:{free_port()}"), app_caller, "any"
    )

    assert seconds < 5
    assert error.message == "contacts does not answer now."


def test_a_peer_that_accepts_and_says_nothing_is_given_up_at_the_deadline(
    peers: Peers, app_caller: Caller
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        seconds, _ = elapsed_and_error(
            peers.at("contacts", f"127.0.0.1:{port}"), app_caller, "any", timeout=0.4
        )

    assert seconds < 5


def test_a_peer_that_comes_back_is_found_again(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    port = free_port()
    peer = peers.at("contacts", f"127.0.0.1:{port}")
    elapsed_and_error(peer, app_caller, "any")
    serve(port=port)

    def answers() -> bool:
        try:
            return get_person(peer, app_caller, "any").person.person_id == "any"
        except Unavailable:
            return False

    assert wait_until(answers, 30)


def test_one_that_was_away_for_somebody_is_there_for_who_asks_it_first_now(
    serve: Serve, token_source: FakeTokenSource, app_caller: Caller
) -> None:
    port = free_port()
    for _ in range(5):
        with peers_with(token_source) as known, peers_with(token_source) as others:
            first = serve(port=port)
            get_person(known.at("contacts", first.address), app_caller, "any")
            first.server.stop(0)
            for _ in range(3):  # and it is not tried again for most of a second
                elapsed_and_error(known.at("contacts", first.address), app_caller, "any")
            again = serve(port=port)
            found = get_person(others.at("contacts", again.address), app_caller, "any")
            assert found.person.person_id == "any"
            again.server.stop(0)


def test_a_call_inside_a_transaction_is_a_bug(
    serve: Serve, peers: Peers, app_caller: Caller, ground: Ground
) -> None:
    at = serve()
    peer = peers.at("contacts", at.address)

    with (
        ground.database.tenant_transaction(app_caller.tenant_id),
        pytest.raises(RuntimeError, match="a call of contacts inside a database transaction"),
    ):
        get_person(peer, app_caller, "any")

    assert at.servicer.calls == 0


def test_after_repeated_failures_a_dead_peer_costs_nothing_until_it_is_tried_again(
    serve: Serve, token_source: FakeTokenSource, app_caller: Caller
) -> None:
    port, moment = free_port(), [0.0]
    with peers_with(token_source, monotonic=lambda: moment[0]) as peers:
        peer = peers.at("contacts", f"127.0.0.1:{port}")
        for _ in range(5):
            elapsed_and_error(peer, app_caller, "any")

        costs = [elapsed_and_error(peer, app_caller, "any")[0] for _ in range(20)]
        assert max(costs) < 0.02

        at = serve(port=port)
        with pytest.raises(Unavailable):
            get_person(peer, app_caller, "any")
        assert at.servicer.calls == 0  # it rests still

        def closed() -> bool:
            moment[0] += 2
            try:
                get_person(peer, app_caller, "any")
            except Unavailable:
                return False
            return True

        assert wait_until(closed, 30)
        get_person(peer, app_caller, "any")


def test_a_deadline_that_the_caller_cut_is_not_held_against_the_peer(
    serve: Serve, peers: Peers, app_caller: Caller
) -> None:
    peer = peers.at("contacts", serve(grpc_threads=16).address)
    for _ in range(6):
        with within(0.02):
            elapsed_and_error(peer, app_caller, "slow")

    assert get_person(peer, app_caller, "any").person.person_id == "any"


def test_refusals_do_not_open_the_breaker(serve: Serve, peers: Peers, app_caller: Caller) -> None:
    peer = peers.at("contacts", serve().address)
    for _ in range(10):
        with pytest.raises(NotFound):
            get_person(peer, app_caller, "missing")

    get_person(peer, app_caller, "any")


def test_many_threads_share_one_channel(serve: Serve, peers: Peers, app_caller: Caller) -> None:
    address = serve().address
    barrier = threading.Barrier(8)

    def ask(number: int) -> str:
        barrier.wait(5)
        peer = peers.at("contacts", address)
        return get_person(peer, app_caller, str(number)).person.person_id

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [str(number) for number in range(8)]
    assert peers.at("contacts", address) is peers.at("contacts", address)
