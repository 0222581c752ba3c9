"""Audit logs from the command line: searched, exported and verified, a tenant's and the operators' own (ID-11)."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr

from chassis.clock import SystemClock, TimeOrderedIds
from chassis.context import PLATFORM, service_caller
from chassis.embedded.postgres import PostgresServer
from chassis.events.reactions import Envelope, RawFact
from chassis.storage.database import Database
from chassis.storage.unit_of_work import Operations
from chassis.testing.fixtures import postgres
from chassis.testing.harness import TestDatabase, migrated_database
from identity.audit.operations import keep_facts
from identity.callers import operator_at_work
from identity.description import DESCRIPTION
from identity.desks import DeskAccess
from identity.facts import ENCODER
from identity.sign_in.domain import PasswordReason
from identity.sign_in.operations import set_password
from identity.tenants.domain import TenantDetails
from identity.tenants.operations import FirstUser, create_tenant
from identity.transaction import IdentityTx
from rapport.contacts.events.v1.person_events_pb2 import PersonChanged
from rapport_operator.cli import cli

from .answers import answer

__all__ = ["postgres"]

BEGAN = datetime(2026, 3, 1, 8, tzinfo=UTC)
CHANGED = PersonChanged.DESCRIPTOR.full_name
Rapport = Callable[..., Result]


@pytest.fixture(scope="module")
def database(postgres: PostgresServer) -> TestDatabase:
    """Identity's, of this module's own."""
    return migrated_database(postgres, "identity", DESCRIPTION.migrations, "identity_audit_cli")


@dataclass
class Log:
    """The log of one tenant."""

    operations: Operations[IdentityTx]
    database: TestDatabase
    tenant_id: UUID
    slug: str = ""

    def fill(self, count: int, actor: str = "client:shop") -> list[UUID]:
        """Add entries, a minute after each other; gives the records that they are about."""
        records = [uuid4() for _ in range(count)]
        facts = [
            RawFact(
                PersonChanged(person_id=str(record)).SerializeToString(),
                Envelope(
                    uuid4(), CHANGED, self.tenant_id, record, 2, actor,
                    BEGAN + timedelta(minutes=number), None,
                ),
            )
            for number, record in enumerate(records)
        ]  # fmt: skip
        self.operations.run(service_caller("identity", self.tenant_id), keep_facts, facts)
        return records

    def spoil(self, statement: LiteralString) -> None:
        """Write past the service, as the owner of the tables."""
        with psycopg.connect(self.database.owner_url) as connection:
            connection.execute("ALTER TABLE audit_entries DISABLE TRIGGER USER")
            connection.execute(statement, {"t": self.tenant_id})
            connection.execute("ALTER TABLE audit_entries ENABLE TRIGGER USER")

    def told(self) -> list[str]:
        """Who has exported, as it waits to be published."""
        with psycopg.connect(self.database.owner_url) as connection:
            rows = connection.execute(
                "SELECT actor FROM outbox WHERE tenant_id = %s AND type LIKE '%%AuditLogExported'"
                " ORDER BY seq",
                [self.tenant_id],
            )
            return [actor for (actor,) in rows]


@pytest.fixture
def operations(database: TestDatabase) -> Iterator[Operations[IdentityTx]]:
    """Identity's operations, without the service."""
    access = DeskAccess(SecretStr(database.runtime_url), SecretStr(database.system_url))
    opened = Database(access, "identity")
    yield Operations(opened, IdentityTx, facts=ENCODER, clock=SystemClock(), ids=TimeOrderedIds())
    opened.close()


@pytest.fixture
def log(database: TestDatabase, operations: Operations[IdentityTx]) -> Log:
    """The log of a tenant that is registered."""
    tenant_id, slug = uuid4(), f"t-{uuid4().hex}"
    operations.run(
        operator_at_work(tenant_id, "test"),
        create_tenant,
        slug,
        TenantDetails("Acme", "en", "UTC", ""),
        FirstUser(f"{slug}@example.com", "Ada"),
        lambda tx, user: set_password(tx, user.id, "no hash", PasswordReason.FOUNDED),
    )
    return Log(operations, database, tenant_id, slug)


