"""The job that puts an export together: asks one service after the other, page by page.

Each page is kept together with where the next begins, so a worker that is killed leaves nothing half
told, and another goes on behind the last page. A service that does not answer holds back nobody else,
and is asked again later: an archive without its part is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from chassis.domain import Clock, Conflict, DomainError, Invalid, Unavailable
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations, Reading
from chassis.work.jobs import JobCancelled, JobHandler, JobRun, JobWaits
from contacts.data_exports.domain import (
    DONE,
    PATIENCE,
    SERVICES,
    DataExport,
    PartState,
    person_gone,
    too_large,
    waited_too_long,
)
from contacts.data_exports.operations import EXPORT, complete_export, still_there
from contacts.data_exports.pieces import files_of
from contacts.data_exports.queries import find_export
from contacts.data_exports.sources import Page, PersonalDataSource
from contacts.data_exports.storage import (
    Part,
    begin_part_anew,
    forget_pieces,
    keep_page,
    note_part,
    parts_of,
)
from contacts.transaction import ContactsTx

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class ExportLimits:
    """How long an archive is kept, and how many bytes it may have before it is packed."""

    kept: timedelta
    most_bytes: int


def export_jobs(
    operations: Operations[ContactsTx],
    sources: Mapping[str, PersonalDataSource | None],
    limits: ExportLimits,
    clock: Clock,
) -> Mapping[str, JobHandler]:
    """The handler of these jobs; `sources` has None for a service that is not deployed."""

    def handle(run: JobRun) -> None:
        exporting = _Exporting(operations, sources, limits, clock, run)
        try:
            exporting.run()
        except (Conflict, Invalid, JobCancelled):
            exporting.forget()
            raise

    return {EXPORT: handle}


class _Exporting:
    """One attempt at one export."""

    def __init__(
        self,
        operations: Operations[ContactsTx],
        sources: Mapping[str, PersonalDataSource | None],
        limits: ExportLimits,
        clock: Clock,
        run: JobRun,
    ) -> None:
        self._operations = operations
        self._sources = sources
        self._limits = limits
        self._clock = clock
        self._run = run
        self._id = UUID(run.arguments["export_id"])

    def run(self) -> None:
        """Ask everybody, and make the archive.

        Raises `JobWaits` while somebody does not answer, `Conflict` when that lasts too long, when the
        archive would be too large, and when the person is there no longer.
        """
        while True:
            export = self._read(find_export, self._id)
            if export is None:
                raise person_gone()
            silent = [name for name in SERVICES if not self._is_told(export, name)]
            if silent:
                self._wait_for(silent, export)
            files = files_of(self._read, self._id, check=self._run.check)
            if self._write(self._complete, files):
                return

    def forget(self) -> None:
        """Keep nothing of what was told: it will not become an archive."""
        self._write(forget_pieces, self._id)

    def _wait_for(self, services: Sequence[str], export: DataExport) -> None:
        if self._clock.now() - export.requested_at > PATIENCE:
            raise waited_too_long(services)
        raise JobWaits(f"The export waits for: {', '.join(services)}.")

    def _is_told(self, export: DataExport, service: str) -> bool:
        """Ask one service until it has told all; whether it has."""
        source = self._sources.get(service)
        try:
            part = self._part(service)
            while part.state not in DONE:
                self._run.check()
                if source is None:
                    self._write(_note, self._id, service, PartState.NOT_DEPLOYED, "")
                else:
                    page = source.page(self._run.caller, export.people, part.page_token)
                    self._write(self._keep, part, page)
                part = self._part(service)
        except Unavailable as error:
            self._write(_note, self._id, service, PartState.UNAVAILABLE, error.message)
            return False
        except Invalid as error:
            if not _is_outdated(error):
                raise
            # Another version answers than before; while both do, it may do so again.
            self._write(_begin_anew, self._id, service, error.message)
            return False
        return True

    def _part(self, service: str) -> Part:
        part = self._read(parts_of, self._id).get(service)
        if part is None:
            raise person_gone()
        found: Part = part
        return found

    def _keep(self, tx: ContactsTx, part: Part, page: Page) -> None:
        still_there(tx, self._id)
        known = parts_of(tx, self._id)
        size = sum(one.bytes for one in known.values())
        size += sum(len(piece.content) for piece in page.pieces)
        if size > self._limits.most_bytes:
            raise too_large(self._limits.most_bytes)
        if page.following and page.following == part.page_token:
            message = f"{part.service} tells the same page again and again."
            raise Conflict(message, code="data_export_circle")
        keep_page(tx, self._id, part, page.pieces, page.following)
        told = sum(one.records for one in known.values())
        told += sum(piece.records for piece in page.pieces)
        self._run.progress_in(tx, told, details={"asked": part.service})

    def _complete(self, tx: ContactsTx, files: Any) -> bool:
        complete = complete_export(tx, self._id, files, self._limits.kept)
        if complete:
            records = sum(file.records for file in files)
            self._run.succeed_in(tx, {"export_id": str(self._id), "records": records})
        return complete

    def _read(self, query: Callable[..., Any], *args: Any) -> Any:
        def work(reading: Reading) -> Any:
            return query(reading, *args)

        return self._operations.read(self._run.caller, EVERYTHING, work)

    def _write(self, operation: Callable[..., R], *args: Any) -> R:
        return self._operations.transact(
            self._run.caller, EVERYTHING, EXPORT, lambda tx: operation(tx, *args)
        )


def _note(tx: ContactsTx, export_id: UUID, service: str, state: PartState, detail: str) -> None:
    note_part(tx, export_id, service, state, detail)


def _begin_anew(tx: ContactsTx, export_id: UUID, service: str, detail: str) -> None:
    still_there(tx, export_id)
    begin_part_anew(tx, export_id, service)
    note_part(tx, export_id, service, PartState.UNAVAILABLE, detail)


def _is_outdated(error: DomainError) -> bool:
    return any(one.code == "page_token_outdated" for one in error.violations)
