"""Statements straight to libpq, whose calls block outside the interpreter's lock.

psycopg's cursors wait for the socket in Python: of a statement that takes PostgreSQL 50 µs they make
two to three times that, and hand the lock over several times. Values are still converted by psycopg.
"""

from __future__ import annotations

import itertools
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

import psycopg
import sqlalchemy as sa
from psycopg import abc
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, Escaping, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

_KEPT: Final = 300
"""How many prepared statements a connection keeps: those used last."""
_GOOD: Final = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
_GONE: Final = ("26000", "0A000")
"""A prepared statement is not there, or its tables have changed since."""
_FAILED_BEFORE: Final = "25P02"


class Driver:
    """A connection's statements, those used repeatedly prepared.

    Raises psycopg's errors, `OperationalError` when the connection is lost.
    """

    def __init__(self, raw: psycopg.Connection[Any], *, kept: int = _KEPT) -> None:
        self.raw = raw
        self._kept = kept
        self._pgconn = raw.pgconn
        self._escaping = Escaping(raw.pgconn)
        self._prepared: OrderedDict[tuple[bytes, tuple[int, ...]], bytes | None] = OrderedDict()
        self._names = itertools.count()
        self._knows_why = False

    @classmethod
    def of(cls, connection: sa.Connection) -> Driver:
        """The one of this connection, which SQLAlchemy keeps as long as that."""
        info = connection.info
        found: Driver | None = info.get("rapport_driver")
        if found is None:
            raw = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
            info["rapport_driver"] = found = cls(raw)
        return found

    @property
    def is_begun(self) -> bool:
        """Whether a transaction is open, failed ones included."""
        return self._pgconn.transaction_status != TransactionStatus.IDLE

    @property
    def has_failed(self) -> bool:
        """Whether the open transaction can only be rolled back."""
        return self._pgconn.transaction_status == TransactionStatus.INERROR

    def command(self, statement: bytes) -> None:
        """Run one or several statements without parameters."""
        self._checked(self._pgconn.exec_(statement))

    def fetch(self, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows that a statement with named parameters gives, by column name."""
        result, adapter = self._run(sql, parameters)
        return _rows(result, adapter)

    def fetch_unless_all(
        self, count: int, sql: str, parameters: Mapping[str, Any]
    ) -> list[dict[str, Any]] | None:
        """The rows that a statement gives, or None without reading them when they are `count`."""
        result, adapter = self._run(sql, parameters)
        return None if result.ntuples == count else _rows(result, adapter)

    def write(self, sql: str, parameters: Mapping[str, Any]) -> int:
        """Run a statement with named parameters; gives how many rows it touched."""
        result, _ = self._run(sql, parameters)
        return result.command_tuples or 0

    def write_together(
        self, writes: Sequence[tuple[str, Mapping[str, Any]]], *, commit: bool = False
    ) -> None:
        """Run statements one after the other in one round trip, and commit unless one fails.

        Not in libpq's pipeline: psycopg holds the interpreter's lock while it waits for a result of
        that, and the row that PostgreSQL waits for may be another thread's.
        """
        parts = [self._execute(sql, parameters)[0] for sql, parameters in writes]
        if commit:
            parts.append(b"COMMIT")
        self._checked(self._pgconn.exec_(b"; ".join(parts)))

    def fetch_after(
        self, command: bytes, sql: str, parameters: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """The rows of a statement that is one transaction with a command before it: one round trip."""
        execute, adapter = self._execute(sql, parameters)
        result = self._pgconn.exec_(command + b"; " + execute)
        return _rows(self._checked(result), adapter)

    def _execute(self, sql: str, parameters: Mapping[str, Any]) -> tuple[bytes, abc.Transformer]:
        """A prepared statement with its values as text, to be sent with others."""
        adapter = Transformer(self.raw)
        statement = _positional(sql)
        values = adapter.dump_sequence(_values(statement, parameters), statement.texts)
        name = self._name(statement.sql, adapter.types or (), prepare=True) or b""
        quoted = self._escaping.escape_literal
        literals = b", ".join(
            [b"NULL" if value is None else quoted(value) for value in values]  # a list is quicker
        )
        return b"EXECUTE " + name + (b"(" + literals + b")" if values else b""), adapter

    def roll_back(self) -> None:
        """End the open transaction without effect.

        What failed here changes nothing of what is prepared. After other errors psycopg rolls back,
        which forgets what it has prepared: of several statements sent at once it may believe some to
        be prepared that never arrived.
        """
        if self.has_failed and not self._knows_why:
            self.raw.rollback()
            self.command(b"DEALLOCATE ALL")
            self._prepared.clear()
        else:
            self.command(b"ROLLBACK")

    def _run(self, sql: str, parameters: Mapping[str, Any]) -> tuple[PGresult, abc.Transformer]:
        adapter = Transformer(self.raw)
        statement = _positional(sql)
        values = adapter.dump_sequence(_values(statement, parameters), statement.formats)
        types = adapter.types or ()
        name = self._name(statement.sql, types)
        if name is None:
            result = self._pgconn.exec_params(statement.sql, values, types, adapter.formats)
        else:  # None is NULL here, too, though its type does not say so
            given = cast("Sequence[abc.Buffer]", values)
            result = self._pgconn.exec_prepared(name, given, adapter.formats)
        return self._checked(result), adapter

    def _name(self, sql: bytes, types: tuple[int, ...], *, prepare: bool = False) -> bytes | None:
        """The name of the prepared statement; None for one that is run for the first time."""
        key = (sql, types)
        name = self._prepared.get(key)
        if name is not None:
            self._prepared.move_to_end(key)
            return name
        if prepare or key in self._prepared:
            name = f"rapport_{next(self._names)}".encode()
            self._checked(self._pgconn.prepare(name, sql, types))
        self._prepared[key] = name
        self._prepared.move_to_end(key)
        if len(self._prepared) > self._kept:
            _, oldest = self._prepared.popitem(last=False)
            if oldest is not None:
                self.command(b"DEALLOCATE " + oldest)
        return name

    def _checked(self, result: PGresult) -> PGresult:
        if result.status in _GOOD:
            self._knows_why = False
            return result
        if self._pgconn.status == ConnStatus.BAD:
            raise psycopg.OperationalError(result.get_error_message() or "the connection is lost")
        error = error_from_result(result, encoding="utf-8")
        if error.sqlstate in _GONE:
            self._prepared.clear()
        elif error.sqlstate != _FAILED_BEFORE:
            self._knows_why = True
        raise error


class _Positional(NamedTuple):
    """A statement with `$1`, and which named parameter each of those is."""

    sql: bytes
    names: tuple[str, ...]
    formats: Sequence[PyFormat]
    texts: Sequence[PyFormat]


@lru_cache(maxsize=2000)
def _positional(sql: str) -> _Positional:
    places: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        if found[1] is None:
            return "%"
        return f"${places.setdefault(found[1], len(places) + 1)}"

    numbers = _PARAMETER.sub(numbered, sql).encode()
    count = len(places)
    return _Positional(numbers, tuple(places), [PyFormat.AUTO] * count, [PyFormat.TEXT] * count)


_PARAMETER = re.compile(r"%%|%\((\w+)\)s")


def _values(statement: _Positional, parameters: Mapping[str, Any]) -> list[Any]:
    return [parameters[name] for name in statement.names]


def _rows(result: PGresult, adapter: abc.Transformer) -> list[dict[str, Any]]:
    count = result.ntuples
    if not count:
        return []
    adapter.set_pgresult(result)
    names = [(result.fname(place) or b"").decode() for place in range(result.nfields)]
    return adapter.load_rows(0, count, lambda values: dict(zip(names, values, strict=True)))
