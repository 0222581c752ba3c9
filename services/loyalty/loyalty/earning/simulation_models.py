"""Simulations as the REST face takes and shows them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Moment
from chassis.http.money import MoneyOut
from loyalty.earning.simulating import Span
from loyalty.earning_rules.models import TermsIn


class RangeIn(Body):
    """What happened from one instant up to another: a year and a day at most, ten years for a job."""

    since: Moment
    until: Moment
    top: Annotated[int, Field(ge=1, le=100)] = 10


class DraftIn(RangeIn):
    """A rule for a program, and the range to try it on."""

    program_id: UUID
    rule: TermsIn


class MonthOut(BaseModel):
    """What would have been given in a month, such as `2031-03`."""

    month: str
    points: int
    before: int
    after: int
    members: int


class TopOut(BaseModel):
    """A member who would have got most."""

    member_id: UUID
    points: int
    times: int


class SimulationOut(BaseModel):
    """What a rule would have given; `reasons` count why it would not have."""

    happenings: int
    members: int
    members_earning: int
    points: int
    before: int
    after: int
    cost: MoneyOut
    months: list[MonthOut]
    top: list[TopOut]
    reasons: dict[str, int]
    definitions: dict[str, str]


def range_in(body: RangeIn) -> Span:
    """The range that a body asks for, whether it can be or not."""
    return Span(body.since, body.until, body.top)
