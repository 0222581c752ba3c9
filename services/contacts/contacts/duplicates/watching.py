"""Compares people soon after they were entered or changed: a part of the role that computes for long.

It waits for an import of the same tenant to end, since both would want the same processor.
"""

from __future__ import annotations

import logging
from uuid import UUID

from chassis.context import Caller, service_caller
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Operations, Reading
from chassis.work.loop import Loop
from contacts.duplicates.comparing import compare_waiting
from contacts.duplicates.merging import merge_all_certain
from contacts.imports.operations import RUN
from contacts.transaction import ContactsTx

log = logging.getLogger("contacts.duplicates")

_AT_ONCE = 200
_POLL_SECONDS = 1.0
_CALLER = Caller(tenant_id=None, subject="contacts", is_service=True)


class Comparing:
    """Compares those who wait for it, tenant by tenant; any number of processes may do so."""

    def __init__(self, operations: Operations[ContactsTx]) -> None:
        self._operations = operations
        self._loop = Loop("comparing", self.run_next)

    def start(self) -> None:
        """Begin; returns at once."""
        self._loop.start()

    def stop(self, timeout: float) -> None:
        """Finish the step in hand; what waits is there for another process."""
        self._loop.stop(timeout)

    def is_healthy(self) -> bool:
        """Whether the thread runs."""
        return self._loop.is_healthy()

    def wake(self) -> None:
        """Look for people who wait now."""
        self._loop.wake()

    def run_next(self) -> float:
        """Compare the next ones of each tenant; gives the seconds until the next look.

        What fails for one tenant is tried again at the next look, and does not hold the others back.
        """
        more = False
        for tenant_id in self._operations.look_up(_CALLER, tenants_waiting):
            if self._loop.stopping:
                return 0
            try:
                more = self._compare(tenant_id) or more
            except Exception:
                log.exception("people were not compared", extra={"tenant": str(tenant_id)})
        return 0 if more else _POLL_SECONDS

    def _compare(self, tenant_id: UUID) -> bool:
        """Whether there may be more."""
        caller = service_caller("contacts", tenant_id)
        compared = self._operations.run(caller, compare_waiting, _AT_ONCE)
        if compared.people < _AT_ONCE:
            merge_all_certain(self._operations, tenant_id, lambda: None)
        return compared.people == _AT_ONCE


def tenants_waiting(reading: Reading) -> list[UUID]:
    """The tenants whose people wait to be compared, and who do not import any at the moment."""
    return [row["tenant_id"] for row in reading.fetch_all(_TENANTS, {"import": RUN})]


_TENANTS = Statement(
    # From one to the next, instead of over all who wait.
    """
    WITH RECURSIVE tenants AS (
        (SELECT tenant_id FROM people_to_compare ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT w.tenant_id FROM people_to_compare AS w
                WHERE w.tenant_id > tenants.tenant_id ORDER BY w.tenant_id LIMIT 1)
        FROM tenants WHERE tenants.tenant_id IS NOT NULL
    )
    SELECT tenant_id FROM tenants WHERE tenant_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM jobs AS j WHERE j.tenant_id = tenants.tenant_id
          AND j.finished_at IS NULL AND j.kind = %(import)s AND j.state = 'running'
    )
    """
)