@pytest.fixture
def rapport(database: TestDatabase, tmp_path: Path) -> Rapport:
    """Runs the command against a deployment of identity alone."""
    nowhere = "http://127.0.0.1:1"
    identity = {
        "http_url": nowhere,
        "database_url": database.runtime_url,
        "database_system_url": database.system_url,
    }
    path = tmp_path / "deployment.json"
    content = {
        "gateway_url": nowhere,
        "jwks_url": f"{nowhere}/jwks.json",
        "nats": {"url": "nats://127.0.0.1:1", "operator_password": "none"},
        "services": {"identity": identity},
    }
    path.write_text(json.dumps(content), encoding="utf-8")

    def run(*words: object, exit_code: int = 0, deployment: Path = path) -> Result:
        named = ["--deployment", str(deployment), "audit", *map(str, words)]
        result = CliRunner().invoke(cli, named, env={"LOGNAME": "margaret", "COLUMNS": "200"})
        assert result.exit_code == exit_code, result.output
        return result

    return run


def test_entries_are_listed_by_the_tenants_slug_or_id_the_latest_first(
    rapport: Rapport, log: Log
) -> None:
    records = log.fill(3)
    found = answer(rapport("list", "--tenant", log.slug, "--json"))
    assert answer(rapport("list", "--tenant", log.tenant_id, "--json")) == found
    assert [entry["record_id"] for entry in found] == [str(one) for one in records[::-1]]
    assert (found[0]["action"], found[0]["actor"]) == (CHANGED, "client:shop")
    assert found[0]["details"]["person_id"] == str(records[2])
    shown = rapport("list", "--tenant", log.slug).stdout
    assert "PersonChanged" in shown
    assert str(records[0]) in shown


def test_a_search_is_narrowed_by_who_what_which_and_when(rapport: Rapport, log: Log) -> None:
    records = log.fill(4)
    (hers,) = log.fill(1, actor="user:ada")

    def found(*words: object) -> list[str]:
        entries = answer(rapport("list", "--tenant", log.slug, *words, "--json"))
        return [entry["record_id"] for entry in entries]

    assert found("--actor", "user:ada") == [str(hers)]
    assert found("--record", records[1]) == [str(records[1])]
    assert found("--action", "rapport.identity.events.v1.RoleDefined") == []
    assert found("--service", "contacts", "--limit", 2) == [str(one) for one in records[:1:-1]]
    since, until = "2026-03-01T08:01:00Z", "2026-03-01T16:03:00+08:00"
    assert found("--since", since, "--until", until) == [str(records[2]), str(records[1])]
    assert found("--until", "2020-01-01") == []


def test_more_entries_than_a_page_come_all(rapport: Rapport, log: Log) -> None:
    log.fill(1_203)
    entries = answer(rapport("list", "--tenant", log.slug, "--limit", 10_000, "--json"))
    assert [entry["number"] for entry in entries] == list(range(1_203, 0, -1))


def test_the_operators_own_log_is_named_by_a_dash_and_holds_no_tenants(
    rapport: Rapport, log: Log, operations: Operations[IdentityTx], database: TestDatabase
) -> None:
    log.fill(2)
    (record,) = Log(operations, database, PLATFORM).fill(1)
    found = answer(rapport("list", "--tenant", "-", "--json"))
    assert {entry["record_id"] for entry in found} >= {str(record)}
    assert str(log.tenant_id) not in json.dumps(found)


def test_an_export_is_whole_closed_to_others_and_told_under_the_operators_name(
    rapport: Rapport, log: Log, tmp_path: Path
) -> None:
    log.fill(1_100)
    path = tmp_path / "acme.ndjson"
    told = answer(rapport("export", "--tenant", log.slug, "--to", path, "--json"))
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["number"] for line in lines] == list(range(1, 1_101))
    assert told == {"file": str(path), "bytes": path.stat().st_size}
    assert path.stat().st_mode & 0o777 == 0o600

    table = tmp_path / "acme.csv"
    rapport(
        "export", "--tenant", log.slug, "--to", table, "--format", "csv",
        "--operator", "ada", "--since", "2026-03-01T08:03:00Z", "--until", "2026-03-01T08:05:00Z",
    )  # fmt: skip
    with table.open(newline="", encoding="utf-8") as file:
        assert [row["number"] for row in csv.DictReader(file)] == ["4", "5"]
    assert log.told() == ["client:operator:margaret", "client:operator:ada"]


