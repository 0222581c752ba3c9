"""Organisations and signing keys from the operator's command line (PL-11, ID-1, ID-6)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr

from chassis.clock import SystemClock, TimeOrderedIds
from chassis.domain import Conflict
from chassis.embedded.postgres import PostgresServer
from chassis.sealing import Sealer
from chassis.storage.database import Database
from chassis.storage.unit_of_work import Operations
from chassis.testing.fixtures import postgres
from chassis.testing.harness import TestDatabase, migrated_database
from identity.callers import acting_user
from identity.description import DESCRIPTION
from identity.desks import DeskAccess, opened
from identity.facts import ENCODER
from identity.keys.operations import KeyCare, unsealed
from identity.keys.storage import SigningKeys
from identity.platform_facts import PlatformFacts
from identity.tenants.desk import open_desk
from identity.tenants.domain import TenantDetails
from identity.tenants.operations import FirstUser
from identity.tickets import Ticket
from identity.transaction import IdentityTx
from identity.users.operations import accept_invitation
from rapport_operator.cli import cli

from .answers import answer

__all__ = ["postgres"]

SECRET = "what identity seals its keys with and is long enough"
PLATFORM = "00000000-0000-0000-0000-000000000000"
Rapport = Callable[..., Result]


@pytest.fixture
def database(postgres: PostgresServer) -> TestDatabase:
    """Identity's, of this test's own."""
    name = f"identity_cli_{uuid4().hex[:8]}"
    return migrated_database(postgres, "identity", DESCRIPTION.migrations, name)


@pytest.fixture
def own(database: TestDatabase) -> Iterator[Database]:
    """The database as the service has it."""
    access = DeskAccess(SecretStr(database.runtime_url), SecretStr(database.system_url))
    with opened(access) as connected:
        yield connected


@dataclass
class Deployments:
    """Descriptions of the deployment, and the command with each of them."""

    database: TestDatabase
    folder: Path

    def rapport(self, *words: str, exit_code: int = 0, secret: str | None = SECRET) -> Result:
        """Run the command, as `margaret`."""
        nowhere = "http://127.0.0.1:1"
        content: dict[str, Any] = {
            "gateway_url": "https://crm.example/",
            "jwks_url": f"{nowhere}/jwks.json",
            "nats": {"url": "nats://127.0.0.1:1", "operator_password": "none"},
            "services": {
                "identity": {
                    "http_url": nowhere,
                    "database_url": self.database.runtime_url,
                    "database_system_url": self.database.system_url,
                    "key_encryption_secret": secret,
                }
            },
        }
        path = self.folder / f"{uuid4()}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        given = ["--deployment", str(path), *words]
        result = CliRunner().invoke(cli, given, env={"LOGNAME": "margaret", "COLUMNS": "300"})
        assert result.exit_code == exit_code, result.output
        return result

    def actors(self, fact: str, tenant_id: str) -> list[str]:
        """Who did what was told of a tenant."""
        with psycopg.connect(self.database.owner_url) as connection:
            rows = connection.execute(
                "SELECT actor FROM outbox WHERE tenant_id = %s AND type LIKE %s ORDER BY seq",
                [tenant_id, f"%.{fact}"],
            )
            return [actor for (actor,) in rows]


@pytest.fixture
def rapport(database: TestDatabase, tmp_path: Path) -> Deployments:
    """A deployment of identity alone."""
    return Deployments(database, tmp_path)


@pytest.fixture
def first_key(own: Database) -> str:
    """The key that identity makes when it starts; gives its name."""
    clock, sealer = SystemClock(), Sealer([SECRET])
    facts = PlatformFacts(ENCODER, clock, TimeOrderedIds())
    (key,) = KeyCare(own, sealer, clock, timedelta(days=30), facts).first()
    return key.kid


def create(rapport: Deployments, slug: str, *words: str, exit_code: int = 0) -> Result:
    """Create an organisation."""
    given = ("--name", "Acme", "--slug", slug, "--admin-email", "ada@acme.example", *words)
    return rapport.rapport("tenants", "create", *given, exit_code=exit_code)


def test_an_organisation_is_created_without_a_password_and_its_administrator_accepts_once(
    rapport: Deployments, own: Database
) -> None:
    made = answer(create(rapport, "acme", "--time-zone", "Asia/Taipei", "--json"))
    assert set(made) == {"tenant_id", "tenant_slug", "admin_email", "invitation_url"}
    before, _, ticket = made["invitation_url"].partition("?ticket=")
    assert before == "https://crm.example/p/identity/invitation"

    ids, accepted = TimeOrderedIds(), Ticket.read(ticket)
    assert accepted is not None
    run = Operations(own, IdentityTx, facts=ENCODER, clock=SystemClock(), ids=ids)
    user = run.run(acting_user(UUID(made["tenant_id"]), accepted.id), accept_invitation, accepted)
    assert user.may_sign_in
    assert rapport.actors("TenantCreated", made["tenant_id"]) == ["client:operator:margaret"]
    assert "ticket" not in rapport.rapport("tenants", "list").stdout


def test_organisations_are_listed_suspended_and_resumed_by_slug_or_id(rapport: Deployments) -> None:
    assert "No organisations yet" in rapport.rapport("tenants", "list").stdout
    made = answer(create(rapport, "acme", "--json"))
    create(rapport, "blue", "--operator", "grace")

    told = rapport.rapport("tenants", "suspend", "acme").stdout
    assert told == "acme is suspended.\n"
    rapport.rapport("tenants", "suspend", made["tenant_id"])
    found = {
        one["tenant_slug"]: one["status"]
        for one in answer(rapport.rapport("tenants", "list", "--json"))
    }
    assert found == {"acme": "suspended", "blue": "active"}
    shown = answer(rapport.rapport("tenants", "resume", made["tenant_id"], "--json"))
    assert (shown["tenant_slug"], shown["status"]) == ("acme", "active")
    assert len(rapport.actors("TenantSuspended", made["tenant_id"])) == 1


def test_what_identity_refuses_is_one_message_that_names_what(rapport: Deployments) -> None:
    create(rapport, "acme")
    assert "has this slug" in create(rapport, "acme", exit_code=1).stderr
    assert "slug" in create(rapport, "No Slug", exit_code=1).stderr
    refused = create(rapport, "blue", "--time-zone", "Asia/Taibei", exit_code=1)
    assert "time" in refused.stderr
    assert "blue" in rapport.rapport("tenants", "suspend", "blue", exit_code=1).stderr
    named = create(rapport, "blue", "--operator", "a b", exit_code=1).stderr
    assert "is not 1 to 64 letters" in " ".join(named.split())
    assert len(answer(rapport.rapport("tenants", "list", "--json"))) == 1


def test_two_who_create_the_same_organisation_at_once_make_one(
    rapport: Deployments, database: TestDatabase
) -> None:
    access = DeskAccess(SecretStr(database.runtime_url), SecretStr(database.system_url))

    def create_one(operator: str) -> str:
        details, first = TenantDetails("Acme", "en", "UTC", ""), FirstUser("a@acme.example", "Ada")
        try:
            with open_desk(access, operator) as desk:
                return str(desk.found("acme", details, first)["tenant_slug"])
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(create_one, ("ada", "grace")))
    assert outcomes[0] == "acme"
    assert outcomes[1] != "acme"
    assert len(answer(rapport.rapport("tenants", "list", "--json"))) == 1


def test_built_in_roles_of_all_organisations_are_brought_up_to_date(
    rapport: Deployments, database: TestDatabase
) -> None:
    ids = [answer(create(rapport, slug, "--json"))["tenant_id"] for slug in ("acme", "blue")]
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("UPDATE roles SET name = 'Old' WHERE key = 'marketer'")
    assert answer(rapport.rapport("tenants", "refresh-roles", "--json")) == {"tenants": 2}
    with psycopg.connect(database.owner_url) as connection:
        row = connection.execute("SELECT count(*) FROM roles WHERE name = 'Old'").fetchone()
    assert row == (0,)
    for tenant_id in ids:
        assert rapport.actors("RoleDefined", tenant_id)[-1] == "client:operator:margaret"


def test_the_next_key_is_published_and_can_be_opened_by_identity(
    rapport: Deployments, own: Database, first_key: str
) -> None:
    waiting, signing = answer(rapport.rapport("keys", "rotate", "--json"))
    assert (waiting["state"], signing["state"]) == ("pending", "signing")
    assert signing["kid"] == first_key
    assert answer(rapport.rapport("keys", "rotate", "--json"))[0]["kid"] == waiting["kid"]
    with own.system_transaction() as connection:
        for key in SigningKeys(connection).all():
            assert unsealed(key, Sealer([SECRET])).thumbprint() == key.kid
    assert rapport.actors("SigningKeyCreated", PLATFORM)[-1] == "client:operator:margaret"
    assert first_key in rapport.rapport("keys", "list").stdout


def test_a_key_that_may_have_leaked_is_replaced_within_the_minute(
    rapport: Deployments, first_key: str
) -> None:
    before = SystemClock().now()
    urgent, *_ = answer(rapport.rapport("keys", "rotate", "--at-once", "--json"))
    assert datetime.fromisoformat(urgent["signs_from"]) - before < timedelta(minutes=1)
    refused = rapport.rapport("keys", "withdraw", "--", first_key, exit_code=1)
    assert "rotate first" in refused.stderr
    left = answer(rapport.rapport("keys", "withdraw", "--json", "--", urgent["kid"]))
    assert [one["kid"] for one in left] == [first_key]
    assert "nothing" in rapport.rapport("keys", "withdraw", "nothing", exit_code=1).stderr


@pytest.mark.usefixtures("first_key")
def test_no_key_is_made_that_identity_could_not_open(rapport: Deployments) -> None:
    for secret, said in (
        (None, "not known here"),
        ("another secret that is long enough as well", "not the"),
    ):
        refused = rapport.rapport("keys", "rotate", exit_code=1, secret=secret)
        assert said in refused.stderr
    assert len(answer(rapport.rapport("keys", "list", "--json"))) == 1


def test_while_the_secret_is_being_changed_a_key_is_sealed_as_the_one_before(
    rapport: Deployments, own: Database, first_key: str
) -> None:
    rapport.rapport("keys", "rotate", secret=f"a secret that identity may not know yet,{SECRET}")
    with own.system_transaction() as connection:
        keys = [*SigningKeys(connection).all()]
    assert keys[0].kid == first_key
    assert [unsealed(key, Sealer([SECRET])).thumbprint() for key in keys] == [k.kid for k in keys]


def test_before_identity_has_started_there_is_no_key_to_follow(rapport: Deployments) -> None:
    assert answer(rapport.rapport("keys", "list", "--json")) == []
    assert "when it starts" in rapport.rapport("keys", "rotate", exit_code=1).stderr
