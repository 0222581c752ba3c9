"""A service that was just laid out works: its own tests, its process, and the rules that hold for every service."""

from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
import threading
import tokenize
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

import helm_python
import httpx
import pytest
import yaml

from chassis.embedded.databases import ServicePasswords, provision_service_database, service_dsn
from chassis.embedded.postgres import PostgresServer
from chassis.embedded.processes import free_port
from chassis.testing.bus import empty_bus
from chassis.testing.tokens import ISSUER, TestTokens
from chassis.testing.waiting import eventually

from .checkout import Checkout, copied

MOST_LINES = 150
NO_CODE = frozenset(
    {
        tokenize.COMMENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
        tokenize.INDENT,
        tokenize.NEWLINE,
        tokenize.NL,
    }
)


def test_the_tests_that_come_with_it_pass_on_real_servers(checkout: Checkout) -> None:
    answer = checkout.run("pytest", "-q", "-p", "no:cacheprovider", "services/billing")
    assert answer.returncode == 0, answer.stdout
    assert {path.name for path in (checkout.root / "services/billing").rglob("test_*.py")} == {
        "test_invoices.py",
        "test_invoices_api.py",
        "test_reactions.py",
    }


def test_it_is_in_the_shape_that_the_tools_want(checkout: Checkout) -> None:
    touched = ["services/billing", "deploy/local", "protos"]
    for words in (("check", *touched), ("format", "--check", *touched)):
        answer = checkout.run("ruff", *words)
        assert answer.returncode == 0, answer.stdout


def test_it_takes_less_than_150_lines_of_python(checkout: Checkout) -> None:
    package = checkout.root / "services/billing/billing"
    counted = {path.name: lines_of_code(path.read_text()) for path in package.rglob("*.py")}
    assert 0 < sum(counted.values()) < MOST_LINES, counted


def lines_of_code(text: str) -> int:
    """The lines that do something: no imports, no docstrings, no comments, no blank ones."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    code = {
        line
        for token in tokens
        if token.type not in NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        ):
            code -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(code)


def test_lines_that_do_nothing_are_not_counted() -> None:
    text = '"""Says."""\n\nimport os\n\n# why\nx = [\n    1,\n]\n\ndef f():\n    """Says."""\n    return x\n'
    assert lines_of_code(text) == 5


def test_the_gateway_treats_it_as_it_treats_every_other_service(checkout: Checkout) -> None:
    billing = routes_of(checkout, "billing")
    model = routes_of(checkout, "identity")
    assert billing["http"]["routers"]["billing"]["rule"] == (
        "PathPrefix(`/v1/billing/`) || PathPrefix(`/p/billing/`)"
    )
    # What takes many records in one call has routes for large bodies besides.
    routers = model["http"]["routers"]
    model["http"]["routers"] = {
        name: it for name, it in routers.items() if "large-bodies" not in name
    }
    assert len(model["http"]["routers"]) < len(routers)
    for parts in (billing, model):
        for router in parts["http"]["routers"].values():
            if "PathPrefix(`/v1/" in router["rule"]:
                del router["rule"]
    assert billing == model


def routes_of(checkout: Checkout, service: str) -> dict[str, dict[str, dict[str, dict[str, str]]]]:
    """A service's routes, with every service called alike."""
    text = (checkout.root / f"gateway/routes/{service}.yml").read_text()
    text = text.replace('{{ env "', "${").replace('" | quote }}', "}").replace('" }}', "}")
    text = text.replace(f"RAPPORT_{service.upper()}_HTTP", "RAPPORT_BILLING_HTTP")
    parts: dict[str, dict[str, dict[str, dict[str, str]]]] = yaml.safe_load(text)
    renamed = json.dumps(parts).replace(f"/{service}/", "/billing/")
    for end in ('"', "-"):
        renamed = renamed.replace(f'"{service}{end}', f'"billing{end}')
    found: dict[str, dict[str, dict[str, dict[str, str]]]] = json.loads(renamed)
    return found


def test_its_chart_keeps_what_every_chart_promises(checkout: Checkout) -> None:
    answer = checkout.run("pytest", "-q", "-p", "no:cacheprovider", "-k", "billing", "tests/charts")
    assert answer.returncode == 0, answer.stdout
    for test in ("test_services_make_and_take_the_calls", "test_every_deployment_selects"):
        answer = checkout.run("pytest", "-q", "-p", "no:cacheprovider", "-k", test, "tests/charts")
        assert answer.returncode == 0, answer.stdout


def test_the_platform_is_installed_with_it(checkout: Checkout, tmp_path: Path) -> None:
    answer = checkout.run("deploy.tools.charts", "package", "--to", str(tmp_path))
    assert answer.returncode == 0, answer.stderr
    with helm_python.Chart.load(tmp_path / "rapport-0.1.0.tgz") as umbrella:
        files = umbrella.render({}, name="rapport").items()
    text = "\n---\n".join(text for name, text in files if name.endswith(".yaml"))
    objects = [one for one in yaml.safe_load_all(text) if one]
    names = {f"{one['kind']}/{one['metadata']['name']}" for one in objects}
    assert names >= {
        "Deployment/rapport-billing-api",
        "Deployment/rapport-billing-worker",
        "Service/rapport-billing-grpc",
        "Secret/rapport-billing-database",
    }
    assert "billing=http://rapport-billing:8080" in text
    assert "user: billing" in text


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server that hands out the files of a folder."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


