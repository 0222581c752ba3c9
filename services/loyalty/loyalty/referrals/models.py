"""Referrals and what they bring, as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Moment
from chassis.http.money import MoneyOut, money_out
from chassis.http.query_string import Query
from loyalty.referrals.domain import Reason, Referral, ReferralState, Side

REPORT_DEFINITIONS = {
    "invited": "Friends who came by a code in the period, whatever became of them.",
    "completed": "Of these, those whose first order was delivered and was worth enough, undone or not.",
    "conversion_percent": "Completed / invited x 100, rounded half up to two places.",
    "rewarded": "Of these, those for whom both sides have what is due.",
    "points": "What was given to both sides as points and not taken back.",
    "revenue": "What was delivered to these friends since they came, less what was paid back, with"
    " tax, by currency; without friends who were erased.",
}


class ReferralIn(Body):
    """Who came, and by which code, however it was typed."""

    code: Annotated[str, Field(min_length=1, max_length=100)]
    friend_person_id: UUID


class RewardOut(BaseModel):
    """What one side was given."""

    side: Side
    member_id: UUID
    points: int
    given_at: datetime


class ReferralOut(BaseModel):
    """A friend who came by a member's code.

    `reason` says why it does not count or is held. `capped`: whoever recommended has been rewarded
    for as many friends as count. `due` names the sides that are rewarded once they are members.
    """

    id: UUID
    version: int
    program_id: UUID
    code_id: UUID
    referrer_person_id: UUID | None
    friend_person_id: UUID | None
    state: ReferralState
    reason: Reason | None
    claimed_at: datetime
    expires_at: datetime
    completed_at: datetime | None
    order_id: UUID | None
    order_value: MoneyOut | None
    capped: bool
    rewards: list[RewardOut]
    due: list[Side]
    decided_by: str
    updated_at: datetime


class ReportQuery(Query):
    """Of which time: friends who came from one instant on, and before another."""

    claimed_from: Moment | None = None
    claimed_before: Moment | None = None


class ReferralReportOut(BaseModel):
    """What recommendations have brought. `refused` and `states` count by reason and state."""

    program_id: UUID
    member_id: UUID | None
    as_of: datetime
    invited: int
    completed: int
    rewarded: int
    conversion_percent: str
    states: dict[str, int]
    refused: dict[str, int]
    points: int
    revenue: list[MoneyOut]
    definitions: dict[str, str]


def shown(referral: Referral) -> dict[str, Any]:
    """A referral as the API shows one."""
    plain = set(ReferralOut.model_fields) - {"order_value", "rewards", "due"}
    return {
        **{name: getattr(referral, name) for name in plain},
        "order_value": money_out(referral.order_value),
        "rewards": [
            {"side": side, "member_id": one.member_id, "points": one.points, "given_at": one.at}
            for side, one in referral.rewards.items()
        ],
        "due": list(referral.due) if referral.state is ReferralState.COMPLETED else [],
    }
