"""Imports as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.query_string import Query
from contacts.contact_points.models import Line, Short
from contacts.imports.domain import (
    ColumnTarget,
    Duplicates,
    FileFormat,
    ImportPlan,
    ImportState,
    InvalidValues,
    ReadingOptions,
    RowOutcome,
)
from contacts.imports.formats.encodings import ENCODINGS
from contacts.imports.formats.rows import MAX_COLUMNS
from contacts.imports.pieces import MAX_PARTS
from contacts.people.domain import LifecycleStage

Encoding = Annotated[str, Field(pattern=f"^({'|'.join(ENCODINGS)})?$")]
Column = Annotated[str, Field(min_length=1, max_length=40_000)]


class ImportIn(Body):
    """What an import is called, and how to read its file as far as that is not found out."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    format: FileFormat | None = None
    encoding: Encoding = ""
    delimiter: Annotated[str, Field(max_length=1, pattern='^[^"\\r\\n]?$')] = ""
    sheet: Short = ""
    default_country: Annotated[
        str,
        Field(
            pattern="^([A-Z]{2})?$",
            description="ISO 3166: for phone numbers and addresses that do not say theirs.",
        ),
    ] = ""
    day_first: Annotated[
        bool | None, Field(description="Whether 3/4/1990 is in April; not said, it is refused.")
    ] = None
    size: Annotated[
        int | None,
        Field(ge=0, description="Bytes of the whole file, so that one too large is refused now."),
    ] = None


class CompleteIn(Query):
    parts: Annotated[int | None, Field(ge=1, le=MAX_PARTS)] = None


class RunQuery(Query):
    dry_run: bool = False


class ErrorsQuery(Query):
    run: Annotated[int | None, Field(ge=1)] = None


class PartQuery(Query):
    sha256: Annotated[str, Field(pattern="^([0-9a-fA-F]{64})?$")] = ""


class ColumnIn(Body):
    """Which field of a person a column is; `label` is what an address or number is for."""

    column: Column
    field: Annotated[str, Field(min_length=1, max_length=100)]
    label: Short = ""


class MappingIn(Body):
    """What to make of the rows; columns that are not mentioned are left out."""

    columns: Annotated[tuple[ColumnIn, ...], Field(max_length=MAX_COLUMNS)] = ()
    key: Annotated[
        str,
        Field(
            max_length=70,
            description="By what people are known again and changed: email, phone,"
            " external_id:<system>, or nothing.",
        ),
    ] = ""
    duplicates: Duplicates = Duplicates.CREATE_ANYWAY
    invalid_values: InvalidValues = InvalidValues.REFUSE_ROW
    tags: Annotated[tuple[Short, ...], Field(max_length=50)] = ()
    owner_id: UUID | None = None
    source: Line = ""
    lifecycle_stage: LifecycleStage | None = None


class OptionsOut(BaseModel):
    format: FileFormat | None
    encoding: str
    delimiter: str
    sheet: str
    default_country: str
    day_first: bool | None


class FindingOut(BaseModel):
    code: str
    message: str
    pointer: str


class SuggestionOut(BaseModel):
    """What a column probably is, how sure that is, from 0 to 1, and why."""

    column: str
    field: str
    label: str
    confidence: float
    reason: str


class AnalysisOut(BaseModel):
    """How the file was read, and what is in it; `examples` are some values of each column."""

    read_as: dict[str, str]
    header: list[str]
    problems: list[FindingOut]
    suggestions: list[SuggestionOut]
    examples: list[list[str]]


class ColumnOut(BaseModel):
    column: str
    field: str
    label: str


class MappingOut(BaseModel):
    columns: list[ColumnOut]
    key: str
    duplicates: Duplicates
    invalid_values: InvalidValues
    tags: list[str]
    owner_id: UUID | None
    source: str
    lifecycle_stage: str


class FileProblemOut(BaseModel):
    """Why the file cannot be read, and where; rows and columns count from 1, bytes from 0."""

    code: str
    message: str
    row: int | None
    column: int | None
    byte_offset: int | None


class PartOut(BaseModel):
    number: int
    size: int
    sha256: str


class RunOut(BaseModel):
    """One run over the rows; `suspected` are people created although somebody matched."""

    number: int
    dry: bool
    last_row: int
    created: int
    updated: int
    skipped: int
    failed: int
    suspected: int
    started_at: datetime
    finished_at: datetime | None
    cancelled: bool


class ImportSummaryOut(BaseModel):
    """An import."""

    id: UUID
    version: int
    name: str
    state: ImportState
    owner_id: UUID | None
    options: OptionsOut
    analysis: AnalysisOut | None
    mapping: MappingOut | None
    mapping_is_suggested: bool
    problem: FileProblemOut | None
    job_id: UUID | None
    created_at: datetime
    updated_at: datetime


class ImportOut(ImportSummaryOut):
    """An import with the parts of its file and its latest runs, the last one first."""

    size: int
    parts: list[PartOut]
    runs: list[RunOut]


class ReasonOut(BaseModel):
    column: str
    code: str
    message: str


class RowOut(BaseModel):
    """What became of a row; `cells` is what stood in one that failed."""

    row: int
    run: int
    outcome: RowOutcome
    person_id: UUID | None
    reasons: list[ReasonOut]
    cells: Any


class KeptOut(BaseModel):
    """Somebody whom undoing the import has left as they are."""

    person_id: UUID
    code: str
    message: str


def options_of(body: ImportIn) -> ReadingOptions:
    """How to read the file, as far as the body says."""
    return ReadingOptions(
        body.format,
        body.encoding,
        body.delimiter,
        body.sheet,
        body.default_country,
        body.day_first,
    )


def plan_of(body: MappingIn) -> ImportPlan:
    """What to make of the rows."""
    return ImportPlan(
        columns=tuple(ColumnTarget(c.column, c.field, c.label) for c in body.columns),
        key=body.key,
        duplicates=body.duplicates,
        invalid_values=body.invalid_values,
        tags=tuple(dict.fromkeys(filter(None, (tag.strip() for tag in body.tags)))),
        owner_id=body.owner_id,
        source=body.source,
        lifecycle_stage=body.lifecycle_stage or "",
    )
