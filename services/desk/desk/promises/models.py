"""Promises as the REST face takes and shows them, and how many are kept."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Moment
from chassis.http.query_string import Query
from desk.clocks.models import Day
from desk.promises.domain import ContactBy, KeptBy, Promise, Promised, PromiseStatus

Note = Annotated[str, Field(max_length=2_000)]
Why = Annotated[str, Field(max_length=500)]
RemindMinutes = Annotated[int, Field(ge=1, le=7 * 24 * 60)]


class PromiseIn(Body):
    """A promise to be in touch with the ticket's customer before `due_at`.

    Whoever makes it has to keep it, unless `user_id` names somebody else. There is a reminder
    `remind_minutes` before; null for none. With `kept_by_reply` a public reply keeps it, and so does
    the note of a call.
    """

    due_at: Moment
    contact_by: ContactBy = ContactBy.ANY
    note: Note = ""
    user_id: UUID | None = None
    remind_minutes: RemindMinutes | None = 15
    kept_by_reply: bool = True


class RescheduleIn(Body):
    """The time that the customer wishes instead, and why."""

    due_at: Moment
    reason: Why = ""


class PromiseOut(BaseModel):
    """A promise. `late` says that it was broken before it was kept; null while it was not kept."""

    id: UUID
    version: int
    ticket_id: UUID
    status: PromiseStatus
    due_at: datetime
    contact_by: ContactBy
    note: str
    user_id: UUID | None
    queue_id: UUID | None
    remind_minutes: int | None
    kept_by_reply: bool
    made_by: str
    made_at: datetime
    reminded_at: datetime | None
    broken_at: datetime | None
    kept_at: datetime | None
    kept_by: KeptBy | None
    late: bool | None
    withdrawn_at: datetime | None
    rescheduled: int


class MoveOut(BaseModel):
    """A time that was promised before, and the one that came instead."""

    from_due_at: datetime
    to_due_at: datetime
    reason: str
    at: datetime
    by: str


class MovesOut(BaseModel):
    """When a promise was moved, the first time first."""

    items: list[MoveOut]


class KeptDimension(StrEnum):
    """What the share of kept promises is told apart by."""

    USER = "user"
    QUEUE = "queue"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class KeptQuery(Query):
    """Which promises: those kept or broken on these days of the tenant's time zone, the last one included."""

    first_on: Day
    last_on: Day
    by: KeptDimension | None = None
    user_id: UUID | None = None
    queue_id: UUID | None = None


class KeptRowOut(BaseModel):
    """How many promises were kept.

    `key` is an id, or the first day of a period; null where there is none, and when all are told
    together. `broken` were not kept in time, `late` of them were kept afterwards.
    """

    key: str | None
    kept: int
    broken: int
    late: int
    percent: str


class KeptOut(BaseModel):
    """How many promises were kept, at most 1,000 rows, the most often broken first."""

    items: list[KeptRowOut]


def promised_in(body: PromiseIn) -> Promised:
    """What a body promises."""
    return Promised(**{name: getattr(body, name) for name in PromiseIn.model_fields})


def shown(promise: Promise) -> dict[str, Any]:
    """A promise as the API shows one."""
    own = set(PromiseOut.model_fields) - set(PromiseIn.model_fields) - {"late"}
    late = None if promise.kept_at is None else promise.broken_at is not None
    return {
        **{name: getattr(promise, name) for name in own},
        **{name: getattr(promise.promised, name) for name in PromiseIn.model_fields},
        "late": late,
    }
