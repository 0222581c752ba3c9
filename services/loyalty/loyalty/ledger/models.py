"""The ledger as the REST face shows it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from chassis.http.body import Moment
from chassis.http.money import MoneyOut
from chassis.http.query_string import Query
from loyalty.ledger.domain import Account

LIABILITY_DEFINITIONS = {
    "outstanding": "Points that members have and may still spend: pending, available and reserved"
    " ones. What members owe is taken off.",
    "worth": "Outstanding points times what a point of the program is worth now.",
    "expiring": "Outstanding points by the month, in the program's time zone, at whose end they have"
    " expired. Those that expire only by inactivity, or never, stand without a month.",
    "breakage_percent": "Of the points that were spent or have expired until then, how many have"
    " expired, in per cent to two places; null while there are none.",
    "expected_worth": "The worth of the outstanding points if as many of them expire as did of those"
    " before.",
}


class BalancesOut(BaseModel):
    """A member's points by account. They add up to nothing: `issued` is the counterweight."""

    issued: int
    pending: int
    available: int
    reserved: int
    redeemed: int
    expired: int
    reversed: int


class LotOut(BaseModel):
    """Points that were earned together and are still there.

    They count from `counts_from` on; when that is null, from `earned_at` on. From `expires_at` on they
    have expired; when that is null they last as long as the member does something, or for good.
    `available` is below zero where the member owes some of them.
    """

    id: UUID
    earned_at: datetime
    counts_from: datetime | None
    expires_at: datetime | None
    pending: int
    available: int
    reserved: int


class MemberPointsOut(BaseModel):
    """What a member has now, in the order in which it is spent.

    `next_expiry_at` and `expiring` say when the next points expire and how many; `last_on` is the last day
    on which they can be spent, by the member's clock.
    """

    member_id: UUID
    program_id: UUID
    as_of: datetime
    time_zone: str
    balances: BalancesOut
    earned: int
    next_expiry_at: datetime | None
    last_on: str | None
    expiring: int
    lots: list[LotOut]


class EntryOut(BaseModel):
    """One line: so many points into an account, or out of it, of a lot."""

    account: Account
    points: int
    lot_id: UUID


class LedgerTransactionOut(BaseModel):
    """What moved points, and what there was after it.

    `number` counts the member's transactions; null for one that moved nothing. `short` is how many points
    were to be taken and were not there. `about_id` is the transaction that it undoes or ends.
    """

    id: UUID
    number: int | None
    kind: str
    key: str
    reference: str
    points: int
    short: int
    about_id: UUID | None
    at: datetime
    recorded_at: datetime
    actor: str
    entries: list[EntryOut]
    balances_after: BalancesOut


class LiabilityQuery(Query):
    program_id: UUID
    as_of: Moment | None = None


class ExpiringOut(BaseModel):
    """Points that expire by the end of a month, such as `2031-12`; null for those without a day."""

    month: str | None
    points: int
    worth: MoneyOut


class LiabilityOut(BaseModel):
    """What a program owes its members in points, and what that is worth."""

    program_id: UUID
    as_of: datetime
    balances: BalancesOut
    outstanding: int
    point_value: str
    worth: MoneyOut
    expiring: list[ExpiringOut]
    breakage_percent: str | None
    expected_worth: MoneyOut
    definitions: dict[str, str]


class RecountIn(Query):
    program_id: UUID | None = None
    member_id: UUID | None = None


class DifferenceOut(BaseModel):
    """Something that is not what the entries say. `what` is a balance, a lot, or a transaction."""

    what: str
    id: UUID
    account: str
    kept: int
    counted: int


class RecountOut(BaseModel):
    """What was counted anew from the entries, and what differs: nothing, as long as all is right."""

    as_of: datetime
    transactions: int
    entries: int
    members: int
    lots: int
    is_right: bool
    differences: list[DifferenceOut]
