"""Who drifts and who is lost, as the REST face takes and shows it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.money import MoneyIn, MoneyOut, decimal_out, money_out, worth_in
from chassis.http.query_string import Query
from loyalty.engagement.models import ActIn, ActOut, act_out
from loyalty.names import Key
from loyalty.retention.calendar import EARLIEST, LATEST, Length
from loyalty.retention.domain import (
    MOST_CYCLE_DAYS,
    MOST_CYCLES,
    MOST_SIGNS,
    CustomerState,
    RetentionDefinition,
    Rules,
    Sign,
    Timing,
    ValueBand,
)
from loyalty.retention.rhythm import CycleSource

Days = Annotated[int, Field(ge=1, le=MOST_CYCLE_DAYS)]
Factor = Annotated[str, Field(pattern=r"^[0-9]{1,2}(\.[0-9]{1,2})?$")]
Share = Annotated[str, Field(pattern=r"^[01](\.[0-9]{1,4})?$")]
Day = Annotated[date, Field(ge=EARLIEST, le=LATEST)]
Category = Annotated[str, Field(min_length=1, max_length=200)]
_USUAL = Rules()


class SignIn(ActIn):
    """An act that keeps a customer without a purchase; `weight` 1 counts as one, 0.3 for 30 % of it."""

    weight: Share


class RetentionDefinitionIn(Body):
    """Who drifts away and who is lost.

    `cycles` are the expected days between purchases by product category. Those of others are estimated
    from the tenant's own purchases where `least_buyers` people have bought again, not at all when it
    is null. From `own_from_purchases` purchases of a category on, a customer's own rhythm counts;
    null for never. Without `time_zone`, days are the organisation's.
    """

    cycles: Annotated[dict[Category, Days], Field(max_length=MOST_CYCLES, default_factory=dict)]
    default_cycle_days: Days = _USUAL.default_cycle_days
    least_buyers: Annotated[int, Field(ge=1, le=1_000_000)] | None = _USUAL.least_buyers
    own_from_purchases: Annotated[int, Field(ge=2, le=1000)] | None = _USUAL.own_from_purchases
    drift_factor: Factor = "1.5"
    lapse_factor: Factor = "3"
    signs: Annotated[tuple[SignIn, ...], Field(max_length=MOST_SIGNS)] = ()
    high_value: MoneyIn | None = None
    early_days: Days = _USUAL.early_days
    evaluate_hour: Annotated[int, Field(ge=0, le=23)] = _USUAL.evaluate_hour
    time_zone: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class SignOut(ActOut):
    weight: str


class RetentionDefinitionOut(BaseModel):
    """The definition; nobody is judged while `is_defined` is false. `zone` is the one that counts."""

    version: int
    is_defined: bool
    cycles: dict[str, int]
    default_cycle_days: int
    least_buyers: int | None
    own_from_purchases: int | None
    drift_factor: str
    lapse_factor: str
    signs: list[SignOut]
    high_value: MoneyOut | None
    early_days: int
    evaluate_hour: int
    time_zone: str | None
    zone: str
    evaluated_at: datetime | None


class CustomerOut(BaseModel):
    """How a customer stands. `drifts_at` and `lapses_at` are when they do if nothing happens."""

    id: UUID
    version: int
    person_id: UUID
    state: CustomerState
    state_since: datetime
    first_bought_at: datetime
    last_bought_at: datetime
    purchases: int
    category: str
    cycle_days: int
    cycle_source: CycleSource
    drifts_at: datetime
    lapses_at: datetime
    turnover: MoneyOut | None
    value_band: ValueBand | None


class RhythmOut(BaseModel):
    """How somebody buys of a category: every so many days (null after one purchase), and since when not."""

    category: str
    purchases: int
    every_days: int | None
    last_bought_at: datetime
    days_since: int
    cycle_days: int
    cycle_source: CycleSource
    cycles_since: str


class LossOut(BaseModel):
    """A time as a customer that has ended.

    `reason` is what somebody entered, `order_reason` the key of the reason of their last return,
    refund or cancelled order in that time.
    """

    customer_id: UUID
    person_id: UUID | None
    began_at: datetime
    lost_at: datetime
    last_bought_at: datetime
    value_band: ValueBand | None
    turnover: MoneyOut | None
    timing: Timing
    reason: str | None
    order_reason: str | None


class ExplainedCustomerOut(CustomerOut):
    """How a customer stands, and why. `counted_from` is where their clock runs from."""

    as_of: datetime
    counted_from: datetime
    rhythms: list[RhythmOut]
    losses: list[LossOut]
    explanation: str
    definitions: dict[str, str]


class LossReasonIn(Body):
    """Why a customer was lost, as a key of the tenant's own, such as `price`; null takes it back."""

    reason: Key | None


