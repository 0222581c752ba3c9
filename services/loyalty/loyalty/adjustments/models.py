"""Adjustments as the REST face takes and shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Moment
from loyalty.adjustments.domain import Adjustment, AdjustmentState
from loyalty.ledger.domain import MOST_POINTS
from loyalty.names import Reason


class AdjustmentIn(Body):
    """Points to give a member, or below zero to take, and why.

    With `expires_at` points that are given expire then, and not by the program's policy: as a
    gesture that is to be used soon, or as they were in a program from before.
    """

    member_id: UUID
    points: Annotated[int, Field(ge=-MOST_POINTS, le=MOST_POINTS)]
    reason: Reason
    expires_at: Moment | None = None


class RejectionIn(Body):
    reason: Reason


class AdjustmentOut(BaseModel):
    """Points given or taken by hand.

    One that is `waiting` needs a second person until `waits_until`. `transaction_id` is that of the ledger
    once it was made.
    """

    id: UUID
    version: int
    program_id: UUID
    member_id: UUID
    points: int
    reason: str
    expires_at: datetime | None
    state: AdjustmentState
    asked_by: str
    asked_on: date
    waits_until: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str
    transaction_id: UUID | None
    created_at: datetime
    updated_at: datetime


def shown(given: Adjustment) -> dict[str, Any]:
    """An adjustment as the API shows one."""
    return {name: getattr(given, name) for name in AdjustmentOut.model_fields}
