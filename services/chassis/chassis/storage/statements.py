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
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from chassis.storage.driver import Driver

DIALECT: sa.Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with named parameters in the driver's style: `%(name)s`."""

    sql: str

    @property
    def is_insert(self) -> bool:
        """Whether it adds rows and gives none back."""
        return self.sql.startswith("INSERT") and "RETURNING" not in self.sql

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
        """Run what waits; with `commit` the last round trip commits, too, if it leaves nothing to check.

        Raises the driver's error of the first that fails, `StaleWrite` for a guarded one that
        touched no row. Inserts by themselves become one statement, and rows for one table become
        one insert: what the driver does for each statement costs more than what PostgreSQL does for it.
        """
        if not self._waiting:
            return
        waiting, self._waiting = _gathered(self._waiting), []
        driver = Driver.of(connection)
        can_be_merged = _can_be_merged(waiting)
        unguarded = not any(write.guarded for write in waiting)
        if commit and unguarded and (can_be_merged or len(waiting) == 1):
            one = _as_one(waiting) if can_be_merged else waiting[0]
            driver.commit_after(one.statement.sql, one.parameters)
            return
        if can_be_merged:
            one = _as_one(waiting)
            touched = list(driver.fetch(one.statement.sql, one.parameters)[0].values())
        else:
            touched = [driver.write(w.statement.sql, w.parameters) for w in waiting]
        for write, rows in zip(waiting, touched, strict=True):
            if write.guarded and rows != 1:
                raise StaleWrite

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
_MERGED_AT_MOST = 12


def _can_be_merged(writes: list[_Write]) -> bool:
    """Whether all are inserts, and none may meet a row that another of its kind adds."""
    if not 1 < len(writes) <= _MERGED_AT_MOST or not all(w.statement.is_insert for w in writes):
        return False
    changing = [w.statement for w in writes if " DO UPDATE " in w.statement.sql]
    return len(changing) == len(set(changing))


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


def _as_one(writes: list[_Write]) -> _Write:
    """Inserts as one statement, which gives how many rows each has touched.

    They are parts of one `WITH`, which PostgreSQL all runs; foreign keys between their tables are
    checked at its end. Changes and deletions are not merged, since the parts do not see each
    other's effects.
    """
    parameters = {
        f"w{place}_{name}": value
        for place, write in enumerate(writes)
        for name, value in write.parameters.items()
    }
    merged = _merged(tuple(write.statement for write in writes))
    return _Write(merged, parameters, guarded=False)


@lru_cache(maxsize=1000)
def _merged(statements: tuple[Statement, ...]) -> Statement:
    parts = []
    for place, statement in enumerate(statements):
        own = _PARAMETER.sub(f"%(w{place}_{_NAME})s", statement.sql)
        parts.append(f"w{place} AS ({own} RETURNING 1)")
    # The statements are our own; values are parameters throughout.
    counts = [f"(SELECT count(*) FROM w{n}) AS w{n}" for n in range(len(statements))]  # noqa: S608
    return Statement(f"WITH {', '.join(parts)} SELECT {', '.join(counts)}")


_PARAMETER = re.compile(r"%\((\w+)\)s")
_NAME = r"\1"
_INSERT = re.compile(
    r"(INSERT INTO [\w.\"]+ \([^()]*\) VALUES )(\(.+?\))((?: ON CONFLICT(?: \([^()]*\))? DO NOTHING)?)"
)
"""An insert of one row whose rows may be several: one that changes rows might meet one of its own."""


class StaleWrite(Exception):
    """A row that was to be changed is not as it was."""
