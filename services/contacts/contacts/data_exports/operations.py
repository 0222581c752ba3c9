"""What is done to exports of a person's data; each function is one transaction, or part of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from chassis.domain import Conflict, NotFound
from chassis.storage.statements import Statement
from chassis.work.jobs import start_job
from contacts.data_exports.domain import (
    MOST_AT_ONCE,
    SERVICES,
    DataExport,
    ExportedFile,
    person_gone,
)
from contacts.data_exports.storage import add_parts, running, running_of
from contacts.merges.survivors import gone_into
from contacts.transaction import ContactsTx

EXPORT = "export_personal_data"
"""The kind of job that asks everybody."""


def request_export(tx: ContactsTx, person_id: UUID) -> DataExport:
    """Have all that is known of a person be put together; the one that is on its way, if there is one.

    Raises `NotFound`, and `Conflict` when too many are on their way.
    """
    tx.people.get(person_id)  # locked: who asks at the same time finds this one
    known = running_of(tx, person_id)
    if known is not None:
        return tx.data_exports.get(known)
    if running(tx) >= MOST_AT_ONCE:
        message = f"{MOST_AT_ONCE} exports are on their way; wait until one has ended."
        raise Conflict(message, code="data_exports_too_many", retry_after=30)
    export_id = tx.ids.new()
    export = DataExport(
        id=export_id,
        person_id=person_id,
        merged_person_ids=tuple(gone_into(tx, person_id)),
        job_id=start_job(tx, EXPORT, {"export_id": str(export_id)}),
        requested_by=tx.caller.actor,
        requested_at=tx.clock.now(),
    )
    export.request()
    tx.data_exports.add(export)
    tx.flush()  # what hangs on it comes after it
    add_parts(tx, export_id, SERVICES)
    return export


def still_there(tx: ContactsTx, export_id: UUID) -> DataExport:
    """The export, locked. Raises `Conflict` when it went with its person."""
    try:
        return tx.data_exports.get(export_id)
    except NotFound:
        raise person_gone() from None


def complete_export(
    tx: ContactsTx, export_id: UUID, files: Sequence[ExportedFile], kept: timedelta
) -> bool:
    """Make an archive of what everybody has told.

    Not if others were merged into the person meanwhile, or are no more: then all are asked anew, about
    whom it is now. Whether it is complete.
    """
    export = still_there(tx, export_id)
    merged_ids = tuple(gone_into(tx, export.person_id))
    if set(merged_ids) != set(export.merged_person_ids):
        about = {"tenant_id": tx.tenant_id, "id": export_id, "merged_ids": list(merged_ids)}
        tx.write(_MERGED, about)
        add_parts(tx, export_id, SERVICES)
        return False
    export.complete(files, tx.clock.now(), kept)
    return True


def note_download(tx: ContactsTx, export_id: UUID) -> DataExport:
    """Note that somebody takes the archive away. Raises `NotFound`, and `Conflict` when it cannot be had."""
    export = tx.data_exports.get(export_id)
    tx.people.get(export.person_id)  # within reach
    export.download(tx.clock.now())
    about = {
        "tenant_id": tx.tenant_id,
        "id": tx.ids.new(),
        "export_id": export_id,
        "person_id": export.person_id,
        "downloaded_by": tx.caller.actor,
        "downloaded_at": tx.clock.now(),
    }
    tx.write(_DOWNLOADED, about)
    return export


_MERGED = Statement(
    "UPDATE data_exports SET merged_person_ids = %(merged_ids)s"
    " WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
_DOWNLOADED = Statement(
    "INSERT INTO data_export_downloads"
    " (tenant_id, id, export_id, person_id, downloaded_by, downloaded_at) VALUES (%(tenant_id)s,"
    " %(id)s, %(export_id)s, %(person_id)s, %(downloaded_by)s, %(downloaded_at)s)"
)
