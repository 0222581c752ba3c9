"""What was judged, as the REST face shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from chassis.http.money import MoneyOut, amount_out
from chassis.money import rounded
from loyalty.earning.domain import Outcome
from loyalty.earning_terms.domain import CapMeasure, CapPeriod
from loyalty.happenings.domain import HappeningKind


class CutOut(BaseModel):
    """A cap that left fewer points: of its `limit` so much was `used` before."""

    measure: CapMeasure
    per: CapPeriod
    limit: int
    used: int


class EarningOut(BaseModel):
    """What a rule gave a member for something that happened, and why, or why not.

    `computed` points came to `points` by `cuts`; `taken_back` of them went back, with money. Without
    any, `reason` says why: `not_a_member` (then), `window`, `weekday`, `hour`, `tier`, `lines` (none
    that count), `condition`, `condition_unanswered` (it asks for what is not there), `currency`,
    `nothing` (less than a point), `cap`, `group` (another rule counts), `limit` (see `review_id`).
    What a tier gives on top is shown like a rule, with its `tier` and the revision of the tiers as
    `number`. They count from `counts_from`, at once without it; and towards caps of the day `counted_on`.
    """

    id: UUID
    program_id: UUID
    member_id: UUID
    rule_id: UUID
    number: int
    tier: str | None
    kind: HappeningKind
    key: str
    order_id: UUID | None
    reference: str
    happened_at: datetime
    judged_at: datetime
    counted_on: date
    outcome: Outcome
    reason: str
    base_amount: MoneyOut | None
    computed: int
    points: int
    taken_back: int
    cuts: list[CutOut]
    counts_from: datetime | None
    review_id: UUID | None
    created_at: datetime


_SHOWN_OTHERWISE = ("base_amount",)


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of what was judged as the API shows it."""
    amount, currency = row["base_amount"], row["currency"]
    known = amount is not None and currency is not None
    return {
        **{name: row[name] for name in EarningOut.model_fields if name not in _SHOWN_OTHERWISE},
        "base_amount": amount_out(rounded(amount, currency), currency) if known else None,
    }
