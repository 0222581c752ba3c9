"""Runs a service's migrations as its owner login, one runner at a time."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from chassis.storage.prepared import revisions

_LOCK = 0x52415050  # any number, the same in all versions


def _engine(owner_url: str) -> sa.Engine:
    return sa.create_engine(
        sa.engine.make_url(owner_url).set(drivername="postgresql+psycopg"),
        poolclass=sa.NullPool,
        connect_args={"application_name": "migrations", "connect_timeout": 10},
    )


class NewerDatabase(Exception):
    """A newer version has migrated the database; the message names its revision. Nothing was changed."""


def migrate(owner_url: str, migrations: Path, revision: str = "head") -> list[str]:
    """Bring the database up to `revision`; gives the revisions that were run.

    Raises `NewerDatabase` when there is nothing to do for a version as old as this one.

    `migrations/versions` holds one file a revision. Each is its own transaction. A lock that is
    not had within 5 seconds fails it rather than queueing all traffic behind it; running it again
    goes on where it stopped.
    """
    script = revisions(migrations)
    engine = _engine(owner_url)
    done: list[str] = []
    with engine.connect() as connection:
        connection.execute(sa.text("SET lock_timeout = '5s'"))
        connection.execute(sa.text("SET statement_timeout = '15min'"))
        connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.commit()
        try:
            done += _run(connection, script, revision)
            _show_revision(connection)
        finally:
            connection.rollback()
            connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()
    engine.dispose()
    return done


def _show_revision(connection: sa.Connection) -> None:
    """Let the runtime login see how far the database is: it serves nothing before."""
    owner = str(connection.execute(sa.text("SELECT current_user")).scalar_one())
    runtime = f"{owner.removesuffix('_owner')}_runtime"
    known = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :name")
    if connection.execute(known, {"name": runtime}).scalar():
        connection.execute(sa.text(f'GRANT SELECT ON alembic_version TO "{runtime}"'))
    connection.commit()


def _run(connection: sa.Connection, script: ScriptDirectory, revision: str) -> list[str]:
    """Run each outstanding step in a transaction of its own."""
    done: list[str] = []
    known = {step.revision for step in script.walk_revisions()}

    def steps(current: tuple[str, ...] | None, _context: MigrationContext) -> list[object]:
        newer = sorted(set(current or ()) - known)
        if newer:
            raise NewerDatabase(f"the database is at {newer[0]}, which this version does not know")
        outstanding = list(script._upgrade_revs(revision, current or "base"))  # type: ignore[arg-type]  # noqa: SLF001 - what alembic's own upgrade command calls
        done.extend(step.revision.revision for step in outstanding)
        return list(outstanding)

    context = MigrationContext.configure(
        connection, opts={"fn": steps, "transaction_per_migration": True}
    )
    with context.begin_transaction(), Operations.context(context):
        context.run_migrations()
    connection.commit()
    return done
