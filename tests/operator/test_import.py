"""People come from a file by the operator's command, with an organisation's own app (PL-11, CO-6)."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from chassis.embedded.postgres import PostgresServer
from chassis.testing.access import FakeAccessSource
from chassis.testing.fixtures import access, postgres, tokens
from chassis.testing.harness import ServiceHarness, migrated_database, settings_for
from chassis.testing.tokens import TestTokens
from chassis.work.job_runner import JobRunner
from contacts.app import build
from contacts.description import DESCRIPTION
from contacts.imports.jobs import import_jobs
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx
from rapport_operator.cli import cli
from rapport_operator.errors import OperatorError
from rapport_operator.import_commands import SECRET
from rapport_operator.importing import PART
from rapport_operator.tenant_app import tenant_app
from services.contacts.tests.fakes import FakeUsers

from .answers import answer

__all__ = ["access", "postgres", "tokens"]

PEOPLE = """Full name,Mail,Notes
王小明,ming@example.com,VIP
Ada Lovelace,ada@example.com,
Nobody,not an address,
"""
Contacts = ServiceHarness[ContactsTx]
Rapport = Callable[..., Result]


@dataclass
class Gateway:
    """Where the command finds the platform: contacts, and as much of identity as gives tokens."""

    contacts: Contacts
    tenant_id: UUID
    scopes: str = "contacts.imports.* contacts.people.write"
    refused: int = 0
    url: str = ""
    seen: list[tuple[str, str | None]] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        """Lose the first answers, as networks do; else hand over."""
        request = Request(environ)
        self.seen.append((request.method, request.headers.get("Idempotency-Key")))
        if self.refused > 0 and request.method == "POST":
            self.refused -= 1
            list(self.contacts.app.wsgi_app(environ, lambda *_: lambda _chunk: None))
            return Response("away", 503, {"Retry-After": "0"})(environ, start)
        return self.contacts.app.wsgi_app(environ, start)

    def token(self, environ: dict[str, Any], start: Any) -> Any:
        """What `/oauth/token` answers."""
        given = Request(environ).authorization
        if given is None or given.password != "good":
            body = {"error": "invalid_client", "error_description": "No such app."}
            return Response(json.dumps(body), 401)(environ, start)
        token = self.contacts.tokens.client(self.tenant_id, *self.scopes.split())
        return Response(json.dumps({"access_token": token}))(environ, start)

    def people(self) -> list[dict[str, Any]]:
        """Everybody, by name."""
        client = self.contacts.app_client(self.tenant_id)
        found: list[dict[str, Any]] = client.get("/v1/contacts/people?sort=full_name").json["items"]
        return found

    def kept(self) -> int:
        """How many imports there are."""
        return len(
            self.contacts.app_client(self.tenant_id).get("/v1/contacts/imports").json["items"]
        )


@pytest.fixture(scope="module")
def contacts(
    postgres: PostgresServer, tokens: TestTokens, access: FakeAccessSource
) -> Iterator[Contacts]:
    """Contacts, with a worker for its jobs."""
    database = migrated_database(postgres, "contacts", DESCRIPTION.migrations, "contacts_cli")
    settings = ContactsSettings(**settings_for(database, import_max_bytes=6 * 2**20))
    service = build(settings, keys=tokens.key_source(), access=access, users=FakeUsers())
    handlers = import_jobs(service.operations, FakeUsers(), service.clock)
    worker = JobRunner(service.database, "contacts", handlers, service.clock)
    worker.start()
    yield ServiceHarness(service, tokens, access)
    worker.stop(10)
    service.stop()


@pytest.fixture
def gateway(contacts: Contacts) -> Iterator[Gateway]:
    """A gateway of the test's own organisation."""
    made = Gateway(contacts, uuid4())
    with served(DispatcherMiddleware(made, {"/oauth/token": made.token})) as url:
        made.url = url
        yield made


@contextmanager
def served(app: Any) -> Iterator[str]:
    """An application behind a socket."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three people, one of them with a mistake."""
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE, encoding="utf-8")
    return path


@pytest.fixture
def rapport(gateway: Gateway, tmp_path: Path) -> Rapport:
    """Runs `rapport import` with the secret in the environment."""

    def run(*words: object, exit_code: int = 0, secret: str | None = "good", **more: Any) -> Result:
        content = {
            "gateway_url": gateway.url,
            "jwks_url": f"{gateway.url}/jwks.json",
            "nats": {"url": "nats://127.0.0.1:1", "operator_password": "none"},
            "services": {},
        }
        path = tmp_path / "deployment.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        given = ["--deployment", str(path), "import", "--client", "shop", *map(str, words)]
        env = {SECRET: secret, "COLUMNS": "200"}
        result = CliRunner().invoke(cli, given, env=env, **more)
        assert result.exit_code == exit_code, (result.output, result.exception)
        return result

    return run


