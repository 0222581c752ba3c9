"""What the gateway adds to requests and responses, and what it takes away."""

from __future__ import annotations

import pytest

from .conftest import ORIGIN, StartGateway
from .stack import Gateway
from .upstream import LONG_ANSWER, Upstream

PEOPLE = "/v1/contacts/people"


@pytest.mark.parametrize("path", [PEOPLE, "/docs", "/nowhere", "/v1/contacts/status/404"])
def test_every_response_has_the_security_headers(gateway: Gateway, path: str) -> None:
    headers = gateway.client.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in headers


def test_the_trace_reaches_the_service(gateway: Gateway, contacts: Upstream) -> None:
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    gateway.client.get(PEOPLE, headers={"Traceparent": parent, "Tracestate": "a=b"})

    (heard,) = contacts.heard
    assert heard.headers["Traceparent"] == parent
    assert heard.headers["Tracestate"] == "a=b"


def test_a_caller_cannot_pretend_to_be_somewhere_else(gateway: Gateway, contacts: Upstream) -> None:
    gateway.client.get(
        PEOPLE,
        headers={
            "X-Forwarded-For": "203.0.113.9",
            "X_Forwarded_For": "203.0.113.9",
            "X-Real-Ip": "203.0.113.9",
            "X_Real_Ip": "203.0.113.9",
        },
    )

    (heard,) = contacts.heard
    assert heard.headers["X-Forwarded-For"] == "127.0.0.1"
    assert "203.0.113.9" not in str(heard.headers)


def test_a_trusted_neighbour_is_believed_about_the_caller(
    start_gateway: StartGateway, contacts: Upstream
) -> None:
    gateway = start_gateway(
        RAPPORT_GATEWAY_TRUSTED_IPS="127.0.0.1/32", RAPPORT_GATEWAY_TRUSTED_DEPTH="1"
    )
    gateway.client.get(PEOPLE, headers={"X-Forwarded-For": "203.0.113.9"})

    (heard,) = contacts.heard
    assert heard.headers["X-Forwarded-For"] == "203.0.113.9, 127.0.0.1"


@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip"])
def test_a_long_answer_is_compressed(gateway: Gateway, encoding: str) -> None:
    with gateway.client.stream(
        "GET", "/v1/contacts/long", headers={"Accept-Encoding": encoding}
    ) as response:
        sent = b"".join(response.iter_raw())

    assert response.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in response.headers["Vary"]
    assert len(sent) < len(LONG_ANSWER) / 4


@pytest.mark.parametrize("path", [PEOPLE, "/v1/contacts/events"])
def test_a_short_answer_and_an_event_stream_are_not_compressed(gateway: Gateway, path: str) -> None:
    response = gateway.client.get(path, headers={"Accept-Encoding": "zstd, br, gzip"})

    assert "Content-Encoding" not in response.headers


def test_a_browser_app_of_a_known_origin_may_call(gateway: Gateway, contacts: Upstream) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization,if-match,idempotency-key",
    }
    preflight = gateway.client.options(PEOPLE, headers=asked)
    response = gateway.client.get(PEOPLE, headers={"Origin": ORIGIN})

    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "PATCH" in preflight.headers["Access-Control-Allow-Methods"]
    assert {"Authorization", "If-Match", "Idempotency-Key"} <= set(
        preflight.headers["Access-Control-Allow-Headers"].split(",")
    )
    assert contacts.asked("OPTIONS", PEOPLE) == []
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "ETag" in response.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in response.headers


def test_a_browser_app_of_another_origin_is_not_let_in(gateway: Gateway) -> None:
    response = gateway.client.get(PEOPLE, headers={"Origin": "https://evil.example"})

    assert "Access-Control-Allow-Origin" not in response.headers


def test_without_configured_origins_no_origin_is_let_in(
    start_gateway: StartGateway, contacts: Upstream
) -> None:
    gateway = start_gateway()
    response = gateway.client.options(
        PEOPLE, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
    )

    assert "Access-Control-Allow-Origin" not in response.headers
    assert len(contacts.asked("OPTIONS", PEOPLE)) == 1


def test_a_public_page_says_by_itself_who_may_send_its_form(
    gateway: Gateway, contacts: Upstream
) -> None:
    form, site = "/p/contacts/forms/1", "https://shop.example"
    asked = {"Origin": site, "Access-Control-Request-Method": "POST"}
    gateway.client.options(form, headers=asked)
    answer = gateway.client.get(form, headers={"Origin": ORIGIN})

    assert len(contacts.asked("OPTIONS", form)) == 1, "the gateway does not answer for it"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["X-Frame-Options"] == "DENY"
