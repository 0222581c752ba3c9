"""How often, and how much at once, one address may call."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from .conftest import ORIGIN, StartGateway
from .upstream import Upstream
from .waiting import wait_for


def test_an_address_has_one_budget_for_all_services(start_gateway: StartGateway) -> None:
    gateway = start_gateway(
        RAPPORT_GATEWAY_RATE_AVERAGE="1",
        RAPPORT_GATEWAY_RATE_BURST="30",
        RAPPORT_GATEWAY_CORS_ORIGINS=ORIGIN,
    )
    paths = ("/v1/contacts/people", "/v1/identity/users", "/docs", "/p/contacts/confirm")
    answers = [
        gateway.client.request(method, path, headers={"Origin": ORIGIN})
        for _ in range(10)
        for method in ("GET", "POST")
        for path in paths
        if (method, path) != ("POST", "/docs")
    ]
    refused = [answer for answer in answers if answer.status_code == 429]

    assert len(refused) > 10
    assert {int(answer.headers["Retry-After"]) for answer in refused} <= {1, 2}
    assert {answer.request.url.path for answer in refused} >= {*paths[:2], paths[3]}
    of_the_api = next(one for one in refused if one.request.url.path == paths[0])
    # So that an app in a browser may see what happened.
    assert of_the_api.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert refused[0].headers["X-Content-Type-Options"] == "nosniff"


def test_addresses_behind_a_trusted_neighbour_have_budgets_of_their_own(
    start_gateway: StartGateway,
) -> None:
    gateway = start_gateway(
        RAPPORT_GATEWAY_RATE_AVERAGE="1",
        RAPPORT_GATEWAY_RATE_BURST="10",
        RAPPORT_GATEWAY_TRUSTED_IPS="127.0.0.1/32",
        RAPPORT_GATEWAY_TRUSTED_DEPTH="1",
    )

    def call(address: str) -> int:
        headers = {"X-Forwarded-For": address}
        return gateway.client.get("/v1/contacts/people", headers=headers).status_code

    assert 429 in {call("203.0.113.1") for _ in range(15)}
    assert call("203.0.113.2") == 200
    # One IPv6 network is one caller.
    assert 429 in {call(f"2001:db8::{n:x}") for n in range(1, 16)}
    assert call("2001:db8:1::1") == 200


def test_the_default_budget_does_not_stand_in_the_way_of_a_benchmark(
    start_gateway: StartGateway,
) -> None:
    gateway = start_gateway()

    with ThreadPoolExecutor(8) as callers:
        statuses = set(
            callers.map(lambda _: gateway.client.get("/v1/contacts/people").status_code, range(600))
        )

    assert statuses == {200}


def test_an_address_may_have_so_many_requests_under_way(
    start_gateway: StartGateway, contacts: Upstream
) -> None:
    gateway = start_gateway(RAPPORT_GATEWAY_IN_FLIGHT="3")
    hanging = "/v1/contacts/hang"

    with ThreadPoolExecutor(3) as callers:
        waiting = [callers.submit(gateway.client.get, hanging) for _ in range(3)]
        wait_for(lambda: len(contacts.asked("GET", hanging)) == 3, "three requests to be under way")
        refused = gateway.client.get("/v1/contacts/people")
        contacts.let_go.set()
        statuses = [one.result().status_code for one in waiting]

    assert refused.status_code == 429
    assert statuses == [200, 200, 200]
    assert gateway.client.get("/v1/contacts/people").status_code == 200
