"""The job that runs an import, dry or in earnest: batch by batch, each in one transaction.

What is done and what is known to be done are stored together, so a worker that is killed leaves
nothing half done, and another goes on behind the last batch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any
from uuid import UUID

from chassis.domain import Clock, Conflict, Invalid
from chassis.storage.scope import EVERYTHING, Scope
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Operations, Reading
from chassis.work.jobs import JobCancelled, JobRun
from contacts.custom_fields.domain import Definition, RecordKind
from contacts.custom_fields.queries import definitions_of
from contacts.imports.ahead import ahead
from contacts.imports.deciding import counted, decide
from contacts.imports.domain import Counts, Import, ImportState
from contacts.imports.formats.rows import UnreadableFile
from contacts.imports.matching import RunOfRows
from contacts.imports.opening import FileRow, Opened, open_file
from contacts.imports.pieces import UploadedFile
from contacts.imports.preparing import Circumstances, Preparation, Prepared
from contacts.imports.queries import find_import
from contacts.imports.reasons import Reason
from contacts.imports.reports import end_run, keep_batch, read_run
from contacts.peers import Users
from contacts.transaction import ContactsTx

BATCH = 1000
_MOST_CHARACTERS = 4_000_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that are stored together."""

    rows: Sequence[Prepared]


@dataclass(frozen=True, slots=True)
class Work:
    """What running an import takes; `batch` is how many rows are stored together."""

    operations: Operations[ContactsTx]
    users: Users
    clock: Clock
    batch: int


class ImportRunning:
    """Runs imports; the handler of the jobs `run_import` and `check_import`."""

    def __init__(
        self, operations: Operations[ContactsTx], users: Users, clock: Clock, *, batch: int
    ) -> None:
        self._work = Work(operations, users, clock, batch)

    def __call__(self, run: JobRun) -> Mapping[str, Any] | None:
        """Run the import that the job names."""
        return _Attempt(self._work, run).run()


def scope_of(arguments: Mapping[str, Any]) -> Scope:
    """Whose people the one who began the job may see and change."""
    owners = arguments["owners"]
    return Scope(None if owners is None else frozenset(map(UUID, owners)))


