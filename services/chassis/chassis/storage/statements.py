"""Statements that are compiled once and written in batches: many writes, one round trip.

SQLAlchemy builds them; at run time they go straight to the driver. A create makes some ten
statements, and what SQLAlchemy does for each execution costs several times what the driver needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from psycopg.rows import dict_row
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from chassis.storage.database import driver

DIALECT: sa.Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with named parameters in the driver's style: `%(name)s`."""

    sql: str

    @classmethod
    def of(cls, clause: sa.ClauseElement, columns: list[str] | None = None) -> Statement:
        """Compile a statement whose parameters are all bound by name.

        `columns` are those that an insert without values fills.
        """
        return cls(str(clause.compile(dialect=DIALECT, column_keys=columns)))


def json_text(value: Any) -> str:
    """A value for a JSON column; dataclasses are written as their fields."""
    return orjson.dumps(value, default=dict).decode()


def fetch_each(
    connection: sa.Connection, *asked: tuple[Statement, Mapping[str, Any]]
) -> list[dict[str, Any] | None]:
    """The first row of each of several statements, asked in one round trip and run in order."""
    raw = driver(connection)
    with raw.pipeline():
        cursors = [
            raw.cursor(row_factory=dict_row).execute(statement.sql.encode(), parameters)
            for statement, parameters in asked
        ]
        return [cursor.fetchone() for cursor in cursors]


class Writes:
    """Writes that wait to be sent together, in the order in which they were added."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Statement, Mapping[str, Any], bool]] = []

    def add(
        self, statement: Statement, parameters: Mapping[str, Any], *, guarded: bool = False
    ) -> None:
        """Have a statement run; a guarded one has to touch exactly one row."""
        self._waiting.append((statement, parameters, guarded))

    def send(self, connection: sa.Connection) -> None:
        """Run what waits.

        Raises the driver's error of the first that fails, `StaleWrite` for a guarded one that
        touched no row.
        """
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        raw = driver(connection)
        if len(waiting) == 1:
            cursors = [raw.execute(waiting[0][0].sql.encode(), waiting[0][1])]
        else:
            with raw.pipeline():
                cursors = [raw.execute(s.sql.encode(), given) for s, given, _ in waiting]
        for cursor, (_, _, guarded) in zip(cursors, waiting, strict=True):
            if guarded and cursor.rowcount != 1:
                raise StaleWrite

    @contextmanager
    def apart(self, connection: sa.Connection) -> Iterator[None]:
        """A savepoint around a block: when it fails, what it wrote is undone and what waits dropped."""
        with driver(connection).transaction():  # a savepoint, since a transaction is open
            try:
                yield
            except Exception:
                self._waiting.clear()
                raise


class StaleWrite(Exception):
    """A row that was to be changed is not as it was."""
