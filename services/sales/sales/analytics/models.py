"""Figures as the REST face shows them, and the questions it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.money import MoneyOut
from chassis.http.query_string import Query
from sales.analytics.domain import Definition, Dimension, LeadDimension
from sales.analytics.selection import FILTERS, Selection, chosen
from sales.periods.domain import Period
from sales.periods.models import InPeriod, PeriodName, period_out

_Word = Annotated[str, Field(min_length=1, max_length=100)]


class LeadsQuery(Query):
    """Which leads: of which period, told apart by what, and those of one value alone."""

    period: PeriodName
    by: LeadDimension | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None
    source: _Word | None = None
    campaign: _Word | None = None


class OpportunitiesQuery(Query):
    """Which opportunities: of which period, told apart by what, and those of one value alone."""

    period: PeriodName
    by: Dimension | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None
    product_id: UUID | None = None
    pipeline_id: UUID | None = None
    source: _Word | None = None
    campaign: _Word | None = None
    channel: _Word | None = None
    branch: _Word | None = None
    industry: _Word | None = None


class StagesQuery(OpportunitiesQuery):
    """The same, of one pipeline: stages are its own."""

    pipeline_id: UUID


class DefinitionOut(BaseModel):
    """What a figure means: how it is worked out, and what counts for it."""

    figure: str
    formula: str
    counts: str


class ReportOut(InPeriod):
    """What every report says besides its figures.

    `total` is all that is asked for at once; where something belongs to several groups, these add up
    to more. A team is its own people and those of the teams below it, as they are now; teams with
    people out of reach are left out. `truncated` says that there are more groups, smaller ones. A group's key is null for
    what has no such value.
    """

    by: str | None
    definitions: list[DefinitionOut]
    truncated: bool


class SpreadOut(BaseModel):
    """How a length of time is spread over the `count` that have one."""

    count: int
    mean: str
    median: str
    p90: str


class OutcomeOut(BaseModel):
    """How opportunities have come out."""

    worked: int
    won: int
    lost: int
    win_rate: str | None
    won_amount: MoneyOut | None
    valued: int
    average_deal: MoneyOut | None
    sales_cycle_days: SpreadOut | None
    velocity: MoneyOut | None


class OutcomeGroupOut(OutcomeOut):
    """How opportunities of a group have come out."""

    key: str | None


class OutcomesOut(ReportOut):
    """Win rate, average deal, sales cycle and velocity."""

    total: OutcomeOut
    groups: list[OutcomeGroupOut]


class StageReachedOut(BaseModel):
    """How many have reached a stage, and of how many that were in the one before it."""

    stage: str
    reached: int
    rate: str | None
    rate_of_all: str | None


class StagesOut(BaseModel):
    """How far opportunities have come."""

    opportunities: int
    stages: list[StageReachedOut]


class StagesGroupOut(StagesOut):
    """How far opportunities of a group have come."""

    key: str | None


class StageConversionsOut(ReportOut):
    """From stage to stage: count in B / count in A."""

    pipeline_id: UUID
    total: StagesOut
    groups: list[StagesGroupOut]


class LossReasonOut(BaseModel):
    """How many were lost for a reason."""

    reason: str
    lost: int
    share: str
    lost_amount: MoneyOut | None


class LossesOut(BaseModel):
    """Why opportunities were lost."""

    lost: int
    reasons: list[LossReasonOut]


class LossesGroupOut(LossesOut):
    """Why opportunities of a group were lost."""

    key: str | None


class LossReasonsOut(ReportOut):
    """Why opportunities were lost."""

    total: LossesOut
    groups: list[LossesGroupOut]


class ActivityKindOut(BaseModel):
    """How much was done of a kind for each that was won, and each that was lost."""

    kind: str
    on_won: int
    on_lost: int
    per_won: str | None
    per_lost: str | None


class EffortOut(BaseModel):
    """What was done for results."""

    won: int
    lost: int
    kinds: list[ActivityKindOut]


class EffortGroupOut(EffortOut):
    """What was done for the results of a group."""

    key: str | None


class EffortsOut(ReportOut):
    """Activities per result."""

    total: EffortOut
    groups: list[EffortGroupOut]


class LeadsOut(BaseModel):
    """What has become of leads; `credited` is null unless they are told by source or campaign."""

    leads: int
    converted: int
    conversion_rate: str | None
    contacted: int
    hours_to_first_contact: SpreadOut | None
    credited: int | None


class LeadsGroupOut(LeadsOut):
    """What has become of the leads of a group."""

    key: str | None


class LeadConversionsOut(ReportOut):
    """Conversion and first contact of leads."""

    total: LeadsOut
    groups: list[LeadsGroupOut]


class CountedOut(BaseModel):
    """How many rows there are to count, how many were counted, and how many of them differ."""

    kind: str
    recorded: int
    counted: int
    differing: int


class RecountOut(BaseModel):
    """How what facts have told compares with the records themselves."""

    agrees: bool
    items: list[CountedOut]


def selection_of(query: LeadsQuery | OpportunitiesQuery) -> Selection:
    """What a query asks for."""
    given = {name: getattr(query, name) for name in FILTERS if name in query.model_fields_set}
    return Selection(Period.parse(query.period), query.by, chosen(given))


def head(
    selection: Selection, definitions: Sequence[Definition], *, truncated: bool
) -> dict[str, Any]:
    """What every report says besides its figures."""
    return {
        **period_out(selection.period),
        "by": selection.by,
        "definitions": [
            {"figure": one.figure, "formula": one.formula, "counts": one.counts}
            for one in definitions
        ],
        "truncated": truncated,
    }