def test_an_export_overwrites_nothing_and_leaves_nothing_half_written(
    rapport: Rapport, log: Log, tmp_path: Path
) -> None:
    log.fill(1)
    path = tmp_path / "kept.ndjson"
    path.write_text("mine")
    refused = rapport("export", "--tenant", log.slug, "--to", path, exit_code=1)
    assert f"{path} is there already" in refused.stderr
    assert path.read_text() == "mine"

    other = tmp_path / "other.ndjson"
    wrong = rapport("export", "--tenant", log.slug, "--to", other, "--record", "no id", exit_code=1)
    assert "record_id: has to be a UUID" in wrong.stderr
    rapport("export", "--tenant", log.slug, "--to", tmp_path / "no" / "where", exit_code=1)
    rapport("export", "--tenant", log.slug, "--to", other, "--operator", "a:b", exit_code=1)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["deployment.json", "kept.ndjson"]
    assert log.told() == []


def test_an_intact_log_is_told_with_the_head_to_note_and_one_that_was_changed_ends_with_3(
    rapport: Rapport, log: Log
) -> None:
    log.fill(3)
    (intact,) = answer(rapport("verify", "--tenant", log.slug, "--json"))
    assert (intact["intact"], intact["entries"]) == (True, 3)
    assert rapport("verify", "--tenant", log.slug).stdout == (
        f"{log.tenant_id}  intact, 3 entries, head {intact['head']}\n"
    )
    log.fill(2)
    rapport("verify", "--tenant", log.slug, "--expect", intact["head"])

    log.spoil("UPDATE audit_entries SET actor = 'x' WHERE tenant_id = %(t)s AND number = 2")
    (broken,) = answer(rapport("verify", "--tenant", log.slug, "--json", exit_code=3))
    assert broken["broken"] == {
        "number": 2,
        "damage": "altered",
        "message": "The content of entry 2 is not what was hashed.",
    }
    every = answer(rapport("verify", "--json", exit_code=3))
    assert [one["tenant_id"] for one in every if not one["intact"]] == [str(log.tenant_id)]
    said = rapport("verify", exit_code=3).stdout
    assert f"{log.tenant_id}  BROKEN at entry 2: The content of entry 2" in said
    log.spoil("UPDATE audit_entries SET actor = 'client:shop' WHERE tenant_id = %(t)s")
    rapport("verify", "--tenant", log.slug)


@pytest.mark.parametrize(
    ("words", "exit_code", "message"),
    [
        (("list",), 2, "Missing option '--tenant'"),
        (("list", "--tenant", "nobody"), 1, "There is no tenant nobody."),
        (("list", "--tenant", "-", "--since", "yesterday"), 2, "'yesterday' is no time"),
        (("list", "--tenant", "-", "--limit", "0"), 2, "0 is not in the range"),
        (("verify", "--expect", "1:00"), 2, "--expect is about one log"),
        (("verify", "--tenant", "-", "--expect", "3"), 1, "'3' is not NUMBER:HASH"),
        (("export", "--tenant", "-"), 2, "Missing option '--to'"),
    ],
)
def test_what_it_cannot_do_is_said(
    rapport: Rapport, words: tuple[str, ...], exit_code: int, message: str
) -> None:
    assert message in rapport(*words, exit_code=exit_code).stderr


def test_a_deployment_without_identity_or_with_its_database_away_is_told(
    rapport: Rapport, tmp_path: Path
) -> None:
    content: dict[str, Any] = json.loads((tmp_path / "deployment.json").read_text())
    elsewhere = tmp_path / "elsewhere.json"
    away = "postgresql://nobody@127.0.0.1:1/none"
    content["services"]["identity"] |= {"database_url": away, "database_system_url": away}
    elsewhere.write_text(json.dumps(content))
    said = rapport("verify", deployment=elsewhere, exit_code=1).stderr
    assert "The database cannot be reached." in said
    content["services"] = {}
    elsewhere.write_text(json.dumps(content))
    said = rapport("list", "--tenant", "-", deployment=elsewhere, exit_code=1).stderr
    assert "there is no service `identity`" in said
