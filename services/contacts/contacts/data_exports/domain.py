"""All that is known of a person, asked of every service and kept as an archive for a while (CO-12)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid

SERVICES = ("contacts", "sales", "desk", "loyalty", "notifications", "identity")
"""Who is asked, in this order. An export is complete when each of them has told all, or is not deployed."""
PATIENCE = timedelta(days=7)
"""How long a service is waited for that does not answer."""
MOST_AT_ONCE = 20
"""How many exports of a tenant may be on their way at the same time."""
_FILE = re.compile(
    r"[a-z][a-z0-9_]{0,60}\.ndjson|files/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII
)


class PartState(StrEnum):
    """How far a service's part is."""

    WAITING = "waiting"
    ASKING = "asking"
    UNAVAILABLE = "unavailable"
    COMPLETE = "complete"
    NOT_DEPLOYED = "not_deployed"


DONE = (PartState.COMPLETE, PartState.NOT_DEPLOYED)


class ExportState(StrEnum):
    """How an export stands: it waits for a service that does not answer; its archive ends in its time."""

    RUNNING = "running"
    WAITING = "waiting"
    READY = "ready"
    ENDED = "ended"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """One file of an archive; `records` is 0 for a file that somebody has sent."""

    service: str
    file: str
    records: int
    size: int
    sha256: str

    @property
    def path(self) -> str:
        """Where it is in the archive."""
        return f"{self.service}/{self.file}"


@dataclass(frozen=True, slots=True)
class PersonDataExportRequested(Fact):
    """Somebody asked for all that is known of a person."""

    export_id: UUID
    person_id: UUID


@dataclass(frozen=True, slots=True)
class PersonDataExportCompleted(Fact):
    """Every service has told all it knows."""

    export: DataExport


@dataclass(frozen=True, slots=True)
class PersonDataExportDownloaded(Fact):
    """Somebody has taken the archive away."""

    export_id: UUID
    person_id: UUID


@dataclass(kw_only=True)
class DataExport(Aggregate):
    """An export. `merged_person_ids` are those who were merged into the person when it was asked for."""

    person_id: UUID
    merged_person_ids: tuple[UUID, ...]
    job_id: UUID
    requested_by: str
    requested_at: datetime
    completed_at: datetime | None = None
    expires_at: datetime | None = None
    files: tuple[ExportedFile, ...] = field(default=())

    @property
    def people(self) -> tuple[UUID, ...]:
        """By which ids the person is known."""
        return (self.person_id, *self.merged_person_ids)

    def request(self) -> None:
        """Be asked for."""
        self.record(PersonDataExportRequested(self.id, self.person_id))

    def complete(self, files: Sequence[ExportedFile], now: datetime, kept: timedelta) -> None:
        """Be an archive of these files from now on, for as long as archives are kept."""
        self.files = tuple(files)
        self.completed_at = now
        self.expires_at = now + kept
        self.record(PersonDataExportCompleted(self))

    def download(self, now: datetime) -> None:
        """Be taken away by somebody. Raises `Conflict` before it is complete and after it has ended."""
        if self.completed_at is None or self.expires_at is None:
            message = "The archive is not complete yet; its export says for whom it waits."
            raise Conflict(message, code="data_export_not_ready", retry_after=5)
        if now >= self.expires_at:
            message = "The archive is kept no longer; ask for a new export."
            raise Conflict(message, code="data_export_ended")
        self.record(PersonDataExportDownloaded(self.id, self.person_id))


def require_file_name(service: str, file: str) -> str:
    """The name of a file as services may give one: it becomes a path. Raises `Invalid`."""
    if _FILE.fullmatch(file) is None:
        message = f"{service} names a file in a way that is not agreed on."
        raise Invalid(message, code="data_export_file_name")
    return file


def waited_too_long(services: Sequence[str]) -> Conflict:
    """The end of an export that nobody answers."""
    message = f"No answer came for {PATIENCE.days} days from: {', '.join(services)}."
    return Conflict(message, code="data_export_unanswered")


def too_large(most: int) -> Conflict:
    """The end of an export that is larger than archives may be."""
    message = f"More is known of the person than the {most} bytes that an archive may have."
    return Conflict(message, code="data_export_too_large")


def person_gone() -> Conflict:
    """The end of an export of somebody who was erased, deleted or merged into another meanwhile."""
    message = "The person is there no longer: erased, deleted, or merged into another one."
    return Conflict(message, code="data_export_person_gone")
