"""The commands of a service: what they do, what they say when they cannot, and how little they import."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from chassis.command import service_command
from chassis.description import Description
from chassis.embedded.databases import ServicePasswords, provision_service_database, service_dsn
from chassis.embedded.nats import throwaway_nats
from chassis.embedded.nats_permissions import provisioner_permissions
from chassis.embedded.postgres import PostgresServer

SAMPLE = {
    "description.py": """
from pathlib import Path
from chassis.description import Description
DESCRIPTION = Description(
    "sample", "1.0.0", "A sample.", Path(__file__).parent, "sample.reactions:SUBSCRIPTIONS"
)
""",
    "reactions.py": """
from types import SimpleNamespace
SUBSCRIPTIONS = [SimpleNamespace(producer="shop", types=["rapport.shop.events.v1.Sold"])]
""",
    "app.py": """
import click
def build(settings):
    raise NotImplementedError
def greeting(build):
    return click.Command("greet", callback=lambda: click.echo(f"with {build.__name__}"))
""",
    "__main__.py": """
import json, sys
from chassis.command import service_command
from sample.description import DESCRIPTION
try:
    service_command(DESCRIPTION, own={"greet": "sample.app:greeting"})()
finally:
    json.dump(sorted(sys.modules), sys.stderr)
""",
    "versions/0001_tables.py": """
from alembic import op
from chassis.storage.ddl import create_chassis_tables
revision = "0001"
down_revision = None
def upgrade():
    create_chassis_tables()
    op.execute("CREATE TABLE things (id int)")
""",
}
FOR_SERVING = {"flask", "granian", "grpc", "httpx", "joserfc", "opentelemetry.sdk", "sample.app"}
NOBODY = {
    "RAPPORT_DATABASE_OWNER_URL": "postgresql://ground_owner:secret-word@127.0.0.1:1/ground",
    "RAPPORT_NATS_URL": "nats://127.0.0.1:1",
    "RAPPORT_PROVISIONER_USER": "provisioner",
    "RAPPORT_PROVISIONER_PASSWORD": "secret-word",
}


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A folder with a service that is a package of its own."""
    for name, text in SAMPLE.items():
        path = tmp_path / "sample" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def run(folder: Path, word: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m sample <word>`."""
    return subprocess.run(
        [sys.executable, "-m", "sample", word],
        env={**os.environ, "PYTHONPATH": str(folder), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def invoke(word: str, **variables: str) -> tuple[int, str]:
    """Run a command of a service that has no code; gives its exit code and what it says."""
    description = Description("ground", "1.0.0", "Nothing.", Path("nowhere"))
    answer = CliRunner().invoke(service_command(description), word.split(), env=variables)
    return answer.exit_code, answer.output


def test_prepare_makes_tables_and_streams_without_importing_what_serves(
    sample: Path, postgres: PostgresServer
) -> None:
    admin = postgres.admin_dsn()
    provision_service_database(admin, "sample", ServicePasswords("owner", "runtime", "system"))
    users = [provisioner_permissions("provisioner-password")]
    with throwaway_nats(sample / "nats", users) as broker:
        answer = run(
            sample,
            "prepare",
            RAPPORT_DATABASE_OWNER_URL=service_dsn(admin, "sample", "sample_owner", "owner"),
            RAPPORT_NATS_URL=broker.url,
            RAPPORT_PROVISIONER_USER="provisioner",
            RAPPORT_PROVISIONER_PASSWORD="provisioner-password",
        )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines() == [
        "sample: database is at head",
        "sample: streams and consumers are provisioned",
    ]
    with psycopg.connect(postgres.admin_dsn("sample")) as connection:
        assert connection.execute("SELECT count(*) FROM things").fetchone() == (0,)
    assert FOR_SERVING.isdisjoint(json.loads(answer.stderr))


def test_a_services_own_command_is_listed_and_is_given_build(sample: Path) -> None:
    assert "greet" in run(sample, "--help").stdout
    assert run(sample, "greet").stdout == "with build\n"


def test_streams_are_kept_on_as_many_servers_as_the_environment_says(tmp_path: Path) -> None:
    users = [provisioner_permissions("secret-word")]
    with throwaway_nats(tmp_path, users) as broker:
        there = {**NOBODY, "RAPPORT_NATS_URL": broker.url}
        assert invoke("provision", **there)[0] == 0
        code, said = invoke("provision", **there, RAPPORT_STREAM_REPLICAS="3")
    # This broker is a single server, so that it says that it was asked for more.
    assert code == 1
    assert "replicas > 1 not supported in non-clustered mode" in said


def test_a_number_of_servers_that_no_broker_knows_is_refused() -> None:
    code, said = invoke("provision", **NOBODY, RAPPORT_STREAM_REPLICAS="many")
    assert (code, said) == (1, "Error: RAPPORT_STREAM_REPLICAS is not a number from 1 to 5\n")


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ("prepare", "RAPPORT_PROVISIONER_PASSWORD"),
        ("migrate", "RAPPORT_DATABASE_OWNER_URL"),
        ("provision", "RAPPORT_NATS_URL"),
    ],
)
def test_a_variable_that_is_not_set_is_named_before_anything_is_done(
    command: str, missing: str
) -> None:
    code, said = invoke(command, **{k: v for k, v in NOBODY.items() if k != missing})
    assert (code, said) == (1, f"Error: {missing} is not set\n")


@pytest.mark.parametrize(
    ("command", "beginning"),
    [
        ("migrate", "Error: the database was not migrated: "),
        ("provision", "Error: nothing was provisioned: "),
    ],
)
def test_a_server_that_does_not_answer_is_one_message_without_secrets(
    sample: Path, command: str, beginning: str
) -> None:
    answer = run(sample, command, **NOBODY)
    assert answer.returncode == 1
    assert answer.stderr.startswith(beginning)
    assert "127.0.0.1" in answer.stderr
    assert "secret-word" not in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_role_that_there_is_not_is_refused() -> None:
    code, said = invoke("serve --roles api,singer")
    assert code == 2
    assert "unknown role 'singer': one of api, worker" in said
