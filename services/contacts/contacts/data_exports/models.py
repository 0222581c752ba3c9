"""Exports of people's data as the REST face shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from contacts.data_exports.domain import ExportState, PartState


class DataExportPartOut(BaseModel):
    """How far one service is; `detail` says why it is waited for."""

    service: str
    state: PartState
    records: int
    bytes: int
    detail: str
    completed_at: datetime | None


class DataExportOut(BaseModel):
    """An export of all that is known of a person.

    `state` is `waiting` while a service does not answer, and `ended` when the archive is kept no longer.
    """

    id: UUID
    version: int
    person_id: UUID
    merged_person_ids: list[UUID]
    state: ExportState
    job_id: UUID
    requested_by: str
    requested_at: datetime
    completed_at: datetime | None
    expires_at: datetime | None
    files: int
    bytes: int
    parts: list[DataExportPartOut]
    problem: dict[str, Any] | None
