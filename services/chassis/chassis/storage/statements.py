"""Statements that are compiled once and written in batches: many writes, one round trip.

SQLAlchemy builds them; at run time they go straight to the driver. A create makes some ten
statements, and what SQLAlchemy does for each execution costs several times what the driver needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import orjson
import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from chassis.storage.driver import Driver

DIALECT: sa.Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with named parameters in the driver's style: `%(name)s`."""

    sql: str

    @property
    def takes_rows(self) -> bool:
        """Whether it inserts one row, and could as well insert several."""
        return _parts(self.sql) is not None

    @classmethod
    def of(cls, clause: sa.ClauseElement, columns: list[str] | None = None) -> Statement:
        """Compile a statement whose parameters are all bound by name.

        `columns` are those that an insert without values fills.
        """
        return cls(str(clause.compile(dialect=DIALECT, column_keys=columns)))


def json_text(value: Any) -> str:
    """A value for a JSON column; dataclasses are written as their fields."""
    return orjson.dumps(value, default=dict).decode()


@dataclass(frozen=True, slots=True)
class _Write:
    statement: Statement
    parameters: Mapping[str, Any]
    guarded: bool


class Writes:
    """Writes that wait to be sent together, in the order in which they were added."""

    def __init__(self) -> None:
        self._waiting: list[_Write] = []

    def add(
        self, statement: Statement, parameters: Mapping[str, Any], *, guarded: bool = False
    ) -> None:
        """Have a statement run; a guarded one has to touch exactly one row."""
        self._waiting.append(_Write(statement, parameters, guarded))

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._waiting)

    def send(self, connection: sa.Connection, *, commit: bool = False) -> None:
        """Run what waits, each statement after the one before; with `commit` the last round trip commits.

        Raises the driver's error of the first that fails, `StaleWrite` for a guarded one that did
        not touch one row. Rows for one table become one insert, and all statements one round trip:
        these cost more than what PostgreSQL does for each.
        """
        if not self._waiting:
            return
        waiting, self._waiting = _gathered(self._waiting), []
        driver = Driver.of(connection)
        if len(waiting) == 1 and not commit:
            (only,) = waiting
            if driver.write(only.statement.sql, only.parameters) != 1 and only.guarded:
                raise StaleWrite
            return
        texts = [(_sent(w.statement, guarded=w.guarded), w.parameters) for w in waiting]
        for start in range(0, len(texts), _TOGETHER):
            some = texts[start : start + _TOGETHER]
            try:
                driver.write_together(some, commit=commit and start + _TOGETHER >= len(texts))
            except psycopg.errors.InvalidTextRepresentation as error:
                if _STALE in str(error.diag.message_primary):
                    raise StaleWrite from error
                raise

    @contextmanager
    def apart(self, connection: sa.Connection) -> Iterator[None]:
        """A savepoint around a block: when it fails, what it wrote is undone and what waits dropped."""
        driver = Driver.of(connection)
        driver.command(b"SAVEPOINT apart")
        try:
            yield
        except Exception:
            self._waiting.clear()
            driver.command(b"ROLLBACK TO SAVEPOINT apart; RELEASE SAVEPOINT apart")
            raise
        driver.command(b"RELEASE SAVEPOINT apart")


_ROWS_AT_MOST = 64
_TOGETHER = 50
"""How many statements one round trip takes at most: their text is held twice, here and there."""
_STALE = "a guarded write did not touch one row"


@lru_cache(maxsize=2000)
def _sent(statement: Statement, *, guarded: bool) -> str:
    """The text that runs among others: a guarded one then fails by itself, before what follows.

    Only the last of several results comes back, so nobody could count rows. What is no number is
    found out when it is counted, and not before, since the text depends on the count.
    """
    if not guarded:
        return statement.sql
    counted = f"CASE count(*) WHEN 1 THEN '1' ELSE '{_STALE}' END"
    # The statements are our own; values are parameters throughout.
    return (
        f"WITH touched AS ({statement.sql} RETURNING 1)"  # noqa: S608
        f" SELECT ({counted})::integer FROM touched"
    )


def _gathered(writes: list[_Write]) -> list[_Write]:
    """The same writes, with inserts of one kind that follow each other as one insert of several rows."""
    if len(writes) < 2:
        return writes
    gathered: list[_Write] = []
    for (statement, guarded), alike in groupby(writes, lambda one: (one.statement, one.guarded)):
        run = list(alike)
        if len(run) > 1 and not guarded and statement.takes_rows:
            gathered += _inserts(statement, [write.parameters for write in run])
        else:
            gathered += run
    return gathered


def _inserts(statement: Statement, rows: list[Mapping[str, Any]]) -> Iterator[_Write]:
    """Inserts of 64 rows, 32, 16 and so on: few different texts, so that each is prepared once."""
    while rows:
        count = min(_ROWS_AT_MOST, 1 << (len(rows).bit_length() - 1))
        taken, rows = rows[:count], rows[count:]
        if count == 1:
            yield _Write(statement, taken[0], guarded=False)
            return
        parameters = {
            f"r{place}_{name}": value
            for place, row in enumerate(taken)
            for name, value in row.items()
        }
        yield _Write(_with_rows(statement, count), parameters, guarded=False)


@lru_cache(maxsize=1000)
def _parts(sql: str) -> tuple[str, str, str] | None:
    """What stands before an insert's only row, the row, and what stands behind; None for others."""
    found = _INSERT.fullmatch(sql)
    return None if found is None else (found[1], found[2], found[3])


@lru_cache(maxsize=1000)
def _with_rows(statement: Statement, count: int) -> Statement:
    before, row, after = _parts(statement.sql) or ("", statement.sql, "")
    rows = (_PARAMETER.sub(f"%(r{place}_{_NAME})s", row) for place in range(count))
    return Statement(f"{before}{', '.join(rows)}{after}")


_PARAMETER = re.compile(r"%\((\w+)\)s")
_NAME = r"\1"
_INSERT = re.compile(
    r"(INSERT INTO [\w.\"]+ \([^()]*\) VALUES )(\(.+?\))((?: ON CONFLICT(?: \([^()]*\))? DO NOTHING)?)"
)
"""An insert of one row whose rows may be several: one that changes rows might meet one of its own."""


class StaleWrite(Exception):
    """A row that was to be changed is not as it was."""
