"""Activities and daily reports as the REST face takes and shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, Field

from chassis.http.body import Body, Moment, Patch
from chassis.http.query_string import Query
from sales.activities.domain import (
    LONGEST_MINUTES,
    Activity,
    ActivityDetails,
    ActivityState,
    Result,
)
from sales.activities.operations import Done
from sales.names import Key, Text
from sales.pipelines.domain import ActivityKind
from sales.subscription_settings.domain import known_time_zones

Subject = Annotated[str, Field(min_length=1, max_length=300)]


class ActivityFields(Body):
    """What may be entered about an activity before it is done."""

    kind: ActivityKind = ActivityKind.TASK
    subject: Subject
    description: Text = ""
    owner_id: UUID | None = None
    due_at: Moment | None = None
    remind_at: Moment | None = None
    opportunity_id: UUID | None = None
    lead_id: UUID | None = None
    person_id: UUID | None = None
    company_id: UUID | None = None


class ActivityPatch(Patch, ActivityFields):
    """What may change about an activity that is still to be done."""

    subject: Subject = ""


class ResultIn(Body):
    """What came of it: a word of the tenant's own, a note, and how long it took."""

    outcome: Key | None = None
    note: Text = ""
    minutes: Annotated[int, Field(ge=0, le=LONGEST_MINUTES)] | None = None
    completed_at: Moment | None = None


class ActivityIn(ActivityFields):
    """A new activity; with `done` it was done already, and is noted for the record."""

    done: ResultIn | None = None


class ActivityOut(BaseModel):
    """An activity; `playbook_id` and `playbook_step` say which step of which playbook put it there."""

    id: UUID
    version: int
    kind: ActivityKind
    state: ActivityState
    subject: str
    description: str
    owner_id: UUID | None
    due_at: datetime | None
    remind_at: datetime | None
    reminded_at: datetime | None
    opportunity_id: UUID | None
    lead_id: UUID | None
    person_id: UUID | None
    company_id: UUID | None
    playbook_id: UUID | None
    playbook_step: str | None
    outcome: str | None
    note: str | None
    minutes: int | None
    completed_at: datetime | None
    completed_by: str | None
    created_at: datetime
    updated_at: datetime


def _known_zone(name: str) -> str:
    if name not in known_time_zones():
        raise ValueError("is no time zone of the IANA database, such as Asia/Taipei")
    return name


class DailyReportsQuery(Query):
    on: Annotated[date, Field(ge=date(1900, 1, 1), le=date(2999, 12, 31))]
    time_zone: Annotated[str, Field(max_length=50), AfterValidator(_known_zone)] = "UTC"
    owner_id: UUID | None = None


class DailyReportOut(BaseModel):
    """What a person did on a day: completed activities by kind, time spent, what is still due.

    `due` are open ones that were due that day, `overdue` open ones that were due before it.
    `activities` are there when one person was asked for.
    """

    owner_id: UUID
    completed: dict[ActivityKind, int]
    outcomes: dict[str, int]
    minutes: int
    due: int
    overdue: int
    activities: list[ActivityOut] | None


class DailyReportsOut(BaseModel):
    """A day's reports, one for each person in reach who did something or had something to do."""

    on: date
    time_zone: str
    items: list[DailyReportOut]


_DETAILS = tuple(ActivityFields.model_fields)


def changes_of(body: ActivityFields) -> dict[str, Any]:
    """What a body mentions, as fields of the details."""
    own = ActivityFields.model_fields.keys() & body.model_fields_set
    return {name: getattr(body, name) for name in own}


def details_in(body: ActivityIn) -> ActivityDetails:
    """The details that a body gives."""
    return ActivityDetails(**changes_of(body))


def done_in(body: ResultIn) -> Done:
    """What a body says of something that was done."""
    return Done(Result(body.outcome or "", body.note, body.minutes), body.completed_at)


def zone_of(query: DailyReportsQuery) -> ZoneInfo:
    """The time zone that the day is one of."""
    return ZoneInfo(query.time_zone)


def shown(one: Activity) -> dict[str, Any]:
    """An activity as the API shows one, without reading it back."""
    origin, result = one.origin, one.result
    return {
        "id": one.id,
        "version": one.version,
        "state": one.state,
        **{name: getattr(one.details, name) for name in _DETAILS},
        "reminded_at": one.reminded_at,
        "playbook_id": None if origin is None else origin.playbook_id,
        "playbook_step": None if origin is None else origin.step,
        "outcome": None if result is None else result.outcome,
        "note": None if result is None else result.note,
        "minutes": None if result is None else result.minutes,
        "completed_at": one.completed_at,
        "completed_by": one.completed_by,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }
