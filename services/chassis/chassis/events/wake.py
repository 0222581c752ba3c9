"""Tells the relay, or who else waits, that something was committed: after the commit, never inside.

A NOTIFY inside the committing transaction takes a lock over the whole database until the commit is
written, so that all writers would wait for each other.
"""

from __future__ import annotations

import logging
import threading

import psycopg

from chassis.storage.database import Database

log = logging.getLogger("chassis.events")

CHANNEL = "outbox"
_SPACING = 0.02
"""Seconds between two notifications: the first goes at once; under load, many commits share one."""


class Waker:
    """Wakes whoever listens on a channel, in whichever process: the relay, unless said otherwise.

    What is lost here, the listener finds by itself.
    """

    def __init__(self, database: Database, channel: str = CHANNEL) -> None:
        self._dsn = database.system_dsn
        self._channel = channel
        self._due = threading.Event()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Say that there is something to publish; returns at once, from any thread."""
        self._due.set()
        if self._thread is None:
            self._start()

    def close(self) -> None:
        """Send what is due and end."""
        with self._lock:
            self._closing.set()
            thread = self._thread
        if thread is not None:
            self._due.set()
            thread.join(5)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(target=self._run, name="waker", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._due.wait()
            try:
                self._notify_until_closed()
            except psycopg.Error as error:
                # Whoever is to be woken looks by itself, too.
                log.debug("no notification could be sent: %s", error)
                self._closing.wait(1)

    def _notify_until_closed(self) -> None:
        # Nothing is lost with a notification, so it need not wait for the disk.
        with psycopg.connect(
            self._dsn,
            autocommit=True,
            connect_timeout=5,
            application_name="waker",
            options="-c synchronous_commit=off -c statement_timeout=5000",
        ) as connection:
            while True:
                self._due.wait()
                self._due.clear()
                connection.execute(f"NOTIFY {self._channel}")
                if self._closing.wait(_SPACING):
                    return