class _Attempt:
    """One attempt at one run."""

    def __init__(self, work: Work, run: JobRun) -> None:
        self._work, self._run = work, run
        self._scope = scope_of(run.arguments)
        self._id = UUID(run.arguments["import_id"])
        self._import: Import = self._read(partial(find_import, import_id=self._id))
        dry = self._import.state is ImportState.CHECKING
        self._rows = RunOfRows(self._id, self._import.runs, dry)

    def _read(self, query: Callable[[Reading], Any]) -> Any:
        return self._work.operations.read(self._run.caller, EVERYTHING, query)

    def _write(self, work: Callable[[ContactsTx], Any]) -> Any:
        """Store something in the name of whoever began the job, within their reach."""
        return self._work.operations.transact(self._run.caller, self._scope, self._run.kind, work)

    def run(self) -> Mapping[str, Any] | None:
        working = self._import.state in (ImportState.CHECKING, ImportState.RUNNING)
        if not working or self._import.job_id != self._run.id:
            raise JobCancelled(f"job {self._run.id}")  # and told so already, but for the job
        try:
            self._rows_to_people()
        except JobCancelled:
            self._write(partial(self._end, cancelled=True))
            raise
        except UnreadableFile as error:
            self._write(partial(self._refuse, error=error))
            raise Invalid(str(error), code=error.code) from error
        self._write(partial(self._end, cancelled=False))
        return None

    def _rows_to_people(self) -> None:
        total = self._run.kept.total
        last_row, counts = self._read(
            partial(read_run, import_id=self._id, number=self._rows.number)
        )
        if total is None:
            total = self._count_rows()
        with ahead(self._batches(last_row)) as batches:
            for batch in batches:
                counts = self._store(batch.rows, counts, total)
                self._run.check()

    def _count_rows(self) -> int:
        """Read the file to its end before anything comes of it: if it breaks off, nothing does."""
        count = 0
        opened = self._open()
        try:
            for count, _ in enumerate(opened.rows, 1):
                if count % self._work.batch == 0:
                    self._run.check()
        finally:
            opened.close()
        self._run.progress(0, count)
        return count

    def _open(self) -> Opened:
        file = UploadedFile(self._read, self._id)
        return open_file(file, self._import.reading_options)

    def _batches(self, last_row: int) -> Iterator[Batch]:
        opened = self._open()
        try:
            preparation = Preparation(
                opened, self._import.effective_plan, self._import.reading_options, self._about()
            )
            rows = (row for row in opened.rows if row.number > last_row)
            for some in _grouped(rows, self._work.batch):
                yield Batch(preparation.prepare(some))
        finally:
            opened.close()

    def _about(self) -> Circumstances:
        definitions: Mapping[str, Definition] = self._read(
            partial(definitions_of, kind=RecordKind.PERSON)
        )
        return Circumstances(
            definitions=definitions,
            scope=self._scope,
            user_id=self._run.caller.user_id,
            today=self._work.clock.now().date(),
            absent_users=self._absent_users,
        )

    def _absent_users(self, users: Collection[UUID]) -> Collection[UUID]:
        return self._work.users.absent(self._run.caller, users)

    def _store(self, rows: Sequence[Prepared], counts: Counts, total: int) -> Counts:
        """Store some rows; where others keep getting in the way, in smaller and smaller parts."""
        try:
            stored: Counts = self._write(
                partial(self._stored, rows=rows, before=counts, total=total)
            )
        except Conflict as error:
            if len(rows) == 1:
                if rows[0].person is None:
                    raise
                rows[0].person = None
                rows[0].reasons.append(Reason("", error.code, error.message))
                return self._store(rows, counts, total)
            middle = len(rows) // 2
            counts = self._store(rows[:middle], counts, total)
            return self._store(rows[middle:], counts, total)
        return stored

    def _stored(
        self, tx: ContactsTx, rows: Sequence[Prepared], before: Counts, total: int
    ) -> Counts:
        if not self._rows.dry:
            tx.fetch_one(_TAKE_TURNS, {"tenant_id": tx.tenant_id})
        decisions = decide(tx, self._rows, rows, self._import.effective_plan)
        here = counted(decisions)
        counts = before + here
        keep_batch(tx, self._rows, rows[-1].number, here, decisions)
        self._run.progress_in(tx, counts.rows, total, details=asdict(counts))
        return counts

    def _end(self, tx: ContactsTx, *, cancelled: bool) -> None:
        now = tx.clock.now()
        imported = tx.imports.get(self._id)
        _, counts = read_run(tx, self._id, self._rows.number)
        end_run(tx, self._rows, cancelled=cancelled)
        if self._rows.dry:
            imported.checked(now)
        else:
            imported.finish(counts, now, cancelled=cancelled)
        if not cancelled:
            self._run.succeed_in(tx, asdict(counts))

    def _refuse(self, tx: ContactsTx, error: UnreadableFile) -> None:
        tx.imports.get(self._id).refuse_file(problem_of(error), tx.clock.now())


def problem_of(error: UnreadableFile) -> dict[str, Any]:
    """Why a file cannot be read, as it is kept and shown."""
    return {
        "code": error.code,
        "message": error.message,
        "row": error.row,
        "column": error.column,
        "byte_offset": error.byte_offset,
    }


def _grouped(rows: Iterator[FileRow], most: int) -> Iterator[list[FileRow]]:
    """So many rows at a time, or fewer if they are long."""
    group: list[FileRow] = []
    characters = 0
    for row in rows:
        group.append(row)
        if row.problems or len(row.content) > 100:
            characters += sum(map(len, row.content)) if isinstance(row.content, list) else 1000
        if len(group) == most or characters > _MOST_CHARACTERS:
            yield group
            group, characters = [], 0
    if group:
        yield group


_TAKE_TURNS = Statement(
    # Two imports of a tenant at once would not see the people whom the other is just creating.
    "SELECT 1 AS had FROM pg_advisory_xact_lock(hashtextextended('imports ' || %(tenant_id)s, 0))"
)
