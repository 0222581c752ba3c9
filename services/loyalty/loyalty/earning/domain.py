"""What became of a judgement, and how many of its points go back when money does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID


class Outcome(StrEnum):
    """Whether points were given: `held` ones wait for a review, and may be `refused` by it."""

    EARNED = "earned"
    NOTHING = "nothing"
    HELD = "held"
    BLOCKED = "blocked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Share:
    """What a line of an order has to do with the points of a rule.

    Of `amount` (with tax) so much was `refunded`; `weight` says which part of the points is due to it.
    """

    line_id: str
    amount: Decimal
    weight: Fraction
    refunded: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Earning:
    """Points that a rule gave for something about an order, and how many of them went back."""

    id: UUID
    member_id: UUID
    rule_id: UUID
    kind: str
    key: str
    reference: str
    happened_at: datetime
    outcome: Outcome
    points: int
    taken_back: int
    shares: Sequence[Share]


def after_refunds(
    earnings: Sequence[Earning], refunded: Mapping[str, Decimal]
) -> Sequence[Earning]:
    """The earnings of one rule and kind for an order, after so much was refunded of each line in all.

    Money that is not attributed yet goes to the latest delivery of its line first, and stays there.
    Of an earning goes back, rounded down, the part of its points that is due to what was refunded;
    when all was, exactly all of them. Points that are back once stay so.
    """
    latest_first = sorted(earnings, key=lambda one: (one.happened_at, one.id), reverse=True)
    left = dict(refunded)
    for one in earnings:
        for share in one.shares:
            left[share.line_id] = left.get(share.line_id, Decimal(0)) - share.refunded
    return [_refunded(one, left) for one in latest_first]


def _refunded(earning: Earning, left: dict[str, Decimal]) -> Earning:
    shares = []
    for share in earning.shares:
        more = max(Decimal(0), min(left[share.line_id], share.amount - share.refunded))
        left[share.line_id] -= more
        shares.append(replace(share, refunded=share.refunded + more))
    back = int(earning.points * _part_refunded(shares))
    return replace(earning, shares=shares, taken_back=max(earning.taken_back, back))


def _part_refunded(shares: Sequence[Share]) -> Fraction:
    whole = sum((share.weight for share in shares), Fraction(0))
    if not whole:
        return Fraction(0)
    back = sum(
        (
            share.weight * Fraction(share.refunded) / Fraction(share.amount)
            for share in shares
            if share.amount
        ),
        Fraction(0),
    )
    return back / whole
