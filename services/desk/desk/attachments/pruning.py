"""Has files go that are not kept any longer: removed ones, ones attached to nothing, and strays."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import Clock
from chassis.storage.database import Database
from chassis.work.periodic import PeriodicWork
from desk.attachments.domain import LOOSE_FOR
from desk.attachments.files import FileStore

log = logging.getLogger("desk.files")

_STRAY_AFTER = timedelta(days=1)
"""By then whoever wrote a file has written its row as well, or failed."""
_BATCH = 500
_GONE = sa.text(
    """
    DELETE FROM attachments WHERE (tenant_id, id) IN (
        SELECT tenant_id, id FROM attachments
        WHERE removed_at IS NOT NULL OR (message_id IS NULL AND uploaded_at < :before) LIMIT :most)
    AND (removed_at IS NOT NULL OR message_id IS NULL) RETURNING tenant_id, id
    """
)
_KNOWN = sa.text(
    """
    SELECT tenant_id, id FROM unnest(CAST(:tenant_ids AS uuid[]), CAST(:ids AS uuid[])) AS found (tenant_id, id)
    JOIN attachments USING (tenant_id, id)
    """
)


class AttachmentPruning:
    """Deletes rows first and files after: a file without a row is found again, and no row lies."""

    def __init__(self, database: Database, files: FileStore, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    def prune(self) -> int:
        """Have go what was removed, and what nobody attached within a day; gives how many."""
        total = 0
        while True:
            with self._database.system_transaction() as connection:
                before = self._clock.now() - LOOSE_FOR
                rows = connection.execute(_GONE, {"before": before, "most": _BATCH}).all()
            for tenant_id, attachment_id in rows:
                self._files.remove(tenant_id, attachment_id)
            total += len(rows)
            if len(rows) < _BATCH:
                return total

    def sweep(self) -> int:
        """Have go what no row names: written by a process that died, or left by one; gives how many."""
        total, found = 0, self._files.older_than(self._clock.now() - _STRAY_AFTER)
        while some := list(islice(found, _BATCH)):
            for tenant_id, file_id in set(some) - self._known(some):
                self._files.remove(tenant_id, file_id)
                total += 1
        if total:
            log.warning("files without an attachment were removed", extra={"files": total})
        return total

    def _known(self, found: Sequence[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
        """Those, by tenant and id, that there is an attachment for."""
        tenant_ids, ids = zip(*found, strict=True)
        asked = {"tenant_ids": list(tenant_ids), "ids": list(ids)}
        with self._database.system_transaction() as connection:
            return {(row.tenant_id, row.id) for row in connection.execute(_KNOWN, asked)}


def attachment_pruning(
    database: Database, files: FileStore, clock: Clock
) -> Sequence[PeriodicWork]:
    """The periodic work that has files go."""
    pruning = AttachmentPruning(database, files, clock)
    return (
        PeriodicWork("removed attachments", timedelta(minutes=1), pruning.prune),
        PeriodicWork("stray attachments", timedelta(days=1), pruning.sweep),
    )
