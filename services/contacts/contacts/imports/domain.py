"""What an import is: a file that is uploaded, looked at, mapped, tried, run, and perhaps undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Unpublished


class ImportState(StrEnum):
    """How far an import is.

    What works on an import can be cancelled or break off. Then an import that was `analysing` is
    `uploading` again, one that was `checking` is `ready`, one that was `running` is `stopped`,
    and one that was `undoing` is `finished`.
    """

    UPLOADING = "uploading"
    ANALYSING = "analysing"
    UNREADABLE = "unreadable"
    READY = "ready"
    CHECKING = "checking"
    RUNNING = "running"
    STOPPED = "stopped"
    FINISHED = "finished"
    UNDOING = "undoing"
    UNDONE = "undone"


BROKEN_OFF: Mapping[ImportState, ImportState] = {
    ImportState.ANALYSING: ImportState.UPLOADING,
    ImportState.CHECKING: ImportState.READY,
    ImportState.RUNNING: ImportState.STOPPED,
    ImportState.UNDOING: ImportState.FINISHED,
}
"""What a state at work becomes when the work ends before its time."""


class FileFormat(StrEnum):
    """What a file is."""

    CSV = "csv"
    XLSX = "xlsx"
    NDJSON = "ndjson"
    VCARD = "vcf"


class Duplicates(StrEnum):
    """What to do with a row that matches somebody by e-mail, phone or external id."""

    CREATE_ANYWAY = "create_anyway"
    SKIP = "skip"
    UPDATE = "update"


class InvalidValues(StrEnum):
    """What to do with a row that has a value that cannot be right."""

    REFUSE_ROW = "refuse_row"
    LEAVE_OUT = "leave_out"


class RowOutcome(StrEnum):
    """What became of a row, or would become of it."""

    CREATED = "created"
    UPDATED = "updated"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How to read the file; what is empty is found out."""

    format: FileFormat | None = None
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    default_country: str = ""
    day_first: bool | None = None


