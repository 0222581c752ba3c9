"""Commands for operators: what they print, what they refuse, and what they leave behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from chassis.storage.tables import outbox
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness, TestDatabase, settings_for
from identity.app import build
from identity.commands import tenant_commands
from identity.sign_in.storage import passwords
from identity.transaction import IdentityTx

Run = Callable[..., Result]


@pytest.fixture
def run(database: TestDatabase) -> Run:
    """Runs `tenants …` with the environment of the service."""
    more = {
        "key_encryption_secret": "a key of the tests that is long enough",
        "password_memory_kib": 1_024,
        "service_clients": "{}",
    }
    given = {f"RAPPORT_{k.upper()}": str(v) for k, v in settings_for(database, **more).items()}

    def run(*words: str, **changed: str | None) -> Result:
        return CliRunner().invoke(tenant_commands(build), words, env={**given, **changed})

    return run


def create(run: Run, **about: str) -> dict[str, Any]:
    """Create a tenant and give what is printed."""
    slug = about.get("slug", f"t-{uuid4()}")
    by = ("--operator", about["operator"]) if "operator" in about else ()
    email = f"admin@{slug}.example"
    result = run("create", "--name", "Blue", "--slug", slug, "--admin-email", email, *by)
    assert result.exit_code == 0, result.output
    printed: dict[str, Any] = json.loads(result.stdout)
    return printed


def test_a_created_tenant_is_printed_with_a_password_of_its_own(
    run: Run, identity: ServiceHarness[IdentityTx]
) -> None:
    one, two = create(run), create(run)
    assert set(one) == {"tenant_id", "tenant_slug", "admin_email", "password"}
    assert one["password"] != two["password"]
    assert len(one["password"]) >= 20
    operator = ApiClient(identity.app, identity.tokens.operator("identity.tenants.manage"))
    shown = operator.get(f"/v1/identity/tenants/{one['tenant_id']}").json
    assert (shown["slug"], shown["status"]) == (one["tenant_slug"], "active")
    with identity.service.database.tenant_transaction(one["tenant_id"]) as connection:
        (stored,) = connection.scalars(
            sa.select(passwords.c.hash).where(passwords.c.tenant_id == one["tenant_id"])
        )
    assert stored.startswith("$argon2id$")
    assert one["password"] not in stored


def test_the_audit_log_has_it_that_an_operator_did_it(
    run: Run, identity: ServiceHarness[IdentityTx]
) -> None:
    made = create(run, operator="ada")
    run("suspend", made["tenant_slug"], "--operator", "ada")
    tenant_id = UUID(made["tenant_id"])
    with identity.service.database.tenant_transaction(tenant_id) as connection:
        actors = connection.scalars(
            sa.select(outbox.c.actor).where(outbox.c.tenant_id == tenant_id)
        )
        assert set(actors) == {"client:operator:ada"}


def test_the_first_user_is_an_active_administrator(
    run: Run, identity: ServiceHarness[IdentityTx]
) -> None:
    made = create(run)
    (user,) = identity.app_client(made["tenant_id"]).get("/v1/identity/users").json["items"]
    assert (user["email"], user["status"]) == (made["admin_email"], "active")
    assert user["email_verified"] is True
    role = identity.app_client(made["tenant_id"]).get(f"/v1/identity/roles/{user['role_ids'][0]}")
    assert role.json["key"] == "administrator"


def test_a_slug_that_is_taken_is_refused_in_one_line(run: Run) -> None:
    made = create(run)
    words = ("--name", "x", "--slug", made["tenant_slug"], "--admin-email", "a@example.com")
    refused = run("create", *words)
    assert refused.exit_code == 1
    assert refused.stderr == "Error: Another tenant has this slug.\n"


def test_a_wrong_value_is_refused_with_where_and_why(run: Run) -> None:
    words = ("--name", "x", "--slug", "Not A Slug", "--admin-email", "a@example.com")
    refused = run("create", *words)
    assert refused.exit_code == 1
    assert "/slug: A slug has 1 to 63 of" in refused.stderr


def test_tenants_are_listed_suspended_and_activated(run: Run) -> None:
    made = create(run)
    for word, status in (("suspend", "suspended"), ("activate", "active")):
        for named in (made["tenant_slug"], made["tenant_id"]):
            result = run(word, named)
            assert json.loads(result.stdout)["status"] == status
        listed = [json.loads(line) for line in run("list").stdout.splitlines()]
        (found,) = (each for each in listed if each["tenant_id"] == made["tenant_id"])
        assert found["status"] == status


def test_a_tenant_that_there_is_not_is_refused(run: Run) -> None:
    refused = run("suspend", "nobody")
    assert refused.exit_code == 1
    assert refused.stderr == "Error: There is no tenant nobody.\n"


def test_built_in_roles_are_refreshed_in_every_tenant(
    run: Run, identity: ServiceHarness[IdentityTx]
) -> None:
    made = create(run)
    before = len(identity.facts(made["tenant_id"]))
    assert json.loads(run("refresh-roles").stdout)["tenants"] >= 1
    assert len(identity.facts(made["tenant_id"])) == before


def test_a_missing_setting_is_named(run: Run) -> None:
    refused = run("list", RAPPORT_SIGNING_SECRET=None)
    assert refused.exit_code == 1
    assert "RAPPORT_SIGNING_SECRET: Field required" in refused.stderr