def test_rows_become_people_and_those_that_are_wrong_come_back_in_a_file(
    rapport: Rapport, gateway: Gateway, file: Path, tmp_path: Path
) -> None:
    refused = tmp_path / "refused.csv"
    words = (file, "--column", "Notes=ignore", "--tag", "moved", "--errors", refused, "--json")
    found = answer(rapport(*words, exit_code=3))
    assert (found["created"], found["failed"], found["dry_run"]) == (2, 1, False)
    assert [(one["full_name"], one["tags"]) for one in gateway.people()] == [
        ("Ada Lovelace", ["moved"]),
        ("王小明", ["moved"]),
    ]
    assert "not an address" in refused.read_text(encoding="utf-8-sig")
    assert refused.stat().st_mode & 0o777 == 0o600


def test_a_dry_run_tells_and_changes_nothing(
    rapport: Rapport, gateway: Gateway, file: Path
) -> None:
    shown = rapport(file, "--dry-run", exit_code=3).stdout
    assert "It would do" in shown
    assert "Full name" in shown
    assert gateway.people() == []


def test_who_is_known_again_by_a_key_is_changed_and_not_doubled(
    rapport: Rapport, gateway: Gateway, file: Path
) -> None:
    file.write_text(PEOPLE.rpartition("Nobody")[0], encoding="utf-8")
    for _ in range(2):
        rapport(file, "--key", "email", "--column", "Mail=emails@work")
    assert len(gateway.people()) == 2


def test_an_answer_that_is_lost_makes_no_second_import(
    rapport: Rapport, gateway: Gateway, file: Path
) -> None:
    gateway.refused = 2
    rapport(file, exit_code=3)
    assert gateway.kept() == 1
    keys = [key for method, key in gateway.seen if method == "POST"]
    assert all(keys)
    assert len(set(keys)) == len(keys) - 2
    assert len(gateway.people()) == 2


def test_what_is_refused_is_one_message_and_leaves_nobody(
    rapport: Rapport, gateway: Gateway, file: Path, tmp_path: Path
) -> None:
    assert "No such app" in rapport(file, exit_code=1, secret="bad").stderr
    wrong = rapport(file, "--column", "Telephone=phones", exit_code=1).stderr
    assert "no column" in " ".join(wrong.split())
    assert "COLUMN=FIELD" in rapport(file, "--column", "Mail", exit_code=2).stderr
    assert "is there already" in rapport(file, "--errors", file, exit_code=1).stderr
    empty, large = tmp_path / "empty.csv", tmp_path / "large.csv"
    empty.touch()
    large.write_bytes(b"x" * (6 * 2**20 + 1))
    for path in (empty, large):
        assert "rapport:" in rapport(path, exit_code=1).stderr
    gateway.scopes = "contacts.people.read"
    assert "403" in rapport(file, exit_code=1).stderr
    assert gateway.people() == []


def test_the_secret_is_asked_for_and_shown_nowhere(
    rapport: Rapport, gateway: Gateway, file: Path
) -> None:
    result = rapport(file, "--dry-run", exit_code=3, secret=None, input="good\n")
    assert "good" not in result.output
    assert gateway.kept() == 1


def test_a_file_of_several_parts_is_sent_whole(
    rapport: Rapport, gateway: Gateway, file: Path
) -> None:
    rows = "".join(f"Person {n},p{n}@example.com,{'x' * 30_000}\n" for n in range(160))
    file.write_text(f"Full name,Mail,Notes\n{rows}", encoding="utf-8")
    assert file.stat().st_size > PART
    assert answer(rapport(file, "--column", "Notes=ignore", "--json"))["created"] == 160
    assert len([method for method, _ in gateway.seen if method == "PUT"]) == 3


def test_a_platform_that_does_not_answer_is_named() -> None:
    async def ask() -> None:
        async with tenant_app("http://127.0.0.1:1", "shop", "good", attempts=2) as app:
            await app.ask("GET", "/v1/contacts/imports")

    with pytest.raises(OperatorError, match=r"127\.0\.0\.1 does not answer"):
        asyncio.run(ask())
