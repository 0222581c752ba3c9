"""Secrets: made once for an evaluation and kept from then on; for a production, all that is referred to, from one command."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import helm_python
import pytest
import yaml
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict

from chassis.embedded.databases import ServiceLogins
from deploy.tools.charts.layout import read_yaml
from deploy.tools.cluster_secrets import main
from rapport_local.services import SERVICES
from rapport_operator.deployment import read_deployment
from tests.architecture.sources import ROOT

from .environments import values_of
from .rendering import NAMESPACE, RELEASE, Charts, Object, Rendered
from .test_umbrella import references


@dataclass
class Cluster:
    """As much of an API server as Helm's `lookup` asks: the secrets of a namespace."""

    secrets: dict[str, Object] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    url: str = ""

    def keep(self, rendered: Rendered) -> None:
        """Have what a release has made."""
        self.secrets = {one["metadata"]["name"]: one for one in rendered.of("Secret")}

    def config(self) -> helm_python.Config:
        """How Helm gets there."""
        return helm_python.Config(
            kubeconfig_content=yaml.safe_dump(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "it",
                    "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
                    "clusters": [{"name": "it", "cluster": {"server": self.url}}],
                    "users": [{"name": "it", "user": {}}],
                }
            ),
            namespace=NAMESPACE,
        )


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A running one, without secrets."""
    state = Cluster()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = _answer(state, self.path.partition("?")[0])
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def _answer(state: Cluster, path: str) -> tuple[HTTPStatus, dict[str, Any]]:
    if path == "/api":
        return HTTPStatus.OK, {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        return HTTPStatus.OK, {"kind": "APIGroupList", "apiVersion": "v1", "groups": []}
    if path == "/api/v1":
        secrets = {"name": "secrets", "singularName": "", "namespaced": True, "kind": "Secret"}
        resource = {**secrets, "verbs": ["get", "list"]}
        return HTTPStatus.OK, {
            "kind": "APIResourceList",
            "groupVersion": "v1",
            "resources": [resource],
        }
    name = path.removeprefix(f"/api/v1/namespaces/{NAMESPACE}/secrets/")
    state.asked.add(name)
    if name in state.secrets:
        return HTTPStatus.OK, state.secrets[name]
    missing = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound"}
    return HTTPStatus.NOT_FOUND, {**missing, "code": 404, "message": f"{path} is not there"}


def rendered_in(cluster: Cluster, charts: Charts, values: dict[str, Any]) -> Rendered:
    """The umbrella as Helm renders it when it can look into the cluster."""
    with cluster.config() as config, helm_python.Chart.load(charts.folder / "rapport") as chart:
        files = config.render(chart, values, name=RELEASE, namespace=NAMESPACE)
    return Rendered("\n---\n".join(t for n, t in files.items() if n.endswith(".yaml")))


def opened(rendered: Rendered) -> dict[str, dict[str, str]]:
    """What is in the secrets."""
    return {
        one["metadata"]["name"]: {
            key: base64.b64decode(value).decode() for key, value in one["data"].items()
        }
        for one in rendered.of("Secret")
    }


def test_secrets_that_are_there_stay_and_those_that_lack_are_made(
    cluster: Cluster, charts: Charts
) -> None:
    first = rendered_in(cluster, charts, {})
    cluster.keep(first)
    again = opened(rendered_in(cluster, charts, {}))
    assert again == opened(first)
    derived = {"rapport-operator", *(f"rapport-{one.name}-nats" for one in SERVICES)}
    assert cluster.asked >= again.keys() - derived

    del cluster.secrets["rapport-contacts-service"]["data"]["signing-secret"]
    mended = opened(rendered_in(cluster, charts, {}))
    lost = mended["rapport-contacts-service"].pop("signing-secret")
    assert lost != again["rapport-contacts-service"].pop("signing-secret")
    assert mended == again


def test_a_new_service_gets_its_secrets_and_the_others_keep_theirs(
    cluster: Cluster, charts: Charts
) -> None:
    others = [one.name for one in SERVICES if one.name != "sales"]
    without = {
        "sales": {"enabled": False},
        "gateway": {"services": others},
        "portal": {"documents": others},
    }
    cluster.keep(rendered_in(cluster, charts, without))
    before = opened(rendered_in(cluster, charts, without))
    after = opened(rendered_in(cluster, charts, {}))
    clients = json.loads(after["rapport-identity-service"].pop("service-clients"))
    before["rapport-identity-service"].pop("service-clients")
    assert "sales" in clients
    described = json.loads(after.pop("rapport-operator")["deployment.json"])["services"]
    known = json.loads(before.pop("rapport-operator")["deployment.json"])["services"]
    assert known == {name: one for name, one in described.items() if name != "sales"}
    assert {name: after[name] for name in before} == before


def test_two_evaluations_share_no_secret(charts: Charts) -> None:
    ours, theirs = (opened(charts.render("rapport", release=name)) for name in ("rapport", "demo"))
    words = [{v for values in one.values() for v in values.values()} for one in (ours, theirs)]
    assert words[0].isdisjoint(words[1])
    assert len(words[0]) > 5 * len(SERVICES)


def test_secrets_outlive_the_release_as_the_data_do(charts: Charts) -> None:
    for one in charts.render("rapport").of("Secret"):
        assert one["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}


@pytest.fixture(params=["evaluation", "production"])
def secrets(request: pytest.FixtureRequest, charts: Charts) -> dict[str, dict[str, str]]:
    """The secrets of an evaluation, which the chart makes, and of a production, which a command prints."""
    if request.param == "evaluation":
        return opened(charts.render("rapport"))
    return printed()


def printed(*options: str) -> dict[str, dict[str, str]]:
    """What the command prints."""
    given = ["--public-url", "https://crm.example", *options]
    answer = CliRunner().invoke(main, given, catch_exceptions=False)
    return {one["metadata"]["name"]: one["stringData"] for one in yaml.safe_load_all(answer.output)}


def test_identity_knows_every_service_by_its_credential(secrets: dict[str, dict[str, str]]) -> None:
    known = json.loads(secrets["rapport-identity-service"]["service-clients"])
    assert known == {
        one.name: sha256(
            secrets[f"rapport-{one.name}-service"]["client-secret"].encode()
        ).hexdigest()
        for one in SERVICES
    }


def test_passwords_on_both_sides_are_the_same(secrets: dict[str, dict[str, str]]) -> None:
    if "rapport-nats" in secrets:
        users = secrets["rapport-nats"]
    else:
        named = secrets["rapport-nats-passwords"]
        users = {name.removesuffix("_PASSWORD").lower(): word for name, word in named.items()}
    for one in SERVICES:
        own = secrets[f"rapport-{one.name}-nats"]
        assert own == {
            "password": users[one.name],
            "provisioner-password": users["provisioner"],
        }
    assert all(word[0].isalpha() and len(word) >= 32 for word in users.values())


def test_addresses_of_databases_name_their_logins(secrets: dict[str, dict[str, str]]) -> None:
    for one in SERVICES:
        urls = secrets[f"rapport-{one.name}-database"]
        logins = ServiceLogins.of(one.database)
        for kind, login in (
            ("owner", logins.owner),
            ("runtime", logins.runtime),
            ("system", logins.system),
        ):
            parts = conninfo_to_dict(urls[f"{kind}-url"])
            assert (parts["user"], parts["dbname"], parts["port"]) == (login, one.database, "5432")
            account = secrets.get(f"rapport-login-{login.replace('_', '-')}")
            assert account is None or account == {"username": login, "password": parts["password"]}


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_everything_that_a_production_refers_to_is_printed(
    charts: Charts, environment: str
) -> None:
    rendered = charts.render("rapport", values_of(environment))
    there = printed("--smtp-url", "smtp+starttls://crm:word@mail.example:587")
    lacking = {
        (name, key)
        for kind, name, key in references(rendered)
        if kind == "Secret" and key not in there.get(name, {})
    }
    assert lacking == set()


def test_addresses_end_with_what_was_asked_for_and_folders_are_named() -> None:
    options = "sslmode=verify-full&sslrootcert=/etc/database/ca.crt"
    there = printed("--database-options", options, "--folders-in", "/var/lib/rapport")
    described = json.loads(there["rapport-operator"]["deployment.json"])["services"]
    for one in SERVICES:
        urls = there[f"rapport-{one.name}-database"]
        assert {url.partition("?")[2] for url in urls.values()} == {options}
        assert described[one.name]["database_owner_url"] == urls["owner-url"]
        folders = {name: f"/var/lib/rapport/{name}" for name in one.folders}
        assert described[one.name]["folders"] == folders


def test_logins_of_the_manifest_have_their_secrets() -> None:
    path = ROOT / "deploy" / "environments" / "manifests" / "postgres.yaml"
    (cluster,) = (
        one for one in yaml.safe_load_all(path.read_text()) if one and one["kind"] == "Cluster"
    )
    there = printed()
    for role in cluster["spec"]["managed"]["roles"]:
        assert there[role["passwordSecret"]["name"]]["username"] == role["name"]


def test_a_second_run_prints_other_secrets() -> None:
    assert printed()["rapport-nats-passwords"] != printed()["rapport-nats-passwords"]


def test_secrets_of_a_service_are_those_that_its_chart_names() -> None:
    for one in SERVICES:
        named = set(read_yaml(ROOT / "helm" / one.name / "values.yaml").get("secretKeys", ()))
        made = set(printed()[f"rapport-{one.name}-service"])
        assert made == named | {"signing-secret", "client-secret"}, one.name


def test_the_operators_command_takes_the_description(
    secrets: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "deployment.json"
    path.write_text(secrets["rapport-operator"]["deployment.json"])
    deployment = read_deployment(path)
    users = secrets.get("rapport-nats") or {
        name.removesuffix("_PASSWORD").lower(): word
        for name, word in secrets["rapport-nats-passwords"].items()
    }
    assert deployment.nats.operator_password.get_secret_value() == users["operator"]
    assert deployment.services.keys() == {one.name for one in SERVICES}
    asked = {peer for one in SERVICES for peer in one.asks}
    for name, service in deployment.services.items():
        urls = secrets[f"rapport-{name}-database"]
        assert service.database_url.get_secret_value() == urls["runtime-url"]
        assert service.database_system_url.get_secret_value() == urls["system-url"]
        assert service.client_secret is not None
        own = secrets[f"rapport-{name}-service"]
        assert service.client_secret.get_secret_value() == own["client-secret"]
        seals = service.key_encryption_secret
        assert (seals and seals.get_secret_value()) == own.get("key-encryption-secret")
        counts = service.signing_secret
        expected = own["signing-secret"] if name == "identity" else None
        assert (counts and counts.get_secret_value()) == expected
        assert (service.grpc is not None) == (name in asked)
