"""How content customers are, as the REST face shows it, and the questions it takes."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel

from chassis.http.query_string import Query
from desk.clocks.models import Day
from desk.names import Sku
from desk.surveys.domain import SurveyKind


class SatisfactionDimension(StrEnum):
    """What it is told apart by."""

    SURVEY = "survey"
    AGENT = "agent"
    QUEUE = "queue"
    TEAM = "team"
    PRODUCT = "product"
    CHANNEL = "channel"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class SatisfactionQuery(Query):
    """Which answers: of those who were asked on these days of the tenant's, the last one included."""

    kind: SurveyKind
    first_on: Day
    last_on: Day
    by: SatisfactionDimension | None = None
    survey_id: UUID | None = None
    queue_id: UUID | None = None
    agent_id: UUID | None = None
    product_sku: Sku | None = None


class SatisfactionRowOut(BaseModel):
    """What those said who were asked.

    `key` is an id, a word, or the first day of a period; null where there is none, and when all are
    told together. `sent` are all who were asked, `undelivered` those of them whom it did not reach:
    they do not count for `response_percent`, the share of the others who answered. For `csat`: `content` gave 4 or 5, and `csat_percent` is their share of all who
    answered. For `nps`: promoters gave 9 or 10, detractors 0 to 6, passives 7 or 8, and `nps` is the
    percentage of promoters less that of detractors. Figures of nobody are null.
    """

    key: str | None
    sent: int
    undelivered: int
    answered: int
    response_percent: str | None
    mean: str | None
    content: int | None
    csat_percent: str | None
    promoters: int | None
    passives: int | None
    detractors: int | None
    nps: str | None


class SatisfactionOut(BaseModel):
    """How content customers are, at most 1,000 rows, those with the most asked first."""

    kind: SurveyKind
    items: list[SatisfactionRowOut]
