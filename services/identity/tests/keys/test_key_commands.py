"""`keys …` and `operators token`: what they print, and under whose name the audit log has them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from joserfc import jws

from chassis.context import PLATFORM
from chassis.storage.database import Database
from chassis.storage.tables import outbox
from chassis.testing.harness import TestDatabase, settings_for
from identity.keys.commands import key_commands, operator_commands
from identity.keys.storage import signing_keys
from identity.operators import login_name
from rapport.identity.events.v1 import platform_events_pb2 as facts

from .conftest import SECRET

Run = Callable[..., Result]


@pytest.fixture
def run(own_database: TestDatabase, key_database: Database) -> Run:
    """Runs a command with the environment of the service, which has neither keys nor facts."""
    with key_database.system_transaction() as connection:
        connection.execute(sa.delete(signing_keys))
        connection.execute(sa.delete(outbox))
    more = {"key_encryption_secret": SECRET, "service_clients": "{}"}
    given = {f"RAPPORT_{k.upper()}": str(v) for k, v in settings_for(own_database, **more).items()}
    root = click.Group(commands=[key_commands(None), operator_commands(None)])
    return lambda *words, **changed: CliRunner().invoke(root, words, env={**given, **changed})


def told(database: Database) -> list[Any]:
    """The facts, oldest first."""
    with database.system_transaction() as connection:
        return [*connection.execute(sa.select(outbox).order_by(outbox.c.seq)).all()]


def printed(result: Result) -> list[dict[str, Any]]:
    """The answers, one JSON object a line."""
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_rotation_and_a_withdrawal_name_the_operator(run: Run, key_database: Database) -> None:
    (first,) = printed(run("keys", "rotate", "--operator", "ada"))
    newest, _ = printed(run("keys", "rotate", "--operator", "grace"))
    # An id may begin with a hyphen, like an option.
    (left,) = printed(run("keys", "withdraw", "--operator", "linus", "--", newest["kid"]))

    assert left["kid"] == first["kid"]
    assert [(row.actor, row.type.rpartition(".")[2]) for row in told(key_database)] == [
        ("client:operator:ada", "SigningKeyCreated"),
        ("client:operator:grace", "SigningKeyCreated"),
        ("client:operator:linus", "SigningKeyWithdrawn"),
    ]
    assert {row.tenant_id for row in told(key_database)} == {PLATFORM}


def test_without_a_name_it_is_whoever_is_logged_in(run: Run, key_database: Database) -> None:
    printed(run("keys", "rotate", LOGNAME="margaret"))
    assert [row.actor for row in told(key_database)] == ["client:operator:margaret"]


@pytest.mark.parametrize("login", ["Ada Lovelace", "ä", "-x", "x" * 65, "a:b"])
def test_a_login_that_is_no_name_is_not_written_into_the_log(
    login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", login)
    assert login_name() == "command"


@pytest.mark.parametrize("name", ["", "Ada Lovelace", "a:b", "x" * 65])
def test_a_name_that_would_confuse_the_log_is_refused(
    run: Run, key_database: Database, name: str
) -> None:
    for words in (("keys", "rotate", "--operator", name), ("operators", "token", "--name", name)):
        refused = run(*words)
        assert refused.exit_code == 2
        assert "is not 1 to 64 letters, digits and ._@-" in refused.stderr
    assert told(key_database) == []


def test_an_operators_token_is_told_with_its_id_and_its_end_and_never_itself(
    run: Run, key_database: Database
) -> None:
    (issued,) = printed(run("operators", "token", "--name", "ada", "--minutes", "7"))
    claims = json.loads(jws.extract_compact(issued["access_token"].encode()).payload)
    _first_key, row = told(key_database)
    fact = facts.OperatorTokenIssued.FromString(bytes(row.payload))

    assert (row.type, row.actor) == (fact.DESCRIPTOR.full_name, "client:operator:ada")
    assert claims["sub"] == "operator:ada"
    assert fact.token_id == claims["jti"] == str(row.aggregate_id) == str(UUID(claims["jti"]))
    ends = datetime.fromtimestamp(claims["exp"], UTC)
    assert abs((fact.expires_at.ToDatetime(UTC) - ends).total_seconds()) < 2
    assert issued["access_token"].encode() not in bytes(row.payload)


def test_a_key_that_there_is_not_is_refused_in_one_line(run: Run, key_database: Database) -> None:
    refused = run("keys", "withdraw", "nobody")
    assert refused.exit_code == 1
    assert refused.stderr == "Error: There is no signing key nobody.\n"
    assert told(key_database) == []
