"""What each process is told, and what it is not told."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from rapport_local.environment import Environments
from rapport_local.passwords import load_secrets
from rapport_local.ports import plan_ports
from rapport_local.services import ServiceDefinition
from rapport_local.state import StateFolder

IDENTITY = ServiceDefinition(
    "identity", secrets=("sealing_secret",), folders=("spool",), knows_clients=True
)
CONTACTS = ServiceDefinition("contacts", consumes=("identity",), asks=("identity",))


@pytest.fixture
def environments(tmp_path: Path) -> Environments:
    """Of a platform with two services."""
    services = (IDENTITY, CONTACTS)
    secrets = load_secrets(tmp_path / "secrets.json", services)
    state = StateFolder(tmp_path)
    return Environments(plan_ports(18000, services), secrets, services, state)


def test_a_serving_process_knows_neither_the_owner_nor_the_provisioner(
    environments: Environments,
) -> None:
    secrets = environments.secrets
    told = set(environments.serving(CONTACTS).values())
    hidden = {secrets.postgres, secrets.provisioner, secrets.services["contacts"].owner}

    assert not any(secret in value for secret in hidden for value in told)
    assert any(secrets.services["contacts"].runtime in value for value in told)


def test_only_the_service_that_checks_them_knows_the_clients_secrets(
    environments: Environments,
) -> None:
    known = json.loads(environments.serving(IDENTITY)["RAPPORT_SERVICE_CLIENTS"])

    secret = environments.serving(CONTACTS)["RAPPORT_SERVICE_CLIENT_SECRET"]
    assert known["contacts"] == sha256(secret.encode()).hexdigest()
    assert "RAPPORT_SERVICE_CLIENTS" not in environments.serving(CONTACTS)


def test_a_service_is_told_where_its_peers_are_and_its_own_secrets(
    environments: Environments,
) -> None:
    assert environments.serving(CONTACTS)["RAPPORT_IDENTITY_GRPC"] == "127.0.0.1:18102"
    assert "RAPPORT_SEALING_SECRET" not in environments.serving(CONTACTS)
    assert len(environments.serving(IDENTITY)["RAPPORT_SEALING_SECRET"]) >= 43
    assert Path(environments.serving(IDENTITY)["RAPPORT_SPOOL"]).stat().st_mode & 0o777 == 0o700


def test_what_the_caller_has_set_for_something_else_reaches_no_service(
    environments: Environments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAPPORT_DATABASE_OWNER_URL", "postgresql://elsewhere")
    monkeypatch.setenv("PGHOST", "elsewhere")
    monkeypatch.setenv("RAPPORT_OTLP_ENDPOINT", "http://127.0.0.1:4317")
    told = environments.serving(CONTACTS)

    assert "elsewhere" not in " ".join(told.values())
    assert told["RAPPORT_OTLP_ENDPOINT"] == "http://127.0.0.1:4317"


def test_the_gateway_is_told_where_everyone_is(
    environments: Environments, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RAPPORT_GATEWAY_RATE_AVERAGE", "7")
    monkeypatch.setenv("RAPPORT_GATEWAY_PORT", "80")
    told = environments.gateway(tmp_path)

    assert told["RAPPORT_CONTACTS_HTTP"] == "http://127.0.0.1:18111"
    assert told["RAPPORT_PORTAL_HTTP"] == "http://127.0.0.1:18005"
    assert (told["RAPPORT_GATEWAY_PORT"], told["RAPPORT_GATEWAY_RATE_AVERAGE"]) == ("18000", "7")
