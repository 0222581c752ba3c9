"""Lockouts from the operator's command line: shown, lifted, and told to those concerned (ID-12, PL-11)."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr

from chassis.clock import SystemClock, TimeOrderedIds
from chassis.context import PLATFORM
from chassis.embedded.postgres import PostgresServer
from chassis.storage.unit_of_work import Operations
from chassis.testing.fixtures import postgres
from chassis.testing.harness import TestDatabase, migrated_database
from identity.callers import operator_at_work
from identity.description import DESCRIPTION
from identity.desks import DeskAccess, opened
from identity.domain import email_key
from identity.facts import ENCODER
from identity.sign_in.domain import PATIENCE, Subject
from identity.sign_in.throttle import Throttle, TooManyAttempts
from identity.tenants.domain import TenantDetails
from identity.tenants.operations import FirstUser, create_tenant
from identity.transaction import IdentityTx
from rapport_operator.cli import cli

from .answers import answer

__all__ = ["postgres"]

SECRET = "what identity counts failures under and is long enough"


class Platform:
    """Identity's database, the counts of failures in it, and the command."""

    def __init__(self, database: TestDatabase, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.access = DeskAccess(SecretStr(database.runtime_url), SecretStr(database.system_url))

    def rapport(self, *words: str, exit_code: int = 0, secret: str | None = SECRET) -> Result:
        """Run the command, as `margaret`."""
        nowhere = "http://127.0.0.1:1"
        identity = {
            "http_url": nowhere,
            "database_url": self.database.runtime_url,
            "database_system_url": self.database.system_url,
            "signing_secret": secret,
        }
        content: dict[str, Any] = {
            "gateway_url": nowhere,
            "jwks_url": f"{nowhere}/jwks.json",
            "nats": {"url": "nats://127.0.0.1:1", "operator_password": "none"},
            "services": {"identity": identity},
        }
        path = self.folder / f"{uuid4()}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        given = ["--deployment", str(path), "lockouts", *words]
        result = CliRunner().invoke(cli, given, env={"LOGNAME": "margaret", "COLUMNS": "300"})
        assert result.exit_code == exit_code, result.output
        return result

    def tenant(self, email: str) -> UUID:
        """An organisation whose administrator has this address."""
        tenant_id, clock, ids = uuid4(), SystemClock(), TimeOrderedIds()
        with opened(self.access) as database:
            Operations(database, IdentityTx, facts=ENCODER, clock=clock, ids=ids).run(
                operator_at_work(tenant_id, "grace"),
                create_tenant,
                f"t-{tenant_id}",
                TenantDetails("Acme", "en", "UTC", ""),
                FirstUser(email, "Ada"),
                lambda _tx, _user: None,
            )
        return tenant_id

    def exhaust(self, subject: Subject, name: str) -> None:
        """Fail until there is a wait."""
        with opened(self.access) as database, suppress(TooManyAttempts):
            throttle = Throttle(database, SystemClock(), SECRET)
            for _ in range(PATIENCE[subject].locked_at):
                throttle.attempt({subject: name})

    def lifts(self) -> list[tuple[str, str]]:
        """Of whom it was told that a wait was lifted, and who did it."""
        kind = "rapport.identity.events.v1.LockoutLifted"
        with psycopg.connect(self.database.owner_url) as connection:
            rows = connection.execute(
                "SELECT tenant_id, actor FROM outbox WHERE type = %s ORDER BY seq", [kind]
            )
            return [(str(tenant_id), actor) for tenant_id, actor in rows]


@pytest.fixture
def platform(postgres: PostgresServer, tmp_path: Path) -> Platform:
    """A platform of this test's own."""
    name = f"identity_lockouts_{uuid4().hex[:8]}"
    return Platform(migrated_database(postgres, "identity", DESCRIPTION.migrations, name), tmp_path)


def test_a_delayed_account_is_shown_and_may_try_again_once_it_is_lifted(
    platform: Platform,
) -> None:
    acme, blue = platform.tenant("ada@acme.example"), platform.tenant("Ada@Acme.example")
    assert "need not wait" in platform.rapport("show", "ada@acme.example").stdout
    platform.exhaust(Subject.ACCOUNT, email_key("ada@acme.example"))

    shown = answer(platform.rapport("show", "ADA@acme.example", "--json"))
    assert (shown["kind"], shown["state"], shown["failures"]) == ("account", "delayed", 4)
    assert "is delayed until" in platform.rapport("show", "ada@acme.example").stdout
    told = platform.rapport("lift", "Ada@acme.example").stdout
    assert told == "Ada@acme.example may try again.\n"
    again = answer(platform.rapport("lift", "ada@acme.example", "--json"))

    assert again == {"kind": "account", "lifted": False}
    both = {(str(tenant_id), "client:operator:margaret") for tenant_id in (acme, blue)}
    assert len(platform.lifts()) == 2
    assert set(platform.lifts()) == both
    assert "need not wait" in platform.rapport("show", "ada@acme.example").stdout


def test_an_account_that_there_is_not_and_an_address_are_told_of_to_operators(
    platform: Platform,
) -> None:
    platform.exhaust(Subject.ACCOUNT, email_key("nobody@acme.example"))
    platform.exhaust(Subject.ADDRESS, "203.0.113.7")
    platform.exhaust(Subject.ADDRESS, "2001:db8:1:2::/64")
    whom = ("nobody@acme.example", "203.0.113.7", "2001:db8:1:2::99")
    for who in whom:
        done = answer(platform.rapport("lift", who, "--operator", "grace", "--json"))
        assert done["lifted"] is True
    assert platform.lifts() == [(str(PLATFORM), "client:operator:grace")] * 3


def test_a_wait_that_is_over_is_not_lifted(platform: Platform) -> None:
    platform.exhaust(Subject.ADDRESS, "203.0.113.7")
    with psycopg.connect(platform.database.owner_url) as connection:
        connection.execute(
            "UPDATE sign_in_failures SET wait_until = %s",
            [SystemClock().now() - timedelta(seconds=1)],
        )
    assert "need not wait" in platform.rapport("show", "203.0.113.7").stdout
    assert "nothing was lifted" in platform.rapport("lift", "203.0.113.7").stdout
    assert platform.lifts() == []


@pytest.mark.parametrize(
    ("who", "secret", "said"),
    [
        ("ada@acme.example", None, "that is not known here"),
        ("ada@", SECRET, "no e-mail address"),
        ("the office", SECRET, "no e-mail or IP address"),
    ],
)
def test_what_cannot_be_lifted_is_refused_in_one_line(
    platform: Platform, who: str, secret: str | None, said: str
) -> None:
    refused = platform.rapport("lift", who, exit_code=1, secret=secret)
    assert said in " ".join(refused.stderr.split())
