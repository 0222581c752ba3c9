"""Contacts on a database that says that it has committed, and commits a moment later."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa

from chassis.service import Service
from chassis.storage.database import Database, TenantWork
from chassis.storage.driver import Driver
from contacts.app import build as build_contacts
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx

_LATE_SECONDS = 0.5


class LateDriver(Driver):
    """Commits nothing by the way."""

    def write_together(
        self,
        writes: Sequence[tuple[str, Mapping[str, Any]]],
        *,
        commit: bool = False,  # noqa: ARG002 - that is the bug
    ) -> None:
        """Run the statements, and leave the rest for later."""
        super().write_together(writes)


class HastyDatabase(Database):
    """Its transactions look finished before they are."""

    def __init__(self, settings: ContactsSettings, service: str) -> None:
        super().__init__(settings, service)
        sa.event.listen(self.runtime, "connect", _drive_late)

    @contextmanager
    def tenant_work(self, tenant_id: UUID | None) -> Iterator[TenantWork]:
        """As in the chassis, but for when it commits."""
        assert tenant_id is not None
        work = TenantWork(self.runtime, tenant_id)
        try:
            yield work
        except BaseException:
            for connection in work.opened:
                _end(connection, b"ROLLBACK")
            raise
        for connection in work.opened:
            threading.Timer(_LATE_SECONDS, _end, (connection, b"COMMIT")).start()


def _drive_late(raw: psycopg.Connection[Any], record: sa.pool.ConnectionPoolEntry) -> None:
    record.info["rapport_driver"] = LateDriver(raw)


def _end(connection: sa.Connection, how: bytes) -> None:
    try:
        Driver.of(connection).command(how)
    except psycopg.Error:
        connection.invalidate()
    finally:
        connection.close()


def build(settings: ContactsSettings) -> Service[ContactsTx]:
    """Contacts with this one bug."""
    service = build_contacts(settings)
    roomy = settings.model_copy(update={"database_pool_size": 40})
    hasty = HastyDatabase(roomy, service.description.name)
    service.operations._database = hasty  # noqa: SLF001 - a saboteur breaks in
    return service
