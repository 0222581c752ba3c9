"""Opportunities as the REST face takes and shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from chassis.http.money import MoneyIn, MoneyOut, decimal_out, money_out, worth_in
from chassis.http.query_string import Query
from sales.names import Key, Line, SalesChannel, Short, Text
from sales.opportunities.domain import (
    MOST_COMPETITORS,
    MOST_PRODUCTS,
    Competitor,
    Loss,
    Opportunity,
    OpportunityDetails,
    OpportunityState,
)
from sales.pipelines.domain import BuyingRole, ForecastCategory


class CompetitorIn(Body):
    """Who else offers."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    note: Line = ""


class OpportunityFields(Body):
    """What may be entered about an opportunity.

    `forecast_category` takes the place of the one that the stage gives; null goes back to that.
    """

    name: Annotated[str, Field(min_length=1, max_length=200)]
    person_id: UUID | None = None
    company_id: UUID | None = None
    owner_id: UUID | None = None
    amount: MoneyIn | None = None
    expected_close_on: date | None = None
    source: Short = ""
    channel: SalesChannel = ""
    branch: Short = ""
    industry: Short = ""
    product_ids: Annotated[tuple[UUID, ...], Field(max_length=MOST_PRODUCTS)] = ()
    description: Text = ""
    next_step: Line = ""
    competitors: Annotated[tuple[CompetitorIn, ...], Field(max_length=MOST_COMPETITORS)] = ()
    forecast_category: ForecastCategory | None = None


class OpportunityIn(OpportunityFields):
    """A new opportunity, in the pipeline's first stage unless another open one is named."""

    pipeline_id: UUID
    stage: Key | None = None


class OpportunityPatch(Patch, OpportunityFields):
    """What may change about an opportunity; competitors are replaced as a whole."""

    name: Annotated[str, Field(min_length=1, max_length=200)] = ""


class StageChoiceIn(Body):
    """The key of a stage."""

    stage: Key


class OptionalStageIn(Body):
    """The key of a stage, where it is not the one that suggests itself."""

    stage: Key | None = None


class LossIn(OptionalStageIn):
    """Why it was lost, by the key of a reason of the kind `loss`, and to whom if to anybody."""

    reason: Key
    note: Line = ""
    lost_to: Annotated[str, Field(max_length=200)] = ""


class OpportunityOut(BaseModel):
    """An opportunity.

    `definition` is the number of the pipeline's definition that it goes by; `base_amount` is what the
    amount is worth by `rate` of the day `valued_on`. `forecasts_as` is how it counts in forecasts:
    as its own `forecast_category` says or else its stage's, `closed` once won, `omitted` once lost.
    `lead_id` is the lead that it has come of, whose touches and activities are its history.
    """

    id: UUID
    version: int
    pipeline_id: UUID
    definition: int
    stage: str
    probability: int
    state: OpportunityState
    name: str
    person_id: UUID | None
    company_id: UUID | None
    owner_id: UUID | None
    amount: MoneyOut | None
    base_amount: MoneyOut | None
    rate: str | None
    valued_on: date | None
    expected_close_on: date | None
    source: str
    channel: str
    branch: str
    industry: str
    product_ids: list[UUID]
    description: str
    next_step: str
    competitors: list[CompetitorIn]
    forecast_category: ForecastCategory | None
    forecasts_as: Literal["pipeline", "best_case", "commit", "omitted", "closed"]
    loss_reason: str | None
    loss_note: str | None
    lost_to: str | None
    entered_at: datetime
    overdue_since: datetime | None
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    lead_id: UUID | None


class EntryOut(BaseModel):
    """A time that an opportunity spent in a stage; `left_at` is null for the one that it is in."""

    stage: str
    definition: int
    entered_at: datetime
    left_at: datetime | None
    entered_by: str


class HistoryOut(BaseModel):
    """Every stage that an opportunity was in, the first one first."""

    items: list[EntryOut]


class UnmetOut(BaseModel):
    """What has to be true before it moves, and is not."""

    pointer: str
    code: str
    message: str


class TeamQuery(Query):
    member_id: UUID | None = None
    """On whose team the user is; who sees the user's own opportunities sees these as well."""


class ReadinessQuery(Query):
    stage: Annotated[str, Field(min_length=1, max_length=50)]


class ReadinessOut(BaseModel):
    """Whether an opportunity may move to a stage, and what stands in its way."""

    stage: str
    ready: bool
    unmet: list[UnmetOut]


class CoverageOut(BaseModel):
    """Which buying roles are covered, by how many people, and which the pipeline misses."""

    covered: dict[BuyingRole, int]
    required: list[BuyingRole]
    missing: list[BuyingRole]


def changes_of(body: OpportunityFields) -> dict[str, Any]:
    """What a body mentions, as fields of the details. Raises `Invalid` for an amount that cannot be."""
    own = OpportunityFields.model_fields.keys() & body.model_fields_set
    changes = {name: getattr(body, name) for name in own}
    if changes.get("amount") is not None:
        changes["amount"] = worth_in(changes["amount"], "/amount")
    if "product_ids" in changes:
        changes["product_ids"] = tuple(sorted(set(changes["product_ids"])))
    if "competitors" in changes:
        given = changes["competitors"]
        changes["competitors"] = tuple(Competitor(one.name, one.note) for one in given)
    return changes


def details_in(body: OpportunityIn) -> OpportunityDetails:
    """The details that a body gives."""
    return OpportunityDetails(**changes_of(body))


def loss_in(body: LossIn) -> Loss:
    """The loss that a body gives."""
    return Loss(body.reason, body.note, body.lost_to)


_OF_DETAILS = (
    "name",
    "person_id",
    "company_id",
    "owner_id",
    "expected_close_on",
    "source",
    "channel",
    "branch",
    "industry",
    "product_ids",
    "description",
    "next_step",
    "forecast_category",
)
_OWN = (
    "id",
    "version",
    "pipeline_id",
    "definition",
    "stage",
    "probability",
    "state",
    "forecasts_as",
    "overdue_since",
    "opened_at",
    "updated_at",
    "closed_at",
    "lead_id",
)


def shown(one: Opportunity) -> dict[str, Any]:
    """An opportunity as the API shows one, without reading it back."""
    details, valued, loss = one.details, one.valued, one.loss
    return {
        **{name: getattr(one, name) for name in _OWN},
        **{name: getattr(details, name) for name in _OF_DETAILS},
        "competitors": [{"name": c.name, "note": c.note} for c in details.competitors],
        "amount": money_out(details.amount),
        "base_amount": None if valued is None else money_out(valued.base),
        "rate": None if valued is None else decimal_out(valued.rate),
        "valued_on": None if valued is None else valued.on,
        "loss_reason": None if loss is None else loss.reason,
        "loss_note": None if loss is None else loss.note,
        "lost_to": None if loss is None else loss.competitor,
        "entered_at": one.entry.at,
    }
