"""Whether a database has what this version of a service needs, asked as the runtime login before it serves."""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic.config import Config
from alembic.script import ScriptDirectory

_CONNECT_SECONDS = 5


def revisions(migrations: Path) -> ScriptDirectory:
    """The revisions that a service brings along, one file each in `migrations/versions`."""
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def unreachable(url: str) -> str | None:
    """Why the database cannot be used with this login; None if it can."""
    try:
        psycopg.connect(url, connect_timeout=_CONNECT_SECONDS).close()
    except psycopg.OperationalError as error:
        return f"the database does not answer: {_line(error)}"
    return None


def unprepared(url: str, migrations: Path) -> str | None:
    """What the database lacks; None if the service may serve.

    A revision that is not known here is of a newer version, whose tables serve this one too:
    so it is after a roll-back.
    """
    try:
        with psycopg.connect(url, connect_timeout=_CONNECT_SECONDS) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.OperationalError as error:
        return f"the database does not answer: {_line(error)}"
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        return "the database was not migrated by this version, nor by a newer one"
    script = revisions(migrations)
    head = script.get_current_head()
    current = None if row is None else str(row[0])
    older = {revision.revision for revision in script.walk_revisions()} - {head}
    if current is None or current in older:
        return f"the database is at {current or 'nothing'}, and this version needs {head}"
    return None


def _line(error: psycopg.Error) -> str:
    return " ".join(str(error).split())