class CycleOut(BaseModel):
    """An expected cycle; `category` is empty for all together. `buyers` have shown an estimated one."""

    category: str
    days: int
    source: CycleSource
    buyers: int | None


class CyclesOut(BaseModel):
    items: list[CycleOut]
    definitions: dict[str, str]


class RatesQuery(Query):
    """Which periods: all of a length that have any of the days."""

    by: Length = Length.MONTH
    first_on: Day
    last_on: Day


class RateOut(BaseModel):
    """A period. Rates are in per cent to two places, null without customers at the start."""

    period: str
    first_on: date
    last_on: date
    is_over: bool
    customers_at_start: int
    retained: int
    lost: int
    new: int
    returned: int
    customers_at_end: int
    retention_rate: str | None
    loss_rate: str | None


class RatesOut(BaseModel):
    by: Length
    zone: str
    as_of: datetime
    items: list[RateOut]
    definitions: dict[str, str]


class CohortsQuery(Query):
    """Whose first purchase was in a month that has any of the days, and how many months are told."""

    first_on: Day
    last_on: Day
    months: Annotated[int, Field(ge=1, le=36)] = 12


class CohortMonthOut(BaseModel):
    """How many of the cohort bought in the month that comes `month` after their first."""

    month: int
    buyers: int
    percent: str


class CohortOut(BaseModel):
    first_month: str
    size: int
    months: list[CohortMonthOut]


class CohortsOut(BaseModel):
    zone: str
    as_of: datetime
    items: list[CohortOut]
    definitions: dict[str, str]


class LossKindOut(BaseModel):
    """Losses of a kind; null for what is not known."""

    key: str | None
    customers: int
    turnover: MoneyOut | None


class LossesOut(BaseModel):
    """What was lost in a period, by reason, by value and by time."""

    period: str
    first_on: date
    last_on: date
    zone: str
    as_of: datetime
    customers: int
    turnover: MoneyOut | None
    by_reason: list[LossKindOut]
    by_value: list[LossKindOut]
    by_timing: list[LossKindOut]
    definitions: dict[str, str]


class LossesQuery(Query):
    """The month, quarter or year that a day is in."""

    by: Length = Length.MONTH
    day: Day


def rules_in(body: RetentionDefinitionIn) -> Rules:
    """The rules that a body asks for. Raises `Invalid` for what is no money."""
    return Rules(
        cycles=dict(body.cycles),
        default_cycle_days=body.default_cycle_days,
        least_buyers=body.least_buyers,
        own_from_purchases=body.own_from_purchases,
        drift_factor=Decimal(body.drift_factor),
        lapse_factor=Decimal(body.lapse_factor),
        signs=tuple(Sign(sign.act(), Decimal(sign.weight)) for sign in body.signs),
        high_value=None if body.high_value is None else worth_in(body.high_value, "/high_value"),
        early_days=body.early_days,
        evaluate_hour=body.evaluate_hour,
        time_zone=body.time_zone,
    )


def shown(definition: RetentionDefinition) -> dict[str, Any]:
    """The definition as the API shows it."""
    rules = definition.rules
    names = "default_cycle_days least_buyers own_from_purchases early_days evaluate_hour time_zone"
    return {
        "version": definition.version,
        "is_defined": definition.is_defined,
        "cycles": dict(rules.cycles),
        **{name: getattr(rules, name) for name in names.split()},
        "drift_factor": decimal_out(rules.drift_factor),
        "lapse_factor": decimal_out(rules.lapse_factor),
        "signs": [
            {**act_out(sign.act), "weight": decimal_out(sign.weight)} for sign in rules.signs
        ],
        "high_value": money_out(rules.high_value),
        "zone": definition.zone.key,
        "evaluated_at": definition.evaluated_at,
    }
