"""Which job does what to an import."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.domain import Clock
from chassis.storage.unit_of_work import Operations
from chassis.work.jobs import JobHandler
from contacts.imports.flows import ImportAnalysing
from contacts.imports.operations import ANALYSE, CHECK, RUN, UNDO
from contacts.imports.running import BATCH, ImportRunning
from contacts.imports.undoing import ImportUndoing
from contacts.peers import Users
from contacts.transaction import ContactsTx


def import_jobs(
    operations: Operations[ContactsTx], users: Users, clock: Clock, *, batch: int = BATCH
) -> Mapping[str, JobHandler]:
    """The handlers of the jobs of imports; `batch` is how many rows are stored together."""
    running = ImportRunning(operations, users, clock, batch=batch)
    return {
        ANALYSE: ImportAnalysing(operations),
        CHECK: running,
        RUN: running,
        UNDO: ImportUndoing(operations, batch=batch),
    }
