"""Runs a service's migrations as its owner login, one runner at a time."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

_LOCK = 0x52415050  # any number, the same in all versions


def _engine(owner_url: str) -> sa.Engine:
    return sa.create_engine(
        sa.engine.make_url(owner_url).set(drivername="postgresql+psycopg"),
        poolclass=sa.NullPool,
        connect_args={"application_name": "migrations", "connect_timeout": 10},
    )


def migrate(owner_url: str, migrations: Path, revision: str = "head") -> None:
    """Bring the database to `revision`.

    Each migration is its own transaction. A lock that is not had within 5 seconds fails it
    rather than queueing all traffic behind it; running it again goes on where it stopped.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)

    def steps(current: object, _context: object) -> object:
        return script._upgrade_revs(revision, current)  # type: ignore[arg-type]  # noqa: SLF001

    engine = _engine(owner_url)
    with engine.connect() as connection:
        connection.execute(sa.text("SET lock_timeout = '5s'"))
        connection.execute(sa.text("SET statement_timeout = '15min'"))
        connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.commit()
        try:
            with EnvironmentContext(config, script, fn=steps) as environment:  # type: ignore[arg-type]
                environment.configure(connection=connection, transaction_per_migration=True)
                with environment.begin_transaction():
                    environment.run_migrations()
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()
    engine.dispose()