@dataclass(frozen=True, slots=True)
class ColumnTarget:
    """Which field of a person a column is; `label` is what it is for (`work`), or which network."""

    column: str
    field: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What to make of the rows.

    `key` says by what people are known again and changed: `email`, `phone`, `external_id:<system>`
    or nothing. `duplicates` is about rows that the key does not settle. Tags are added; owner,
    source and stage are given to new people whose row says nothing about them.
    """

    columns: tuple[ColumnTarget, ...] = ()
    key: str = ""
    duplicates: Duplicates = Duplicates.CREATE_ANYWAY
    invalid_values: InvalidValues = InvalidValues.REFUSE_ROW
    tags: tuple[str, ...] = ()
    owner_id: UUID | None = None
    source: str = ""
    lifecycle_stage: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows came to which end; `suspected` are those created although somebody matched."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0
    suspected: int = 0

    @property
    def rows(self) -> int:
        """How many rows these are."""
        return self.created + self.updated + self.skipped + self.failed

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.created + other.created,
            self.updated + other.updated,
            self.skipped + other.skipped,
            self.failed + other.failed,
            self.suspected + other.suspected,
        )


@dataclass(frozen=True, slots=True)
class ImportMoved(Unpublished):
    """An import went on to another state, or is planned otherwise."""

    state: ImportState


@dataclass(frozen=True, slots=True)
class ImportFinished(Fact):
    """An import came to its end, or was stopped before."""

    import_id: UUID
    counts: Counts
    cancelled: bool


@dataclass(frozen=True, slots=True)
class ImportUndone(Fact):
    """What an import had done is undone, as far as nobody has gone on from there."""

    import_id: UUID
    removed: int
    reverted: int
    kept: int


@dataclass(kw_only=True)
class Import(Aggregate):
    """One file of people, and what is made of it.

    `examples` are some values of each column, `runs` counts the attempts at the rows, dry ones
    too; `problem` is why the file cannot be read.
    """

    name: str
    state: ImportState = ImportState.UPLOADING
    owner_id: UUID | None = None
    options: ReadingOptions = ReadingOptions()
    analysis: Mapping[str, Any] = field(default_factory=dict)
    examples: tuple[tuple[str, ...], ...] = ()
    plan: ImportPlan | None = None
    problem: Mapping[str, Any] | None = None
    job_id: UUID | None = None
    runs: int = 0
    created_at: datetime
    updated_at: datetime

    @classmethod
    def begin(
        cls,
        import_id: UUID,
        name: str,
        options: ReadingOptions,
        owner_id: UUID | None,
        now: datetime,
    ) -> Import:
        """A new import, waiting for its file."""
        new = cls(
            id=import_id,
            name=name,
            options=options,
            owner_id=owner_id,
            created_at=now,
            updated_at=now,
        )
        new.record(ImportMoved(new.state))
        return new

    @property
    def reading_options(self) -> ReadingOptions:
        """How to read the file: as was said, and as was found out when it was first looked at."""
        found = self.analysis.get("read_as", {})
        return replace(
            self.options,
            format=FileFormat(found["format"]) if found else self.options.format,
            encoding=found.get("encoding", self.options.encoding),
            delimiter=found.get("delimiter", self.options.delimiter),
            sheet=found.get("sheet", self.options.sheet),
        )

    @property
    def effective_plan(self) -> ImportPlan:
        """What is to be made of the rows: as was said, or else as was suggested."""
        if self.plan is not None:
            return self.plan
        suggested = self.analysis.get("suggestions", ())
        names = ("column", "field", "label")
        return ImportPlan(
            columns=tuple(ColumnTarget(**{n: each[n] for n in names}) for each in suggested)
        )

    def settle(self) -> None:
        """Take note that the work on it has ended before its time."""
        self.state = BROKEN_OFF.get(self.state, self.state)

    def take_part(self, now: datetime) -> None:
        """Allow another part of the file. Raises `Conflict` once the file is complete."""
        self._require("Parts", ImportState.UPLOADING, ImportState.UNREADABLE)
        if self.state is ImportState.UNREADABLE:
            self.problem = None
            self._move(ImportState.UPLOADING, now)

    def complete(self, job_id: UUID | None, now: datetime) -> None:
        """The file is there; somebody looks at it now."""
        self._require("Completing it", ImportState.UPLOADING, ImportState.UNREADABLE)
        self.problem = None
        self._work(ImportState.ANALYSING, job_id, now)

    def understand(
        self,
        analysis: Mapping[str, Any],
        examples: tuple[tuple[str, ...], ...],
        now: datetime,
    ) -> None:
        """The file can be read, and this is what is in it."""
        self._require("Analysing it", ImportState.ANALYSING)
        self.analysis, self.examples, self.plan = analysis, examples, None
        self._move(ImportState.READY, now)

    def refuse_file(self, problem: Mapping[str, Any], now: datetime) -> None:
        """The file cannot be read; parts may be replaced."""
        self._require(
            "Refusing it", ImportState.ANALYSING, ImportState.CHECKING, ImportState.RUNNING
        )
        self.problem = problem
        self._move(ImportState.UNREADABLE, now)

    def arrange(self, plan: ImportPlan, now: datetime) -> None:
        """Say what is to be made of the rows. Raises `Conflict` before it is read and once it ran."""
        self._require("Mapping", ImportState.READY)
        self.plan = plan
        self._move(ImportState.READY, now)

    def check(self, job_id: UUID, now: datetime) -> None:
        """Try what would become of the rows."""
        self._require("A dry run", ImportState.READY)
        self.runs += 1
        self._work(ImportState.CHECKING, job_id, now)

    def checked(self, now: datetime) -> None:
        """The dry run is over."""
        self._require("Ending a dry run", ImportState.CHECKING)
        self._move(ImportState.READY, now)

    def run(self, job_id: UUID, now: datetime) -> None:
        """Make people of the rows; one that was stopped goes on behind the last row that is done."""
        self._require("Running", ImportState.READY, ImportState.STOPPED)
        if self.state is ImportState.READY:
            self.runs += 1
        self._work(ImportState.RUNNING, job_id, now)

    def finish(self, counts: Counts, now: datetime, *, cancelled: bool = False) -> None:
        """Every row has its outcome, or somebody has cancelled the rest."""
        self._require("Finishing", ImportState.RUNNING)
        self.state = ImportState.STOPPED if cancelled else ImportState.FINISHED
        self.updated_at = now
        self.record(ImportFinished(self.id, counts, cancelled))

    def undo(self, job_id: UUID, now: datetime) -> None:
        """Take back what it did."""
        self._require("Undoing", ImportState.FINISHED, ImportState.STOPPED)
        self._work(ImportState.UNDOING, job_id, now)

    def undone(self, removed: int, reverted: int, kept: int, now: datetime) -> None:
        """All that could be taken back is."""
        self._require("Ending the undoing", ImportState.UNDOING)
        self.state, self.updated_at = ImportState.UNDONE, now
        self.record(ImportUndone(self.id, removed, reverted, kept))

    def discard(self, now: datetime) -> None:
        """Throw it away. Raises `Conflict` while it works, and when it may still be undone."""
        unused = (ImportState.UPLOADING, ImportState.UNREADABLE, ImportState.READY)
        self._require("Deleting", *unused, ImportState.UNDONE)
        self._move(self.state, now)

    def _work(self, state: ImportState, job_id: UUID | None, now: datetime) -> None:
        self.job_id = job_id
        self._move(state, now)

    def _move(self, state: ImportState, now: datetime) -> None:
        self.state, self.updated_at = state, now
        self.record(ImportMoved(state))

    def _require(self, what: str, *states: ImportState) -> None:
        if self.state not in states:
            wanted = " or ".join(states)
            raise Conflict(
                f"{what} needs an import that is {wanted}; this one is {self.state}.",
                code="import_state",
            )
