"""Checks of a service's database: reachable, migrated, its logins' rights, isolation, character type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from alembic.config import Config
from alembic.script import ScriptDirectory

from chassis.description import Description
from rapport_operator.deployment import ServiceAccess
from rapport_operator.descriptions import description_of
from rapport_operator.errors import OperatorError
from rapport_operator.findings import Finding, well, wrong

Connection = psycopg.Connection[Any]

_RIGHTS = """
SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb,
       (SELECT count(*) FROM pg_class WHERE relowner = role.oid)
FROM pg_roles AS role WHERE rolname = current_user
"""
_UNPROTECTED = """
SELECT c.relname FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = 'public'
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p')
  AND has_table_privilege(current_user, c.oid, 'SELECT, INSERT, UPDATE, DELETE')
  AND (NOT c.relrowsecurity OR NOT EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = c.oid))
ORDER BY c.relname
"""
_CHARACTERS = """
SELECT pg_encoding_to_char(encoding), datctype, '王' ~ '^[[:alpha:]]$' FROM pg_database
WHERE datname = current_database()
"""


def check_database(name: str, service: ServiceAccess) -> Iterator[Finding]:
    """All checks of one service's database; only the first when it is not reached."""
    try:
        with _connect(service.database_url.get_secret_value()) as connection:
            yield well("database", name, "reached")
            yield _rights("runtime login", name, connection)
            yield _isolation(name, connection)
            yield _characters(name, connection)
        with _connect(service.database_system_url.get_secret_value()) as connection:
            yield _rights("system login", name, connection)
    except psycopg.Error as error:
        yield wrong(
            "database",
            name,
            " ".join(str(error).split()),
            "start PostgreSQL, or set the address and password in the deployment's description right",
        )
        return
    yield _migrations(name, service)


def _connect(url: str) -> Connection:
    return psycopg.connect(
        url, connect_timeout=5, autocommit=True, application_name="rapport-operator"
    )


def _rights(check: str, name: str, connection: Connection) -> Finding:
    login, is_mighty, owned = _one(connection, _RIGHTS)
    if is_mighty:
        return wrong(
            check,
            name,
            f"{login} is a superuser, or may bypass row-level security or make roles or databases",
            f'ALTER ROLE "{login}" NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB',
        )
    if owned:
        return wrong(
            check,
            name,
            f"{login} owns {owned} relations, whose policies do not hold for an owner",
            f'as the owner login: REASSIGN OWNED BY "{login}" TO "{login.rpartition("_")[0]}_owner"',
        )
    return well(check, name, f"{login} owns nothing and cannot bypass row-level security")


def _isolation(name: str, connection: Connection) -> Finding:
    tables = [row[0] for row in connection.execute(_UNPROTECTED)]
    if tables:
        return wrong(
            "row-level security",
            name,
            f"no policy protects {', '.join(tables)}",
            "call chassis.storage.ddl.protect for each in a migration",
        )
    return well("row-level security", name, "on every table with tenant_id")


def _characters(name: str, connection: Connection) -> Finding:
    encoding, character_type, knows_chinese = _one(connection, _CHARACTERS)
    if encoding != "UTF8" or not knows_chinese:
        return wrong(
            "character type",
            name,
            f"{encoding} with {character_type} knows no Chinese letters: searches find nothing",
            "create the cluster with --locale-provider=builtin --builtin-locale=C.UTF-8 "
            "--lc-ctype=C.UTF-8, and restore into it",
        )
    return well("character type", name, f"{encoding} with {character_type}")


def _migrations(name: str, service: ServiceAccess) -> Finding:
    if service.database_owner_url is None:
        return well("migrations", name, "not looked at: no database_owner_url is given")
    try:
        head = _head(description_of(name))
        with _connect(service.database_owner_url.get_secret_value()) as connection:
            current = {
                row[0] for row in connection.execute("SELECT version_num FROM alembic_version")
            }
    except (psycopg.Error, OperatorError) as error:
        return wrong("migrations", name, " ".join(str(error).split()), f"python -m {name} migrate")
    if current != {head}:
        said = f"the database is at {', '.join(sorted(current)) or 'nothing'}, and {head} is the newest"
        return wrong("migrations", name, said, f"python -m {name.replace('-', '_')} migrate")
    return well("migrations", name, f"at {head}")


def _head(description: Description) -> str:
    config = Config()
    config.set_main_option("script_location", str(description.migrations))
    config.set_main_option("path_separator", "os")
    return str(ScriptDirectory.from_config(config).get_current_head())


def _one(connection: Connection, question: str) -> tuple[Any, ...]:
    row = connection.execute(question).fetchone()
    if row is None:
        raise psycopg.DataError(f"no answer to {question.split()[0:4]}")
    return tuple(row)
