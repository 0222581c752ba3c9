"""`audit verify`: what it prints, and with what it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result

from chassis.context import PLATFORM
from chassis.testing.harness import ServiceHarness, TestDatabase, settings_for
from identity.app import build
from identity.audit.commands import audit_commands
from identity.transaction import IdentityTx

from ..builders import Organisation
from .conftest import Log

Run = Callable[..., Result]


@pytest.fixture
def run(database: TestDatabase) -> Run:
    """Runs `audit verify …` with the environment of the service."""
    more = {
        "key_encryption_secret": "a key of the tests that is long enough",
        "password_memory_kib": 1_024,
        "service_clients": "{}",
    }
    given = {f"RAPPORT_{k.upper()}": str(v) for k, v in settings_for(database, **more).items()}
    return lambda *words: CliRunner().invoke(
        audit_commands(build), ("verify", *map(str, words)), env=given
    )


@pytest.fixture
def log(identity: ServiceHarness[IdentityTx], acme: Organisation, database: TestDatabase) -> Log:
    """The log of a tenant that operators know."""
    return Log(identity, database, tenant_id=acme.tenant_id)


def test_an_intact_chain_is_told_with_the_head_to_note(run: Run, log: Log) -> None:
    log.fill(3)
    head = log.verify().head
    told = run("--tenant", log.tenant_id)
    assert told.exit_code == 0
    noted = f"3:{head.hash.hex()}"
    assert told.stdout == f"{log.tenant_id}  intact, 3 entries, head {noted}\n"

    log.fill(2)
    again = run("--tenant", log.tenant_id, "--expect", noted, "--json")
    assert again.exit_code == 0
    assert json.loads(again.stdout)["entries"] == 5


def test_what_belongs_to_no_tenant_is_verified_by_a_name_of_its_own(run: Run, log: Log) -> None:
    replace(log, tenant_id=PLATFORM).fill(2)
    told = run("--tenant", "-", "--json")
    assert told.exit_code == 0
    assert json.loads(told.stdout)["tenant_id"] == str(PLATFORM)
    assert json.loads(told.stdout)["entries"] >= 2


def test_a_broken_chain_ends_with_1_and_names_the_entry(run: Run, log: Log) -> None:
    log.fill(3)
    log.as_owner("UPDATE audit_entries SET actor = 'x' WHERE tenant_id = %(t)s AND number = 2")
    told = run("--tenant", log.tenant_id)
    assert told.exit_code == 1
    assert "BROKEN at entry 2: The content of entry 2 is not what was hashed." in told.stdout
    as_json = json.loads(run("--tenant", log.tenant_id, "--json").stdout)
    assert (as_json["intact"], as_json["broken"]["damage"]) == (False, "altered")


def test_a_chain_that_was_cut_short_with_its_head_is_told_by_a_noted_one(
    run: Run, log: Log
) -> None:
    log.fill(2)
    noted = log.verify().head
    log.as_owner(
        "DELETE FROM audit_entries WHERE tenant_id = %(t)s",
        "DELETE FROM audit_heads WHERE tenant_id = %(t)s",
    )
    assert run("--tenant", log.tenant_id).exit_code == 0
    told = run("--tenant", log.tenant_id, "--expect", f"2:{noted.hash.hex()}")
    assert told.exit_code == 1
    assert "The chain had 2 entries when that was noted, and has 0." in told.stdout


def test_all_chains_are_verified_one_after_the_other(run: Run, log: Log) -> None:
    """Also that of a tenant that has lost its head, or is not registered."""
    stranger = Log(log.identity, log.database)
    stranger.fill(1)
    log.fill(1)
    log.as_owner("DELETE FROM audit_heads WHERE tenant_id = %(t)s")
    told = run("--json")

    found = {each["tenant_id"]: each for each in map(json.loads, told.stdout.splitlines())}
    assert told.exit_code == 1
    assert found[str(stranger.tenant_id)]["intact"] is True
    assert found[str(log.tenant_id)]["broken"]["damage"] == "replaced"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--expect", "3"), "'3' is not NUMBER:HASH with 64 hexadecimal digits"),
        (("--expect", f"3:{'0' * 64}"), "--expect is about one organisation"),
        (("--tenant", "nobody"), "There is no tenant nobody."),
    ],
)
def test_what_it_cannot_do_is_said(run: Run, words: tuple[str, ...], message: str) -> None:
    refused = run(*words)
    assert refused.exit_code != 0
    assert message in refused.stderr
