"""Points that wait for a review: they are given once it is cleared, or never."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from loyalty.earning.domain import Outcome
from loyalty.earning.storage import (
    earnings_of_review,
    lock,
    note_decision,
    orders_of_review,
)
from loyalty.ledger.domain import Cause
from loyalty.ledger.operations import earn
from loyalty.transaction import LoyaltyTx


def release_held(tx: LoyaltyTx, review_id: UUID) -> None:
    """Give the points that wait for a review, less what was taken back in the meantime.

    They count when they would have counted without it.
    """
    for row in _held(tx, review_id):
        points = row["points"] - row["taken_back"]
        if points:
            earn(
                tx,
                row["member_id"],
                points,
                cause_of(row["rule_id"], row["kind"], row["key"], row["reference"]),
                pending_until=row["counts_from"],
            )
        note_decision(tx, row["id"], Outcome.EARNED)


def refuse_held(tx: LoyaltyTx, review_id: UUID) -> None:
    """Give nothing of what waits for a review, for good."""
    for row in _held(tx, review_id):
        note_decision(tx, row["id"], Outcome.REFUSED)


def cause_of(rule_id: UUID, kind: str, key: str, reference: str) -> Cause:
    """Why a rule gives points: once for what happened, however often it is told."""
    return Cause("earning", f"{rule_id}:{kind}:{key}", reference)


def _held(tx: LoyaltyTx, review_id: UUID) -> Sequence[Mapping[str, Any]]:
    """The rows, after the lock that whoever takes back points of the same order takes first."""
    for order_id in orders_of_review(tx, review_id):
        lock(tx, f"order {order_id}")
    return earnings_of_review(tx, review_id)
