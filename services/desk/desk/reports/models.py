"""Reports as the REST face shows them, and the questions it takes."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.query_string import Query
from desk.clocks.models import Day
from desk.names import Sku, Tag
from desk.ticket_facts.domain import Channel, Priority, TicketType


class Dimension(StrEnum):
    """What figures are told apart by."""

    QUEUE = "queue"
    TEAM = "team"
    AGENT = "agent"
    COMPANY = "company"
    TYPE = "type"
    PRIORITY = "priority"
    CHANNEL = "channel"
    PRODUCT = "product"
    LANGUAGE = "language"
    TAG = "tag"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


PERIODS = (Dimension.DAY, Dimension.WEEK, Dimension.MONTH)


class ReportQuery(Query):
    """Which tickets: of these days of the tenant's, the last one included, and of one value alone."""

    first_on: Day
    last_on: Day
    by: Dimension | None = None
    queue_id: UUID | None = None
    team_id: UUID | None = None
    agent_id: UUID | None = None
    company_id: UUID | None = None
    type: TicketType | None = None
    priority: Priority | None = None
    channel: Channel | None = None
    product_sku: Sku | None = None
    language: Annotated[str, Field(max_length=35)] | None = None
    tag: Tag | None = None


class ReportOut(BaseModel):
    """What every report says besides its figures.

    A ticket is told apart by what it is now: its queue, its agent, its company, its tags. A group's key is an id, a
    word or the first day of a period, cut at the days asked for; null for what has no such value. With
    several tags a ticket is in several groups. `total` is all that is asked for at once. `truncated`
    says that there are more groups, smaller ones.
    """

    first_on: date
    last_on: date
    time_zone: str
    by: Dimension | None
    definitions: dict[str, str]
    truncated: bool


class VolumeOut(BaseModel):
    """How many tickets came and went."""

    opened: int
    resolved: int
    closed: int
    reopened: int


class VolumeGroupOut(VolumeOut):
    """How many tickets of a group came and went."""

    key: str | None


class VolumesOut(ReportOut):
    """How many tickets came and went in some days."""

    total: VolumeOut
    groups: list[VolumeGroupOut]


class BacklogOut(BaseModel):
    """How many tickets are unsettled at an end, and for how many days they have been open."""

    open: int
    under_1_day: int
    under_3_days: int
    under_7_days: int
    under_30_days: int
    older: int


class BacklogGroupOut(BaseModel):
    """How many tickets of a group are unsettled; ages are null for periods."""

    key: str | None
    open: int
    under_1_day: int | None
    under_3_days: int | None
    under_7_days: int | None
    under_30_days: int | None
    older: int | None


class BacklogsOut(ReportOut):
    """How many tickets are unsettled at the end of the last day, or of each period."""

    total: BacklogOut
    groups: list[BacklogGroupOut]


class ResponseOut(BaseModel):
    """After how many seconds tickets were answered for the first time."""

    answered: int
    mean_seconds: int | None
    median_seconds: int | None
    p90_seconds: int | None


class ResponseGroupOut(ResponseOut):
    """After how many seconds tickets of a group were answered for the first time."""

    key: str | None


class ResponsesOut(ReportOut):
    """How long customers waited for a first answer that came in some days."""

    total: ResponseOut
    groups: list[ResponseGroupOut]


class ResolutionOut(BaseModel):
    """After how many seconds tickets were resolved, and how many at once and for good."""

    resolved: int
    mean_seconds: int | None
    median_seconds: int | None
    p90_seconds: int | None
    reopened: int
    reopened_percent: str | None
    one_touch: int
    one_touch_percent: str | None


class ResolutionGroupOut(ResolutionOut):
    """After how many seconds tickets of a group were resolved."""

    key: str | None


class ResolutionsOut(ReportOut):
    """How long it took to resolve what was resolved in some days."""

    total: ResolutionOut
    groups: list[ResolutionGroupOut]


class CountedOut(BaseModel):
    """How many rows there are to count, how many were counted, and how many of them differ."""

    kind: str
    recorded: int
    counted: int
    differing: int


class RecountOut(BaseModel):
    """How what facts have told compares with the records."""

    agrees: bool
    items: list[CountedOut]