@contextmanager
def running(checkout: Checkout, environment: dict[str, str], log: Path) -> Iterator[None]:
    """`python -m billing serve`, which ends well when it is told to."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "billing", "serve"],
            cwd=checkout.root,
            env=checkout.environment(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield
            assert process.poll() is None, log.read_text()
        finally:
            process.terminate()
            code = process.wait(timeout=30)
    assert code == 0, log.read_text()


def test_it_serves_and_what_is_created_is_heard_on_the_bus(
    checkout: Checkout, postgres: PostgresServer, tokens: TestTokens, tmp_path: Path
) -> None:
    admin, tenant = postgres.admin_dsn(), uuid4()
    provision_service_database(admin, "billing", ServicePasswords("owner", "runtime", "system"))
    (tmp_path / "jwks.json").write_text(json.dumps(tokens.jwks()))
    with (
        empty_bus(tmp_path / "nats", "billing", ("identity", "contacts")) as bus,
        served(tmp_path) as keys,
    ):
        settings = {
            **bus.settings,
            "http_port": str(free_port()),
            "grpc_port": "1",
            "database_url": service_dsn(admin, "billing", "billing_runtime", "runtime"),
            "database_system_url": service_dsn(admin, "billing", "billing_system", "system"),
            "public_url": ISSUER,
            "jwks_url": f"{keys}/jwks.json",
            "identity_grpc": "127.0.0.1:1",
            "signing_secret": "a secret of the tests that is long enough",
            "service_client_secret": "secret",
        }
        owner = {"database_owner_url": service_dsn(admin, "billing", "billing_owner", "owner")}
        answer = checkout.run("billing", "prepare", **variables(settings | owner | bus.provisioner))
        assert answer.returncode == 0, answer.stderr
        headers = {"Authorization": f"Bearer {tokens.client(tenant, 'billing.*')}"}
        url = f"http://127.0.0.1:{settings['http_port']}"
        with (
            running(checkout, variables(settings), tmp_path / "billing.log"),
            httpx.Client(base_url=url, headers=headers, trust_env=False) as client,
        ):
            eventually(lambda: status_of(client, "/readyz") == 200)
            created = client.post("/v1/billing/invoices", json={"name": "First"})
            assert created.status_code == 201, created.text
            assert client.get(created.headers["Location"]).json()["name"] == "First"
            ((kind, payload),) = eventually(lambda: bus.facts(tenant))
    assert kind == "rapport.billing.events.v1.InvoiceCreated"
    assert created.json()["id"].encode() in payload


def variables(settings: dict[str, str]) -> dict[str, str]:
    """Settings as environment variables."""
    return {f"RAPPORT_{name.upper()}": value for name, value in settings.items()}


def status_of(client: httpx.Client, path: str) -> int:
    """The status that an address answers with; 0 while nobody listens."""
    try:
        return client.get(path).status_code
    except httpx.TransportError:
        return 0


@pytest.mark.slow
@pytest.mark.parametrize("words", [("projects",), ("field", "work_order")])
def test_a_service_with_other_names_works_as_well(tmp_path: Path, words: tuple[str, ...]) -> None:
    copy = copied(tmp_path)
    laid_out = copy.run("deploy.tools.new_service", *words)
    assert laid_out.returncode == 0, laid_out.stderr
    place = f"services/{words[0]}"
    for module in (("ruff", "check"), ("ruff", "format", "--check"), ("pytest", "-q")):
        answer = copy.run(*module, place)
        assert answer.returncode == 0, answer.stdout


@pytest.mark.slow
def test_its_types_are_right(checkout: Checkout) -> None:
    answer = checkout.run("mypy", "-p", "billing", "-p", "services.billing.tests")
    assert answer.returncode == 0, answer.stdout


@pytest.mark.slow
def test_it_keeps_the_rules_that_hold_for_every_service(checkout: Checkout) -> None:
    # Those that show that a rule can be broken, by something that is found, need no second run.
    words = ("-q", "-p", "no:cacheprovider", "-k", "not found and not ci_runs")
    answer = checkout.run("pytest", *words, "tests/architecture", "tests/contracts")
    assert answer.returncode == 0, answer.stdout


@pytest.mark.slow
def test_each_of_its_operations_keeps_tenants_and_permissions_apart(checkout: Checkout) -> None:
    words = ("-q", "-p", "no:cacheprovider", "-k", "billing")
    answer = checkout.run("pytest", *words, "tests/security")
    assert answer.returncode == 0, answer.stdout
    for operation in ("billing_list_invoices", "billing_create_invoice", "billing_get_invoice"):
        listed = checkout.run("pytest", "--collect-only", "-q", "-k", operation, "tests/security")
        assert operation in listed.stdout


@pytest.mark.slow
def test_the_local_platform_runs_it_with_the_others(checkout: Checkout, tmp_path: Path) -> None:
    platform = ("rapport_local", "--state", str(tmp_path / "state"))
    answer = checkout.run(*platform, "up", "--ports-from", "0", "--json")
    try:
        assert answer.returncode == 0, answer.stderr
        gateway = json.loads(answer.stdout)["gateway_url"]
        refused = httpx.get(f"{gateway}/v1/billing/invoices", trust_env=False)
        assert (refused.status_code, refused.json()["code"]) == (401, "token_missing")
        document = httpx.get(f"{gateway}/openapi.json", trust_env=False).json()
        assert "/v1/billing/invoices" in document["paths"]
    finally:
        checkout.run(*platform, "down")
