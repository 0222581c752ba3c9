"""What a cluster runs before a service serves: the database is made, prepared and waited for, each from nothing."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from click.testing import CliRunner

from chassis.command import service_command
from chassis.description import Description
from chassis.embedded.nats import NatsServer
from chassis.embedded.nats_permissions import provisioner_permissions
from chassis.embedded.postgres import PostgresServer
from chassis.embedded.processes import free_port
from chassis.serving import kill_timeout
from chassis.storage.migrate import migrate
from chassis.waiting import still_missing

PASSWORD = "p@ss/word: %"  # every character that an address has to quote
IN_URL = "p%40ss%2Fword%3A%20%25"
REVISION = """
revision = {own!r}
down_revision = {before!r}
def upgrade():
    from alembic import op
    op.execute("CREATE TABLE t{own} (id int)")
"""


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """Two revisions that create a table each."""
    versions = tmp_path / "migrations/versions"
    versions.mkdir(parents=True)
    for own, before in (("0001", None), ("0002", "0001")):
        text = REVISION.format(own=own, before=before)
        (versions / f"{own}_table.py").write_text(text, encoding="utf-8")
    return versions.parent


def addresses(server: str, database: str) -> dict[str, str]:
    """The variables with the addresses of the three logins of the service `shed`."""
    return {
        variable: f"postgresql://shed_{login}:{IN_URL}@{server}/{database}"
        for variable, login in (
            ("RAPPORT_DATABASE_OWNER_URL", "owner"),
            ("RAPPORT_DATABASE_URL", "runtime"),
            ("RAPPORT_DATABASE_SYSTEM_URL", "system"),
        )
    }


@pytest.fixture
def variables(postgres: PostgresServer) -> dict[str, str]:
    """The addresses of a database that is not there yet, and an administrator's."""
    admin = {"RAPPORT_DATABASE_ADMIN_URL": postgres.admin_dsn()}
    return admin | addresses(f"127.0.0.1:{postgres.port}", f"shed_{uuid4().hex}")


def invoke(migrations: Path, words: str, variables: dict[str, str]) -> tuple[int, str]:
    """Run a command of the service `shed`; gives its exit code and what it says."""
    description = Description("shed", "1.0.0", "Keeps things.", migrations)
    answer = CliRunner().invoke(service_command(description), words.split(), env=variables)
    return answer.exit_code, answer.output


def test_a_database_is_created_with_logins_that_can_then_prepare_it(
    migrations: Path, variables: dict[str, str]
) -> None:
    code, said = invoke(migrations, "create-database", variables)
    assert code == 0, said
    again, _ = invoke(migrations, "create-database", variables)
    assert again == 0
    migrate(variables["RAPPORT_DATABASE_OWNER_URL"], migrations)
    for name in ("RAPPORT_DATABASE_URL", "RAPPORT_DATABASE_SYSTEM_URL"):
        with psycopg.connect(variables[name]) as connection:
            assert connection.info.password == PASSWORD


def test_an_address_of_another_login_is_refused_by_name(
    migrations: Path, variables: dict[str, str]
) -> None:
    wrong = variables["RAPPORT_DATABASE_URL"].replace("shed_runtime", "postgres")
    code, said = invoke(migrations, "create-database", variables | {"RAPPORT_DATABASE_URL": wrong})
    assert (code, said) == (
        1,
        "Error: RAPPORT_DATABASE_URL is not the address of the login shed_runtime with its password\n",
    )


def test_addresses_of_two_databases_are_refused(
    migrations: Path, variables: dict[str, str]
) -> None:
    other = addresses("127.0.0.1:1", "elsewhere")["RAPPORT_DATABASE_SYSTEM_URL"]
    given = variables | {"RAPPORT_DATABASE_SYSTEM_URL": other}
    code, said = invoke(migrations, "create-database", given)
    assert code == 1
    assert "do not name one and the same database" in said


@pytest.mark.parametrize("command", ["create-database", "await-prepared"])
def test_a_server_that_does_not_answer_is_named_without_its_password(
    migrations: Path, command: str
) -> None:
    nobody = {
        "RAPPORT_DATABASE_ADMIN_URL": "postgresql://postgres:secret-word@127.0.0.1:1/postgres"
    }
    code, said = invoke(migrations, command, addresses("127.0.0.1:1", "shed") | nobody)
    assert code == 1
    assert "the database does not answer: " in said
    assert "secret-word" not in said
    assert IN_URL not in said


def test_a_service_waits_until_its_own_revision_is_there(
    migrations: Path, variables: dict[str, str]
) -> None:
    owner = variables["RAPPORT_DATABASE_OWNER_URL"]
    invoke(migrations, "create-database", variables)
    code, said = invoke(migrations, "await-prepared", variables)
    assert code == 1
    assert "was not migrated" in said
    migrate(owner, migrations, "0001")
    code, said = invoke(migrations, "await-prepared", variables)
    assert (code, said) == (
        1,
        "Error: not prepared after 0 s: the database is at 0001, and this version needs 0002\n",
    )
    catching_up = threading.Thread(target=migrate, args=(owner, migrations))
    catching_up.start()
    code, said = invoke(migrations, "await-prepared --seconds 30", variables)
    catching_up.join()
    assert (code, said) == (0, "shed: the database is prepared\n")


def test_the_version_before_may_serve_on_a_newer_database(
    migrations: Path, variables: dict[str, str], tmp_path: Path
) -> None:
    invoke(migrations, "create-database", variables)
    migrate(variables["RAPPORT_DATABASE_OWNER_URL"], migrations)
    before = tmp_path / "before"
    shutil.copytree(migrations, before)
    (before / "versions/0002_table.py").unlink()
    code, said = invoke(before, "migrate", variables)
    assert (code, said) == (
        0,
        "shed: the database is at 0002, which this version does not know; it is left as it is\n",
    )
    code, said = invoke(before, "await-prepared", variables)
    assert code == 0, said
    code, said = invoke(migrations, "migrate", variables)
    assert (code, said) == (0, "shed: database is at head\n")


def test_prepare_waits_for_a_broker_that_comes_later(
    migrations: Path, variables: dict[str, str], tmp_path: Path
) -> None:
    invoke(migrations, "create-database", variables)
    port = free_port()
    given = variables | {
        "RAPPORT_NATS_URL": f"nats://127.0.0.1:{port}",
        "RAPPORT_PROVISIONER_USER": "provisioner",
        "RAPPORT_PROVISIONER_PASSWORD": "provisioner-password",
    }
    code, said = invoke(migrations, "prepare", given)
    assert code == 1
    assert "nothing was provisioned" in said
    users = [provisioner_permissions("provisioner-password")]
    broker = NatsServer(tmp_path / "nats", port, free_port(), users, throwaway=True)
    starting = threading.Thread(target=broker.start)
    starting.start()
    try:
        code, said = invoke(migrations, "prepare --seconds 30", given)
    finally:
        starting.join()
        broker.kill()
    assert code == 0, said


def test_waiting_asks_once_even_without_any_time_and_says_what_is_missing() -> None:
    answers = iter(["a table", None])
    assert still_missing(lambda: next(answers), 0) == "a table"
    assert still_missing(lambda: next(answers), 0) is None


def test_a_worker_is_killed_only_after_its_drain() -> None:
    assert kill_timeout(10) == 15
    assert kill_timeout(0.5) > 5
