"""Which of a service's replicas does what only one should do: the one that holds a database lock."""

from __future__ import annotations

import logging

import psycopg

log = logging.getLogger("chassis.work")

_FAMILY = 1380012111
"""The first half of the advisory locks of the chassis; the relay's is another number of it."""


class Leadership:
    """A session lock on a connection of its own.

    It ends with the process or its connection, whatever happens; another replica then takes over.
    For a moment there can be two leaders, if the network holds one's connection up: what a leader
    does has to bear that.
    """

    def __init__(self, dsn: str, number: int) -> None:
        self._dsn = dsn
        self._number = number
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    def is_held(self) -> bool:
        """Whether the lock is held now; tries to take it otherwise."""
        try:
            if self._connection is None:
                return self._taken()
            self._connection.execute("SELECT 1")
        except psycopg.Error:
            log.warning("the lock of the leader was lost or cannot be had")
            self.release()
            return False
        return True

    def release(self) -> None:
        """Let another replica take over."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _taken(self) -> bool:
        connection = psycopg.connect(
            self._dsn,
            autocommit=True,
            connect_timeout=5,
            application_name="leader",
            options="-c statement_timeout=5000",
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
        )
        taken = False
        try:
            statement = "SELECT pg_try_advisory_lock(%s, %s)"
            row = connection.execute(statement, (_FAMILY, self._number)).fetchone()
            taken = row is not None and row[0] is True
        finally:
            if not taken:
                connection.close()
        if taken:
            self._connection = connection
        return taken
