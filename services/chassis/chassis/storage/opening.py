"""How connections of a pool are opened, and those replaced that died in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from chassis.domain import Unavailable
from chassis.storage.driver import Driver
from chassis.telemetry.metrics import connections_refused


def connected(engine: sa.Engine) -> sa.Connection:
    """A connection of the pool; it may have died there. Raises `Unavailable`."""
    try:
        return engine.connect()
    except (sa.exc.OperationalError, sa.exc.TimeoutError) as error:
        exhausted = isinstance(error, sa.exc.TimeoutError)
        connections_refused.labels("pool_exhausted" if exhausted else "unreachable").inc()
        raise Unavailable("The database cannot be reached.") from error


def attempts(engine: sa.Engine) -> range:
    """Counts down to 0: one attempt for each connection that may have died in the pool, one more.

    A new pool instead would leave connections that others hold at this moment in the old one,
    where nobody closes them.
    """
    return range(cast("QueuePool", engine.pool).size(), -1, -1)


def begun(engine: sa.Engine, begin: str) -> sa.Connection:
    """A connection with its transaction begun; those that died in the pool are replaced."""
    for left in attempts(engine):
        connection = connected(engine)
        try:
            Driver.of(connection).command(begin.encode())
        except psycopg.OperationalError as error:
            connection.invalidate()
            connection.close()
            if not left:
                connections_refused.labels("unreachable").inc()
                raise Unavailable("The database cannot be reached.") from error
        else:
            return connection
    raise AssertionError("unreachable")


def fetched_first(
    engine: sa.Engine,
    opened: list[sa.Connection],
    command: bytes,
    asked: tuple[str, Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """The rows of a connection's first statement, behind a command; those that died are replaced.

    The connection is noted as opened, also when the statement fails.
    """
    for left in attempts(engine):
        connection = connected(engine)
        opened.append(connection)
        driver = Driver.of(connection)
        try:
            return driver.fetch_after(command, *asked)
        except psycopg.OperationalError:
            if not (left and driver.raw.closed):
                raise
            opened.pop()
            connection.invalidate()
            connection.close()
    raise AssertionError("unreachable")
