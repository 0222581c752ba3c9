"""Contacts on a database that says that it has committed, and commits a moment later."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import sqlalchemy as sa

from chassis.service import Service
from chassis.storage.database import Database
from contacts.app import build as build_contacts
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx

_LATE_SECONDS = 0.5


class HastyDatabase(Database):
    """Its transactions look finished before they are."""

    @contextmanager
    def tenant_transaction(
        self, tenant_id: UUID | None, *, read_only: bool = False
    ) -> Iterator[sa.Connection]:
        """As in the chassis, but for when it commits."""
        mode = " READ ONLY" if read_only else ""
        connection = self.runtime.connect()
        connection.exec_driver_sql(f"BEGIN{mode}")
        connection.exec_driver_sql(f"SET LOCAL app.tenant = '{tenant_id}'")
        try:
            yield connection
        except BaseException:
            _end(connection, "ROLLBACK")
            raise
        threading.Timer(_LATE_SECONDS, _end, (connection, "COMMIT")).start()


def _end(connection: sa.Connection, how: str) -> None:
    try:
        connection.exec_driver_sql(how)
    except sa.exc.DBAPIError:
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
