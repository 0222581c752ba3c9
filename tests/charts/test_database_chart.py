"""The database server of an evaluation, and the databases of a production: laid out as on one machine, closed to others."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg import sql

from chassis.embedded.databases import (
    ServiceLogins,
    ServicePasswords,
    provision_service_database,
)
from chassis.embedded.postgres import (
    INITDB_OPTIONS,
    PostgresServer,
    postgres_binaries,
    throwaway_postgres,
)
from deploy.tools.cluster_databases import TARGET, with_databases
from rapport_local.services import SERVICES
from tests.architecture.sources import ROOT

from .rendering import Charts, Object, Rendered
from .validation import wrong

ISOLATE = ROOT / "deploy" / "environments" / "manifests" / "isolate.sql"
CASES: dict[str, dict[str, Any]] = {
    "defaults": {},
    "elsewhere": {
        "secretName": "elsewhere",
        "storage": {"className": "fast", "size": "50Gi"},
        "network": {"enabled": False},
        "pods": {"priorityClassName": "business", "annotations": {"team": "crm"}},
    },
}


@pytest.mark.parametrize("case", CASES)
def test_kubernetes_takes_every_object(charts: Charts, case: str) -> None:
    assert wrong(charts.render("postgres", CASES[case])) == []


def container(rendered: Rendered) -> Object:
    """The server's container."""
    stateful = rendered.named("StatefulSet", "rapport-postgres")
    (found,) = stateful["spec"]["template"]["spec"]["containers"]
    result: Object = found
    return result


def test_data_are_laid_out_as_on_one_machine(charts: Charts) -> None:
    variables = {
        one["name"]: one.get("value") for one in container(charts.render("postgres"))["env"]
    }
    assert tuple(variables["POSTGRES_INITDB_ARGS"].split()) == INITDB_OPTIONS
    assert variables["POSTGRES_HOST_AUTH_METHOD"] == "scram-sha-256"


def test_the_password_comes_from_the_secret(charts: Charts) -> None:
    rendered = charts.render("postgres", CASES["elsewhere"])
    (found,) = (one for one in container(rendered)["env"] if one["name"] == "POSTGRES_PASSWORD")
    assert found["valueFrom"] == {"secretKeyRef": {"name": "elsewhere", "key": "password"}}


def test_postgres_takes_every_setting(charts: Charts, tmp_path: Path) -> None:
    """`-C` reads the whole command line, refuses what it does not take, and prints one setting."""
    (tmp_path / "postgresql.conf").touch()
    program, *settings = container(charts.render("postgres"))["args"]
    told = subprocess.run(
        [postgres_binaries() / program, "-C", "max_connections", "-D", tmp_path, *settings],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout) == (0, "300\n"), told.stderr


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"image": {"tag": "17"}}, "at '/image/tag': '17' does not match pattern"),
        ({"storage": {"size": "20"}}, "at '/storage/size'"),
        ({"parameters": {"Jit": "off"}}, "invalid propertyName 'Jit'"),
    ],
)
def test_a_wrong_value_is_refused_and_named(
    charts: Charts, values: dict[str, Any], complaint: str
) -> None:
    assert complaint in charts.refusal("postgres", values)


def test_a_production_has_the_database_and_the_logins_of_every_service() -> None:
    held = TARGET.read_text()
    assert held == with_databases(held), "python -m deploy.tools.cluster_databases writes it anew"
    objects = [one for one in yaml.safe_load_all(held) if one]
    databases = {one["spec"]["name"]: one["spec"] for one in objects if one["kind"] == "Database"}
    assert sorted(databases) == sorted(one.database for one in SERVICES)
    (cluster,) = (one for one in objects if one["kind"] == "Cluster")
    assert {one["cluster"]["name"] for one in databases.values()} == {cluster["metadata"]["name"]}
    roles = {one["name"] for one in cluster["spec"]["managed"]["roles"]}
    assert {one["owner"] for one in databases.values()} < roles
    assert len(roles) == 3 * len(databases)


def test_a_production_lays_its_data_out_as_on_one_machine() -> None:
    (cluster,) = (
        one for one in yaml.safe_load_all(TARGET.read_text()) if one and one["kind"] == "Cluster"
    )
    given = cluster["spec"]["bootstrap"]["initdb"]
    names = {
        "encoding": "encoding",
        "locale": "locale",
        "locale-provider": "localeProvider",
        "builtin-locale": "builtinLocale",
        "lc-ctype": "localeCType",
    }
    options = dict(option.removeprefix("--").split("=") for option in INITDB_OPTIONS)
    assert options.pop("auth") == "scram-sha-256", "the operator's own choice"
    assert {names[option]: value for option, value in options.items()} == {
        name: given[name] for name in names.values()
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A real server."""
    with throwaway_postgres(tmp_path_factory.mktemp("postgres")) as running:
        yield running


def privileges(server: PostgresServer, database: str) -> list[tuple[Any, ...]]:
    """Who may do what with a database and its schema, with the service's name left out."""
    question = (
        "SELECT replace(datacl::text, %(name)s, '…'), replace(datdba::regrole::text, %(name)s, '…') "
        "FROM pg_database WHERE datname = %(name)s UNION ALL "
        "SELECT replace(nspacl::text, %(name)s, '…'), replace(nspowner::regrole::text, %(name)s, '…') "
        "FROM pg_namespace WHERE nspname = 'public'"
    )
    with psycopg.connect(server.admin_dsn(database)) as connection:
        return connection.execute(question, {"name": database}).fetchall()


def test_a_database_that_an_operator_made_is_closed_as_our_own_are(server: PostgresServer) -> None:
    provision_service_database(server.admin_dsn(), "ours", ServicePasswords("a", "b", "c"))
    logins = ServiceLogins.of("theirs")
    with psycopg.connect(server.admin_dsn(), autocommit=True) as connection:
        for login in (logins.owner, logins.runtime, logins.system):
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(login)))
        connection.execute(f"CREATE DATABASE theirs OWNER {logins.owner}")
    assert privileges(server, "theirs") != privileges(server, "ours")
    for _ in range(2):
        subprocess.run(
            [
                postgres_binaries() / "psql",
                server.admin_dsn("theirs"),
                "--no-psqlrc",
                "--set=database=theirs",
                f"--file={ISOLATE}",
            ],
            check=True,
            capture_output=True,
        )
    assert privileges(server, "theirs") == privileges(server, "ours")
