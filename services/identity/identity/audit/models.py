"""What the REST face says of the audit log."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.query_string import Query
from identity.audit.domain import Damage


class AuditEntryOut(BaseModel):
    """One entry: who did what to which record, when and from where, and its place in the chain.

    `id` is that of the fact. `actor` is `user:<id>`, `client:<id>` or `service:<name>`, `action` the
    fact's type. `details` has ids and names of fields, and no values. The hashes are SHA-256 in
    hexadecimal.
    """

    number: int
    id: UUID
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    client_id: str | None
    session_id: UUID | None
    address: str | None
    service: str
    action: str
    record_kind: str | None
    record_id: UUID
    record_version: int
    trace_id: str | None
    cause: UUID | None
    details: dict[str, Any]
    previous_hash: str
    hash: str


class ExportFormat(StrEnum):
    """What an export is written in."""

    NDJSON = "ndjson"
    CSV = "csv"


class ExportQuery(Query):
    format: ExportFormat = Field(default=ExportFormat.NDJSON)


class VerificationQuery(Query):
    first: int = Field(default=1, ge=1, le=2**62)


class HeadOut(BaseModel):
    """The number of an entry and its hash, in hexadecimal: note that of the last one elsewhere."""

    number: int
    hash: str


class BreakOut(BaseModel):
    """The first entry that is not as it was written."""

    number: int
    damage: Damage
    message: str


class VerificationOut(BaseModel):
    """What was found in the entries from `first` to `checked`.

    One call checks a bounded number; while it is not `complete`, go on with `first` one after
    `checked`. `head` is the last entry there is.
    """

    intact: bool
    complete: bool
    first: int
    checked: HeadOut
    head: HeadOut
    broken: BreakOut | None
