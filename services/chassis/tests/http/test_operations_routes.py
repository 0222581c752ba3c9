"""What the platform asks of every service: readiness, as a whole and of each role."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from chassis.http.operations_routes import add_operations_routes


@pytest.fixture
def state() -> dict[str, bool]:
    """Which parts are well."""
    return {"database": True, "RpcServer": True, "Relay": True}


@pytest.fixture
def client(state: dict[str, bool]) -> FlaskClient:
    """A process with both roles."""
    app = Flask("example", static_folder=None)
    both = {
        "api": {"database": lambda: state["database"], "RpcServer": lambda: state["RpcServer"]},
        "worker": {"database": lambda: state["database"], "Relay": lambda: state["Relay"]},
    }
    add_operations_routes(app, both, dict)
    return app.test_client()


def answers(client: FlaskClient) -> dict[str, int]:
    """What is answered about everything, and about each role."""
    paths = ("/readyz", "/readyz/api", "/readyz/worker")
    return {path: client.get(path).status_code for path in paths}


def test_a_process_is_ready_when_all_its_parts_are(client: FlaskClient) -> None:
    assert set(answers(client).values()) == {200}
    assert client.get("/readyz").json == {
        "status": "ready",
        "checks": {"database": True, "RpcServer": True, "Relay": True},
    }


def test_requests_can_be_answered_while_the_work_on_facts_stands_still(
    client: FlaskClient, state: dict[str, bool]
) -> None:
    state["Relay"] = False
    assert answers(client) == {"/readyz": 503, "/readyz/api": 200, "/readyz/worker": 503}
    assert client.get("/readyz").json == {
        "status": "not_ready",
        "checks": {"database": True, "RpcServer": True, "Relay": False},
    }


def test_without_the_database_no_role_is_ready(client: FlaskClient, state: dict[str, bool]) -> None:
    state["database"] = False
    assert set(answers(client).values()) == {503}


def test_a_role_that_does_not_run_here_is_not_found(client: FlaskClient) -> None:
    assert client.get("/readyz/stream").status_code == 404
    assert client.get("/healthz").status_code == 200


def test_who_has_the_document_already_is_told_so(client: FlaskClient) -> None:
    first = client.get("/openapi.json")
    again = client.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/openapi.json", headers={"If-None-Match": '"another"'}).json == {}
