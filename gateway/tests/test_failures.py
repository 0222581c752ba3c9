"""What a caller is told when a service fails, and what is tried again."""

from __future__ import annotations

import pytest

from .conftest import StartGateway
from .stack import Gateway
from .upstream import Upstream
from .waiting import wait_for

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize("status", [400, 404, 409, 413, 418, 422, 429, 500, 503])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_services_own_refusal_passes_unchanged(
    gateway: Gateway, contacts: Upstream, method: str, status: int
) -> None:
    response = gateway.client.request(method, f"/v1/contacts/status/{status}", content=b"x")

    assert response.status_code == status
    assert response.json() == {"code": "own_code", "detail": "the service's own"}
    assert response.headers["Retry-After"] == "7"
    assert len(contacts.heard) == 1


def test_a_broken_connection_is_a_problem_document(gateway: Gateway) -> None:
    response = gateway.client.post(
        "/v1/contacts/die?email=a@example.com", content=b"x", headers={"Traceparent": TRACEPARENT}
    )

    assert response.status_code == 502
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Retry-After"] == "1"
    assert response.json() == {
        "type": "/docs/problems/service_unreachable",
        "title": "Bad Gateway",
        "status": 502,
        "detail": "The service broke off, or could not be reached.",
        "instance": "/v1/contacts/die",
        "code": "service_unreachable",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    }


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_read_is_tried_again(gateway: Gateway, contacts: Upstream, method: str) -> None:
    assert gateway.client.request(method, "/v1/contacts/die").status_code == 502

    # Traefik tries three times; its transport may repeat an attempt on a fresh connection.
    assert len(contacts.asked(method, "/v1/contacts/die")) >= 3


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("with_length", [True, False])
def test_a_write_is_sent_once(
    gateway: Gateway, contacts: Upstream, method: str, *, with_length: bool
) -> None:
    body = b'{"a":1}'
    content = body if with_length else iter([body])
    response = gateway.client.request(method, "/v1/contacts/die", content=content)

    assert response.status_code == 502
    assert len(contacts.asked(method, "/v1/contacts/die")) == 1


def test_a_service_that_does_not_answer_in_time_is_a_problem_document(
    start_gateway: StartGateway, contacts: Upstream
) -> None:
    gateway = start_gateway(RAPPORT_GATEWAY_RESPONSE_TIMEOUT="300ms")

    response = gateway.client.post("/v1/contacts/hang", content=b"x")
    contacts.let_go.set()

    assert response.status_code == 504
    assert response.json()["code"] == "service_timeout"
    assert response.headers["Retry-After"] == "5"
    assert len(contacts.asked("POST", "/v1/contacts/hang")) == 1


def test_a_service_that_is_not_ready_is_answered_for_and_comes_back_by_itself(
    start_gateway: StartGateway, contacts: Upstream
) -> None:
    gateway = start_gateway()

    def status(path: str) -> int:
        return gateway.client.post(path, content=b"x").status_code

    contacts.ready = False
    try:
        wait_for(lambda: status("/v1/contacts/people") == 503, "contacts to be taken out")
        contacts.heard.clear()
        response = gateway.client.post("/v1/contacts/people?q=wang", content=b"x")
    finally:
        contacts.ready = True

    assert response.json()["code"] == "service_unavailable"
    assert response.json()["instance"] == "/v1/contacts/people"
    assert response.headers["Retry-After"] == "1"
    assert contacts.heard == []
    assert status("/v1/identity/users") == 200
    wait_for(lambda: status("/v1/contacts/people") == 200, "contacts to be back")


def test_a_service_that_was_killed_is_answered_for_and_comes_back_by_itself(
    start_gateway: StartGateway, contacts: Upstream
) -> None:
    gateway = start_gateway()

    contacts.stop()
    try:
        first = gateway.client.get("/v1/contacts/people")
        wait_for(
            lambda: gateway.client.get("/v1/contacts/people").status_code == 503,
            "contacts to be taken out",
        )
    finally:
        contacts.start()

    assert first.status_code in {502, 503}
    assert first.headers["Content-Type"] == "application/problem+json"
    wait_for(
        lambda: gateway.client.get("/v1/contacts/people").status_code == 200, "contacts to be back"
    )


def test_a_service_that_fails_ten_times_on_end_is_given_a_pause(
    start_gateway: StartGateway, contacts: Upstream
) -> None:
    gateway = start_gateway()

    def fail() -> str:
        return str(gateway.client.post("/v1/contacts/die", content=b"x").json()["code"])

    codes = [fail() for _ in range(11)]

    assert codes == ["service_unreachable"] * 10 + ["service_unavailable"]
    assert len(contacts.asked("POST", "/v1/contacts/die")) == 10
    wait_for(
        lambda: gateway.client.get("/v1/contacts/people").status_code == 200,
        "the pause to be over once the service is found ready",
    )


def test_failures_between_successes_do_not_add_up(gateway: Gateway, contacts: Upstream) -> None:
    for _ in range(8):
        for path in ("/v1/contacts/die", "/v1/contacts/die", "/v1/contacts/people"):
            gateway.client.post(path, content=b"x")

    assert len(contacts.asked("POST", "/v1/contacts/people")) == 8
