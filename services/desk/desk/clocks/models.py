"""Clocks of tickets as the REST face shows them, and how well targets are kept."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.query_string import Query
from desk.clocks.domain import ClockState
from desk.service_levels.domain import Target
from desk.ticket_facts.domain import Priority, TicketType

Day = Annotated[date, Field(ge=date(1970, 1, 1), le=date(2999, 12, 31))]


class StretchOut(BaseModel):
    """A time in which the clock ran, or without an end runs still."""

    since: datetime
    until: datetime | None


class ClockOut(BaseModel):
    """A clock with its deadline.

    `due_at` is null while it stands still, and where the target has no deadline. `settled_at` is when
    it broke, or was met.
    """

    id: UUID
    ticket_id: UUID
    target: Target
    round: int
    state: ClockState
    service_level_id: UUID | None
    minutes: int | None
    started_at: datetime
    due_at: datetime | None
    warn_at: datetime | None
    paused_at: datetime | None
    warned_at: datetime | None
    breached_at: datetime | None
    met_at: datetime | None
    settled_at: datetime | None
    type: TicketType
    priority: Priority
    queue_id: UUID | None
    assignee_id: UUID | None


class TicketClockOut(ClockOut):
    """A clock with how its time has passed.

    Seconds count the time in which the clock ran and its calendar was open. `left_seconds` is below
    0 for what is late, and null without a deadline. `grace_since` is when the clock last got the
    grace of its policy: when its ticket was reopened, or the deadline would have been past already.
    """

    service_level: str
    business_calendar_id: UUID | None
    used_seconds: int
    left_seconds: int | None
    grace_since: datetime | None
    stretches: list[StretchOut]


class TicketClocksOut(BaseModel):
    """The clocks of a ticket as they stand at a time; next responses come last, the latest first."""

    at: datetime
    items: list[TicketClockOut]


class AttainmentDimension(StrEnum):
    """What attainment is told apart by."""

    SERVICE_LEVEL = "service_level"
    QUEUE = "queue"
    ASSIGNEE = "assignee"
    PRIORITY = "priority"
    TYPE = "type"


class AttainmentQuery(Query):
    """Which targets: those that were met or broke on these days of the tenant's time zone, the last one included."""

    first_on: Day
    last_on: Day
    by: AttainmentDimension | None = None
    target: Target | None = None
    service_level_id: UUID | None = None
    queue_id: UUID | None = None
    assignee_id: UUID | None = None


class AttainmentRowOut(BaseModel):
    """How well a target was kept.

    `key` is the value of what it is told apart by: an id, or a word; null where there is none, and
    when all are told together. `breached` were not met in time, `late` of them were met afterwards.
    """

    key: str | None
    target: Target
    kept: int
    breached: int
    late: int
    percent: str


class AttainmentOut(BaseModel):
    """How well targets were kept, at most 1,000 rows, the most often broken first."""

    items: list[AttainmentRowOut]
